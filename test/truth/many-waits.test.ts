/** Forty queries, one after another, at once, and through a pool of one: what is said of them. */
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findingsOf } from '../../src/render/findings/findings.js'
import { type Database, POSTGRES, startPostgres } from '../support/databases.js'
import { record } from '../support/recorded.js'

const QUERIES = 40
/** Ms: what two clocks may differ by in one wait. */
const READING = 1

interface Pool {
  query(sql: string): Promise<unknown>
  end(): Promise<void>
}
const pg = createRequire(import.meta.url)('pg') as { Pool: new (options: object) => Pool }

let postgres: Database
const pools: Pool[] = []
beforeAll(async () => {
  if (POSTGRES) postgres = await startPostgres()
})
afterAll(async () => {
  for (const pool of pools) await pool.end()
  await postgres?.stop()
})

async function poolOf(max: number): Promise<Pool> {
  const { port } = postgres
  const pool = new pg.Pool({ host: 'localhost', port, user: 'postgres', database: 'postgres', max })
  pools.push(pool)
  await Promise.all(Array.from({ length: max }, () => pool.query('select pg_sleep(0.01)')))
  return pool
}

/** How long each took, as who waited clocks it, ms. */
class Clock {
  readonly lengths: number[] = []
  readonly #sql: string

  constructor(ms: number) {
    this.#sql = `select pg_sleep(${ms / 1000})`
  }

  async query(pool: Pool): Promise<void> {
    const start = performance.now()
    await pool.query(this.#sql)
    this.lengths.push(performance.now() - start)
  }
}

async function oneAfterAnother(clock: Clock, pool: Pool): Promise<void> {
  for (let i = 0; i < QUERIES; i++) await clock.query(pool)
}

async function atOnce(clock: Clock, pool: Pool): Promise<void> {
  await Promise.all(Array.from({ length: QUERIES }, () => clock.query(pool)))
}

describe.skipIf(POSTGRES === null)('forty queries', () => {
  test.each([
    ['one after another', 5, oneAfterAnother],
    // All of them are asked before the first one answers, also on a busy machine.
    ['at once', 200, atOnce],
  ])('%s', async (manner, ms, queries) => {
    const pool = await poolOf(QUERIES)
    const clock = new Clock(ms)
    const profile = await record(() => queries(clock, pool))
    const [said] = findingsOf(profile)
      .map(({ text }) => /^Waiting: 40 waits (.*) on pg query .*\(longest (\S+) ms\)/.exec(text))
      .filter((found) => found !== null)
    expect(said?.[1]).toBe(manner)
    expect(Number(said![2])).toBeLessThan(Math.max(...clock.lengths) + READING)
    expect(Number(said![2])).toBeGreaterThan(ms - READING)
    const waits = profile.waits.filter(({ count }) => count === QUERIES)
    expect(waits.map(({ mostAtOnce }) => mostAtOnce)).toEqual([queries === atOnce ? QUERIES : 1])
    const sum = clock.lengths.reduce((all, length) => all + length, 0)
    expect(waits[0]!.totalMicros / 1000).toBeLessThan(sum + READING * QUERIES)
    expect(waits[0]!.totalMicros / 1000).toBeGreaterThan(QUERIES * (ms - READING))
  })
})
