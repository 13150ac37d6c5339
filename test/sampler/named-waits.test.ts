/** What a request waited for whose awaits are not followed, by the workload's own clock. */
import { EventEmitter } from 'node:events'
import { createServer, get } from 'node:http'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { profile } from '../../dist/bundle/index.mjs'
import type { Profile } from '../../src/profile/profile.js'
import { waitsByStack } from '../../src/profile/wait-counts.js'
import {
  Connection,
  type Database,
  type Driver,
  mysql2Pool,
  startDatabase,
} from '../support/pooled.js'
import { asBystander } from '../support/recorded.js'
import { sleep } from '../support/waits.mjs'

const load = createRequire(import.meta.url)
let database: Database
let db = ''
const web = createServer((_request, response) => {
  setTimeout(() => response.write('some'), 15)
  setTimeout(() => response.end('more'), 30)
})
let webPort = 0
beforeAll(async () => {
  database = await startDatabase()
  db = `127.0.0.1:${database.port}`
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  webPort = (web.address() as AddressInfo).port
})
afterAll(() => {
  web.closeAllConnections()
  web.close()
  return database.stop()
})

const ask = (driver: Driver): Promise<void> =>
  new Promise((resolve) => driver.query(() => {}, resolve))

interface Told {
  readonly count: number
  readonly totalMs: number
  readonly longestMs: number
}

/** What is told of each `[await]` by name; such as are shorter than a millisecond left out. */
function toldOf(recorded: Profile): Record<string, Told> {
  const told: Record<string, Told> = {}
  for (const [stack, { count, totalMicros, longestMicros }] of waitsByStack(recorded)) {
    const { name } = recorded.frames[recorded.stacks.frame[stack]!]!
    if (totalMicros < 1000) continue
    told[name] = { count, totalMs: totalMicros / 1000, longestMs: longestMicros / 1000 }
  }
  return told
}

type Work = (clock: (wait: () => Promise<unknown>) => Promise<void>) => Promise<void>

/**
 * Runs it with nobody's awaits followed; its waits, and how long each `clocked` call took, ms.
 * Once more where a busy machine did not let the engine sample: then nobody knows for what.
 */
async function recordedOf(
  work: Work,
  left = 4,
): Promise<{ told: Record<string, Told>; clocked: number[] }> {
  const clocked: number[] = []
  const { profile: recorded } = await profile(
    () =>
      work(async (wait) => {
        const start = performance.now()
        await wait()
        clocked.push(performance.now() - start)
      }),
    { awaits: false },
  )
  const isKnown = recorded!.sources[0]!.ledger.unknown < 1000
  if (!isKnown && left > 0) return recordedOf(work, left - 1)
  return { told: toldOf(recorded!), clocked }
}

/** What the clocks of driver and recording may differ by, ms, in each wait. */
const READING = 0.5

/** As many as were clocked, each within them: before it is written and after it is read is ours. */
function expectClocked(told: Told | undefined, clocked: readonly number[]): void {
  expect(told?.count).toBe(clocked.length)
  const sum = clocked.reduce((total, each) => total + each, 0)
  expect(told!.totalMs).toBeLessThan(sum + READING * clocked.length)
  expect(told!.longestMs).toBeLessThan(Math.max(...clocked) + READING)
  expect(told!.totalMs).toBeGreaterThan(0)
}

/** The same work, with others about who do the same. */
async function among(count: number, work: () => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, i) => asBystander(`GET /${i}`, work)))
}

describe.each([{ others: 0 }, { others: 16 }])('among $others others', ({ others }) => {
  test('each answer of a connection is one wait, by its server’s name', async () => {
    const mine = new Connection(database.port)
    const theirs = Array.from({ length: others }, () => new Connection(database.port))
    await Promise.all([mine, ...theirs].map(ask))
    const crowd = Promise.all(
      theirs.map((driver, i) => asBystander(`GET /${i}`, () => ask(driver))),
    )
    const { told, clocked } = await recordedOf(async (clock) => {
      for (let i = 0; i < 4; i++) await clock(() => ask(mine))
    })
    await crowd
    expect(Object.keys(told)).toEqual([`[await] TCP ${db}`])
    expectClocked(told[`[await] TCP ${db}`], clocked)
    for (const driver of [mine, ...theirs]) driver.end()
  })

  test('a pool’s connection and its answer are told apart', async () => {
    const pool = mysql2Pool(database.port, 1)
    await ask(pool)
    const { told } = await recordedOf(async (clock) => {
      // Somebody else has the only connection.
      const before = among(others + 1, () => ask(pool))
      await clock(() => ask(pool))
      await before
    })
    pool.end()
    const names = Object.keys(told).sort()
    expect(names).toEqual([`[await] mysql2 ${db}`, `[await] mysql2 pool ${db}`])
    expect(told[`[await] mysql2 pool ${db}`]!.count).toBe(1)
    expect(told[`[await] mysql2 ${db}`]!.count).toBe(1)
  })
})

test('fetch and the HTTP client are waited for from the request to the end of the answer', async () => {
  const url = `http://127.0.0.1:${webPort}/secret?token=1`
  const { told, clocked } = await recordedOf(async (clock) => {
    await clock(() => fetch(url).then((answer) => answer.text()))
    await clock(
      () => new Promise((resolve) => void get(url, (answer) => answer.resume().on('end', resolve))),
    )
  })
  const names = [`[await] fetch GET 127.0.0.1:${webPort}`, `[await] HTTP GET 127.0.0.1:${webPort}`]
  expect(Object.keys(told).sort()).toEqual([...names].sort())
  names.forEach((name, i) => {
    expectClocked(told[name], [clocked[i]!])
    // Its second half comes 15 ms after the first.
    expect(told[name]!.totalMs).toBeGreaterThan(15)
  })
})

test('what does not answer is waited for to the end, if it has answered before', async () => {
  const [driver, silent] = [new Connection(database.port), new Connection(database.port)]
  await Promise.all([driver, silent].map(ask))
  const never = new Connection(database.port)
  const { told } = await recordedOf(async (clock) => {
    await ask(driver)
    await ask(silent)
    // No whole line, which the server goes on waiting for; the next one begins with it.
    for (const { stream } of [silent, never]) stream.write(' ')
    await clock(() => sleep(30))
  })
  for (const each of [driver, silent, never]) each.end()
  expect(Object.keys(told)).toEqual([`[await] TCP ${db}`])
  expect(told[`[await] TCP ${db}`]!.count).toBe(3)
  expect(told[`[await] TCP ${db}`]!.longestMs).toBeGreaterThan(20)
})

describe('what the app’s client gives up is not waited for any longer', () => {
  const MOST_MS = 20
  /** Long after it was given up. */
  const later = () => sleep(60)
  /** Node's timers count whole milliseconds: by a finer clock they may be early by one. */
  const byTimer = (clocked: readonly number[]) => clocked.map((each) => Math.max(each, MOST_MS))

  test('a pool’s connection', async () => {
    const Client = class extends EventEmitter {
      connect(done: () => void) {
        setImmediate(done)
      }
    }
    const Pool = load('pg-pool')
    const pool = new Pool({ Client, max: 1, connectionTimeoutMillis: MOST_MS })
    await pool.connect()
    const { told, clocked } = await recordedOf(async (clock) => {
      await clock(() => pool.connect().catch(() => {}))
      await later()
    })
    expectClocked(told['[await] pg pool'], byTimer(clocked))
  })

  test('a command', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => {}).resume())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const settings = { enableReadyCheck: false, disableClientInfo: true, protocol: 2 }
    const Redis = load('ioredis')
    const redis = new Redis({ port, host: '127.0.0.1', commandTimeout: MOST_MS, ...settings })
    redis.on('error', () => {})
    await new Promise((resolve) => redis.once('ready', resolve))
    const { told, clocked } = await recordedOf(async (clock) => {
      await clock(() => redis.get('key').catch(() => {}))
      await later()
    })
    redis.disconnect()
    silent.close()
    expectClocked(told[`[await] redis GET 127.0.0.1:${port}`], byTimer(clocked))
  })
})

test('waits for timers have no name', async () => {
  const { told } = await recordedOf((clock) => clock(() => sleep(20)))
  expect(told).toEqual({})
})
