/**
 * Requests that work with a real database, alone and in a crowd, the first in the process that is
 * profiled and a later one: their profiles against their own clocks.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, POSTGRES, startPostgres } from '../support/databases.js'
import { outline } from '../support/paths.js'
import { alone, inACrowd } from './crowd.js'

/** What is done, and its calls and waits in their order, where that is certain. */
const WORKLOADS: Readonly<Record<string, string | null>> = {
  timers: `
    timers
      own
      waitTimer
        [await] timer 30 ms`,
  promises: `
    promises
      own
      waitQuery
        [await] pg query`,
  callbacks: null,
  queued: null,
  cursor: null,
  stream: `
    stream
      readRows
        [await] pg query
        own
        [await] pg read`,
  parsing: `
    parsing
      waitQuery
        [await] pg query
        own`,
  orm: `
    orm
      own
      waitSelect
        [await] pg query`,
}
const FUNCTIONS = ['waitTimer', 'waitQuery', 'readRows', 'waitSelect']
/** Ms: what is shorter is of no interest. */
const LEAST = 10

let postgres: Database
beforeAll(async () => {
  if (POSTGRES) postgres = await startPostgres()
})
afterAll(async () => postgres?.stop())

describe.skipIf(POSTGRES === null).each(Object.entries(WORKLOADS))('%s', (workload, tree) => {
  test('alone', async () => {
    for (const { recorded, untruths } of await alone({ postgres: postgres.port }, workload)) {
      const { id } = recorded.clocked
      expect.soft(untruths, id).toEqual([])
      const lines = outline(recorded.profile, [workload, id, ...FUNCTIONS], LEAST).join('\n')
      const shown = lines.replaceAll(id, 'own').replace(/ 127.0.0.1:\d+/g, '')
      if (tree !== null) expect.soft(shown, id).toBe(tree.replaceAll('\n    ', '\n').trim())
    }
  })

  test('in a crowd', async () => {
    for (const { recorded, untruths } of await inACrowd({ postgres: postgres.port }, workload))
      expect.soft(untruths, recorded.clocked.id).toEqual([])
  })
})
