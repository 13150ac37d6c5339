/** What a driver was asked for, by call chains written by hand: `package/function`, root first. */
import { expect, test } from 'vitest'
import { operationOf } from '../../src/sampler/async/driver-operations.js'
import { newStacks } from '../support/sampler-parts.js'

function operationIn(chain: string): string {
  const stacks = newStacks()
  const path = chain.split(' › ').map((each, i) => {
    const cut = each.lastIndexOf('/')
    const [owner, name] = [each.slice(0, cut), each.slice(cut + 1)]
    const place = owner.includes('.js') ? owner : `${owner}/x.js`
    const file = owner === 'app' ? '/app/x.js' : `/app/node_modules/${place}`
    return stacks.intern(name, owner.startsWith('node:') ? owner : file, i + 1, 1, true)
  })
  return operationOf(stacks.of(path), stacks)
}

const CURSORS = 'mongodb/lib/cursor'

test.each([
  [
    'the function that the app called',
    'app/save › mysql2/execute › mysql2/write',
    'mysql2 execute',
  ],
  ['or a mapper', 'app/save › knex/query › tedious/execSql › tedious/send', 'tedious execSql'],
  [
    'the last one, where its answer led to another',
    'app/save › pg/query › pg/_send › pg-protocol/parse › app/saved › pg/end › pg/_send',
    'pg end',
  ],
  [
    'parts of one driver are one',
    'app/save › pg-pool/query › pg-pool/_acquireClient › pg/query › pg/_send',
    'pg query',
  ],
  [
    'Node is none of it',
    'app/each › node:internal/streams/readable/read › pg-query-stream/_read › pg/execute',
    'pg read',
  ],
  [
    'a method is called by its own name',
    'app/save › ioredis/Pipeline.exec › ioredis/write',
    'redis exec',
  ],
  [
    'a scope is part of a package',
    'app/save › @some/driver/find › @some/driver/send',
    '@some/driver find',
  ],
  ['what has no name', 'app/save › ioredis/(anonymous) › ioredis/sendCommand', 'redis'],
  ['what is asked when it is awaited', 'app/save › postgres/then › postgres/write', 'postgres'],
  ['what is a secret of the driver', 'app/save › pg/_connect › pg/startup', 'pg'],
  ['a callback of the driver that nobody is known to have called', 'pg/drain › pg/write', 'pg'],
  [
    'what a cursor is for, which asks when it is read',
    `app/save › ${CURSORS}/abstract_cursor.js/toArray › ${CURSORS}/find_cursor.js/_initialize › mongodb/command`,
    'mongodb find',
  ],
  [
    'of the app, and not of a cursor in between',
    `app/save › mongodb/findOne › ${CURSORS}/abstract_cursor.js/next › ${CURSORS}/find_cursor.js/_initialize`,
    'mongodb findOne',
  ],
  [
    'of an aggregation',
    `app/save › ${CURSORS}/abstract_cursor.js/(anonymous) › ${CURSORS}/aggregation_cursor.js/_initialize`,
    'mongodb aggregate',
  ],
  ['the app itself', 'express/handle › app/save', ''],
  ['nothing known', 'node:net/connect', ''],
])('%s', (_what, chain, operation) => {
  expect(operationIn(chain)).toBe(operation)
})
