/**
 * Requests that are kept afterwards, without having been triggered: what they say they waited for,
 * against their own clocks.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitsByStack } from '../../src/profile/wait-counts.js'
import { type Database, POSTGRES, startPostgres } from '../support/databases.js'
import { recordedOf, startProgram } from './truth.js'

/** Each asks the database three times for an answer that takes it 30 ms. */
const WORKLOADS = ['promises', 'callbacks', 'queued', 'parsing', 'orm']
/** Ms: shorter waits may have no time of their own beside the code around them. */
const LEAST = 1
/** Ms: what two clocks may differ by in one wait. */
const READING = 0.5

let postgres: Database
beforeAll(async () => {
  if (POSTGRES) postgres = await startPostgres()
})
afterAll(async () => postgres?.stop())

describe.skipIf(POSTGRES === null)('slow', () => {
  test.each(WORKLOADS)('%s', async (workload) => {
    const options = { slow: 20 }
    const program = await startProgram({ postgres: postgres.port, express: true, options })
    await program.ask({ path: '/prepare' }, { path: `/${workload}?id=own_warm` })
    await program.ask({ path: `/${workload}?id=own_1` })
    const [recorded] = await recordedOf(program, 'own_1')
    const { profile, clocked } = recorded!
    const lengths = clocked.waits.map(({ start, end }) => (end - start) / 1000)
    const told = [...waitsByStack(profile)]
      .map(([stack, wait]) => ({ ...wait, ...profile.frames[profile.stacks.frame[stack]!]! }))
      .filter(({ longestMicros }) => longestMicros > 1000 * LEAST)
    const database = told.filter(({ name }) => name === `[await] pg 127.0.0.1:${postgres.port}`)
    expect(database.map(({ count }) => count)).toEqual([3])
    const { totalMicros, longestMicros } = database[0]!
    const sum = lengths.reduce((total, length) => total + length, 0)
    expect(totalMicros / 1000).toBeLessThan(sum + 3 * READING)
    expect(longestMicros / 1000).toBeLessThan(Math.max(...lengths) + READING)
    const others = told.filter((wait) => !database.includes(wait)).map(({ name }) => name)
    const pool = `[await] pg pool 127.0.0.1:${postgres.port}`
    expect(others.filter((name) => name !== pool)).toEqual([])
  })
})
