/**
 * Whose work the callbacks of connections are that many share, by the workload's own names: each
 * request burns in functions of its own, in the driver and in its callbacks.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { profile } from '../../dist/bundle/index.mjs'
import type { Profile } from '../../src/profile/profile.js'
import {
  Connection,
  type Database,
  type Driver,
  mysql2Pool,
  pgPool,
  queueingPool,
  startDatabase,
} from '../support/pooled.js'
import { asBystander, ledgerOf, paths } from '../support/recorded.js'
import { burn, sleep } from '../support/waits.mjs'

let database: Database
beforeAll(async () => {
  database = await startDatabase()
})
afterAll(() => database.stop())

/** A function of this very name that burns for so long; the name says whose time it is. */
function burnerOf(name: string): (ms: number) => number {
  return new Function('burn', `return function ${name}(ms) { return burn(ms) }`)(burn)
}

/** Asks so many times, one after another, in callbacks only; the burnt time, ms. */
function askedBy(name: string, driver: Driver, times: number): Promise<number> {
  const own = burnerOf(name)
  let burnt = 0
  return new Promise((resolve) => {
    const ask = (left: number) => {
      if (left === 0) return resolve(burnt + own(4))
      driver.query(
        () => {
          burnt += own(1.5)
        },
        () => {
          burnt += own(3)
          ask(left - 1)
        },
      )
    }
    ask(times)
  })
}

interface Told {
  /** Time of the request's functions as its own, ms. */
  own: number
  /** Time of anybody's functions under another's name, ms, by `whose → under whom`. */
  readonly wrong: Record<string, number>
}

function toldOf(name: string, recorded: Profile): Told {
  const told: Told = { own: 0, wrong: {} }
  for (const { names, micros } of paths(recorded)) {
    const whose = names.find((name) => name.startsWith('of_'))
    if (whose === undefined) continue
    const blocked = names.indexOf('[blocked]')
    const under = blocked === -1 ? name : names[blocked + 1]!.replace('GET /', '')
    if (under === whose) told.own += under === name ? micros / 1000 : 0
    else {
      const text = `${whose} → ${under}`
      told.wrong[text] = (told.wrong[text] ?? 0) + micros / 1000
    }
  }
  return told
}

/** Of `count` requests at once, each fourth is profiled. */
async function crowd(
  count: number,
  awaits: boolean,
  work: (name: string) => Promise<number>,
): Promise<{ told: Told; burnt: number; ran: number }[]> {
  const all = Array.from({ length: count }, async (_, i) => {
    const name = `of_${i}`
    if (i % 4 !== 0) return void (await asBystander(`GET /${name}`, () => work(name)))
    const { value, profile: recorded } = await profile(() => work(name), { name, awaits })
    const { cpu, gc, offcpu, profiler } = ledgerOf(recorded!)
    const ran = (cpu + gc + offcpu + profiler) / 1000
    return { told: toldOf(name, recorded!), burnt: value, ran }
  })
  return (await Promise.all(all)).filter((each) => each !== undefined)
}

/**
 * Under heavy load the engine may tell a sample with the label of the one before or after: a
 * millisecond here or there is no wrong owner, which all of its work would go to.
 */
const STRAY_MS = 2

/** Under whom more than that is that is not theirs, in any profile: the same sample is in all. */
function wrongOf(all: readonly { readonly told: Told }[]): string[] {
  return [...new Set(all.flatMap(({ told }) => wrongIn(told)))]
}

function wrongIn({ wrong }: Told): string[] {
  const byWhom = new Map<string, number>()
  for (const [text, ms] of Object.entries(wrong)) {
    const whom = text.replace(/.* → /, '')
    byWhom.set(whom, (byWhom.get(whom) ?? 0) + ms)
  }
  return [...byWhom].filter(([, ms]) => ms > STRAY_MS).map(([whom]) => whom)
}

const KNOWN: Record<string, (size: number) => Driver> = {
  'the pool of mysql2': (size) => mysql2Pool(database.port, size),
  'the pool of pg': (size) => pgPool(database.port, size),
}

describe.each([{ awaits: true }, { awaits: false }])('awaits: $awaits', ({ awaits }) => {
  describe.each(Object.keys(KNOWN))('%s', (kind) => {
    test.each([
      { size: 1, count: 1 },
      { size: 1, count: 16 },
      { size: 10, count: 16 },
    ])('$size connections, $count requests', async ({ size, count }) => {
      const driver = KNOWN[kind]!(size)
      await new Promise<void>((resolve) => driver.query(() => {}, resolve))
      const all = await crowd(count, awaits, (name) => askedBy(name, driver, 3))
      driver.end()
      expect(wrongOf(all)).toEqual([])
      for (const { told } of all) expect(told.own).toBeGreaterThan(0)
      if (awaits) for (const { ran, burnt } of all) expect(ran).toBeGreaterThan(0.99 * burnt)
    })
  })

  test('what a driver queues that nobody knows is nobody’s, and named', async () => {
    const driver = queueingPool(database.port, 2)
    const all = await crowd(16, awaits, (name) => askedBy(name, driver, 3))
    driver.end()
    expect(wrongOf(all)).toEqual([`background: connection to 127.0.0.1:${database.port}`])
  })

  test('a connection that several write to at once is nobody’s, and named', async () => {
    const driver = new Connection(database.port)
    const all = await crowd(16, awaits, (name) => askedBy(name, driver, 2))
    driver.end()
    expect(wrongOf(all)).toEqual([`background: connection to 127.0.0.1:${database.port}`])
  })

  test('rows that are parsed as they come in are whose query they answer', async () => {
    const driver = new Connection(database.port)
    const name = 'of_0'
    const work = async () => {
      const own = burnerOf(name)
      let burnt = 0
      const parse = () => {
        burnt += own(5)
      }
      for (let i = 0; i < 3; i++) {
        await new Promise<void>((resolve) => driver.query(parse, resolve))
      }
      return burnt
    }
    // By somebody that is not known.
    await new Promise<void>((resolve) => driver.query(() => {}, resolve))
    const [only] = await crowd(1, awaits, work)
    driver.end()
    expect(wrongOf([only!])).toEqual([])
    expect(only!.told.own).toBeGreaterThan(0)
  })

  test('who opened a pool has no part in what others do with it', async () => {
    const driver = mysql2Pool(database.port, 1)
    let ended = () => {}
    const end = new Promise<void>((resolve) => {
      ended = resolve
    })
    const opener = profile(
      async () => {
        const burnt = await askedBy('of_opener', driver, 1)
        await end
        return burnt
      },
      { name: 'of_opener', awaits },
    )
    await sleep(30)
    for (let i = 0; i < 4; i++) {
      await asBystander(`GET /of_${i}`, () => askedBy(`of_${i}`, driver, 2))
    }
    ended()
    const { profile: recorded } = await opener
    driver.end()
    expect(wrongOf([{ told: toldOf('of_opener', recorded!) }])).toEqual([])
  })
})
