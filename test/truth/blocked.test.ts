/**
 * Who delayed a request, and for how long: against the clocks of both. The neighbour is in flight
 * before anything is profiled, as all are whom a trigger meets.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, POSTGRES, startPostgres } from '../support/databases.js'
import { blockedInTruth, untruths } from './judge.js'
import { type AppSettings, type Program, recordedOf, startProgram } from './truth.js'

const LATER = { path: '/nothing?profile=1' }

let postgres: Database | null = null
beforeAll(async () => {
  if (POSTGRES) postgres = await startPostgres()
})
afterAll(async () => postgres?.stop())

/** Its database is ready, its code has run once. */
async function program(settings: AppSettings, isLater: boolean): Promise<Program> {
  const program = await startProgram(settings)
  if (settings.postgres) await program.ask({ path: '/prepare' })
  await program.ask({ path: '/hog?after=1&busy=20&id=own_warm' })
  if (isLater) await program.ask(LATER)
  return program
}

/** The request comes half-way between the neighbour and what both wait for. */
async function meet(program: Program, hog: string, path: string) {
  await program.ask(
    { path: `/hog?id=crowd_hog&${hog}` },
    { path: `${path}id=own_a&profile=1`, at: 60 },
  )
  const [recorded] = await recordedOf(program, 'own_a')
  return recorded!
}

describe.each([
  { name: 'the first that is profiled', isLater: false },
  { name: 'a later one', isLater: true },
])('$name', ({ isLater }) => {
  test('a timer that is due while a neighbour is busy is blocked from then on', async () => {
    const held = await meet(await program({}, isLater), 'busy=100', '/lateTimer?into=30&')
    expect(blockedInTruth(held)).toBeGreaterThan(50_000)
    expect(untruths(held)).toEqual([])
  })

  test('a timer is not blocked by what is over before it is due', async () => {
    const held = await meet(await program({}, isLater), 'busy=100', '/lateTimer?into=250&')
    expect(untruths(held)).toEqual([])
  })

  test('nor by a neighbour that comes and goes in its middle', async () => {
    const running = await program({}, isLater)
    await running.ask(
      { path: '/timers?ms=500&id=own_a&profile=1' },
      ...[150, 700, 1250].map((at) => ({ path: '/hog?after=1&busy=200&id=crowd_hog', at })),
    )
    const [held] = await recordedOf(running, 'own_a')
    expect(untruths(held!)).toEqual([])
  })

  test('an immediate is blocked by the one before it', async () => {
    const held = await meet(
      await program({}, isLater),
      'wait=immediate&busy=100',
      '/lateImmediate?',
    )
    expect(blockedInTruth(held)).toBeGreaterThan(90_000)
    expect(untruths(held)).toEqual([])
  })

  test('a promise is blocked by whoever settles it and goes on', async () => {
    const held = await meet(await program({}, isLater), 'busy=100', '/latePromise?')
    expect(blockedInTruth(held)).toBeGreaterThan(90_000)
    expect(untruths(held)).toEqual([])
  })

  test.skipIf(POSTGRES === null)(
    'an answer of a database that comes while a neighbour is busy is blocked at most since then',
    async () => {
      const settings = { postgres: postgres!.port }
      const held = await meet(await program(settings, isLater), 'busy=400', '/lateAnswer?into=50&')
      expect(blockedInTruth(held)).toBeGreaterThan(50_000)
      expect(untruths(held)).toEqual([])
      const { blocked } = held.profile.sources[0]!.ledger
      expect(blocked / blockedInTruth(held)).toBeGreaterThan(0.9)
    },
  )
})
