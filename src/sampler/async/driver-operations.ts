/**
 * What a driver was asked for, by the call chain in which it wrote to its connection: the package
 * whose code wrote, and the function of it that somebody else's code called.
 *
 *     handler › save › query › connect › query › submit › write
 *     app       orm    pg-pool           pg                      →  pg query
 */
import { ANONYMOUS, packageOf } from '../../profile/frames.js'
import { isEngine } from '../engine-frames.js'
import type { StackId, StackTable } from '../stack-table.js'

/** `pg query`, or `pg` where what was called has no name of its own; '' where the app wrote. */
export function operationOf(chain: StackId, stacks: StackTable): string {
  let driver = ''
  let called = ''
  let cursor = ''
  for (let id = chain; id > 0; id = stacks.parent[id]!) {
    const frame = stacks.frames[stacks.frame[id]!]!
    // Between two of a driver's functions there may be an emitter or a stream.
    if (isEngine(frame)) continue
    const owner = driverOf(packageOf(frame))
    if (driver === '') driver = owner
    if (driver === '') return ''
    if (owner !== driver) return isPublic(called) ? `${driver} ${called}` : driver
    cursor ||= (CURSOR.exec(frame.file)?.[1] ?? '').replace('aggregation', 'aggregate')
    called = cursor !== '' && IN_CURSOR.test(frame.file) ? cursor : methodOf(frame.name)
  }
  // Nobody is known to have called it: it is a callback of the driver's own.
  return called === cursor && cursor !== '' ? `${driver} ${cursor}` : driver
}

/** `knex pool`, where a package waits for a connection to become free; else ''. */
export function poolOf(chain: StackId, stacks: StackTable): string {
  let pool = ''
  for (let id = chain; id > 0; id = stacks.parent[id]!) {
    const frame = stacks.frames[stacks.frame[id]!]!
    if (isEngine(frame)) continue
    const owner = driverOf(packageOf(frame))
    if (owner === '') break
    if (ACQUIRES.test(frame.name)) pool = owner
  }
  return pool === '' || pool.includes('pool') ? pool : `${pool} pool`
}

// --- internal ---

/** How pools call it: tarn, knex, generic-pool, sequelize, mongodb. */
const ACQUIRES = /(^|[._])(acquire(Connection|Resource)?|getConnection|checkOut)$/

/** Packages that are parts of one driver. */
const PARTS = new Map([
  ...['pg-pool', 'pg-protocol', 'pg-cursor', 'pg-query-stream'].map(
    (part) => [part, 'pg'] as const,
  ),
  ['ioredis', 'redis'],
  ['@redis/client', 'redis'],
])

function driverOf(name: string): string {
  return PARTS.get(name) ?? name
}

/** `query`, also of what V8 calls `Client.query`; `read` of a stream that Node asks for more. */
function methodOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).replace(STREAMS, '$1')
}

/** A cursor asks when it is read: what for, the file of its class tells. */
const IN_CURSOR = /[\\/]mongodb[\\/]lib[\\/]cursor[\\/]/
const CURSOR = /[\\/]mongodb[\\/]lib[\\/]cursor[\\/](find|aggregation)_cursor\.js$/

const STREAMS = /^_(read|write|writev|final|transform|flush)$/

/** A name that says something; some drivers ask when what they return is awaited. */
function isPublic(name: string): boolean {
  return name !== ANONYMOUS && name !== 'then' && /^[a-z][\w$]*$/i.test(name)
}
