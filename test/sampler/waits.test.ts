/**
 * Each kind of wait hangs below the function that waits, and what is resumed below its logical
 * callers.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Profile } from '../../src/profile/profile.js'
import {
  asBystander,
  inOrder,
  isWaiting,
  ledgerOf,
  msWhere,
  paths,
  record,
} from '../support/recorded.js'
import { burn, KINDS, type Peers, sleep, startPeers } from '../support/waits.mjs'

const CHAIN = ['handler', 'loadUser', 'waiter']

/** What `[await]` says of each kind. */
const WORDS: Record<string, RegExp> = {
  timer: /^timer 30 ms$/,
  'promised timer': /^timer 30 ms$/,
  immediates: /^immediate$/,
  'fs promises': /^readFile$/,
  'fs callback': /^readFile$/,
  dns: /^dns localhost$/,
  socket: /^TCP 127\.0\.0\.1:\d+$/,
  'http client': /^HTTP GET 127\.0\.0\.1:\d+$/,
  fetch: /^fetch GET 127\.0\.0\.1:\d+$/,
  'shared pool': /^TCP 127\.0\.0\.1:\d+$/,
  'Promise.all': /^timer (15|30) ms$/,
  'Promise.race': /^timer 30 ms$/,
  'Promise.any': /^timer 30 ms$/,
  'async generator': /^timer 10 ms$/,
  stream: /^TCP 127\.0\.0\.1:\d+$/,
  readable: /^timer 7\.5 ms$/,
  emitter: /^timer 30 ms$/,
  'worker message': /^worker message$/,
  crypto: /^crypto PBKDF2$/,
  zlib: /^zlib$/,
  'child process': /^child process node$/,
}

let peers: Peers
beforeAll(async () => {
  peers = await startPeers()
  await record(() => sleep(5))
})
afterAll(() => peers.stop())

/** A recording, and what its own code says of itself by the clock, ms. */
interface Clocked {
  readonly recorded: Profile
  /** Each `parse`, in the order in which they ran: of the waiter, its caller, and the handler. */
  readonly ran: readonly number[]
  /** Neither waited nor ran: the way from one to the next, or the CPU was somebody else's. */
  readonly between: number
}

async function profileKind(kind: string): Promise<Clocked> {
  const ran: number[] = []
  let waited = 0
  function parse() {
    ran.push(burn(15))
  }
  async function waiter() {
    const start = performance.now()
    await KINDS[kind]!(peers)
    waited = performance.now() - start
    parse()
  }
  async function loadUser() {
    await waiter()
    parse()
  }
  async function handler() {
    await loadUser()
    parse()
  }
  const recorded = await record(handler)
  const known = ran.reduce((sum, each) => sum + each, waited)
  return { recorded, ran, between: recorded.sources[0]!.durationMicros / 1000 - known }
}

/** The words of the waiter's waits: how many there were, and how long they took in all, ms. */
function wordsOf({ samples, stacks, frames }: Profile): Map<string, { count: number; ms: number }> {
  const byWords = new Map<string, { count: number; ms: number }>()
  for (let i = 0; i < samples.stack.length; i++) {
    const names: string[] = []
    for (let at = samples.stack[i]!; at > 0; at = stacks.parent[at]!) {
      names.unshift(frames[stacks.frame[at]!]!.name)
    }
    const words = names.find((name) => name.startsWith('[await]'))?.slice('[await] '.length)
    if (words === undefined || !inOrder(names, CHAIN)) continue
    const { count, ms } = byWords.get(words) ?? { count: 0, ms: 0 }
    byWords.set(words, { count: count + 1, ms: ms + samples.weight[i]! / 1000 })
  }
  return byWords
}

/** At most so many ms go to stacks that are not accepted; a failure shows which. */
function expectAtMost(
  limit: number,
  recorded: Profile,
  isMisplaced: (names: string[]) => boolean,
): void {
  let total = 0
  const found: Record<string, number> = {}
  for (const { names, micros } of paths(recorded)) {
    if (!isMisplaced(names)) continue
    total += micros / 1000
    found[names.join(' › ')] = micros / 1000
  }
  expect(total, JSON.stringify(found)).toBeLessThan(limit)
}

/** What the clocks of the recording and of its code may differ by, ms: their own reading. */
const READING = 0.5

/**
 * Waiting hangs below the waiter and its callers, running below the handler. Whatever the machine
 * does meanwhile, what is elsewhere took place between the two.
 */
function expectInPlace({ recorded, ran, between }: Clocked): void {
  const limit = between + READING
  // Without a name it is no wait, but the way from one callback to the next of the same turn.
  const waits = (names: string[]) => names.some((name) => name.startsWith('[await] '))
  expectAtMost(limit, recorded, (names) => waits(names) && !inOrder(names, CHAIN))
  const setUp = (names: string[]) => ['[profiler]', 'record'].some((name) => names.includes(name))
  const below = (names: string[]) => isWaiting(names) || setUp(names) || names.includes('handler')
  expectAtMost(limit, recorded, (names) => !below(names))
  const runningIn = (...chain: string[]) =>
    msWhere(recorded, (names) => !isWaiting(names) && inOrder(names, chain))
  // A sample of our own work may have a millisecond of the code in which it was taken.
  const least = (ms: number) => ms - READING - ledgerOf(recorded).profiler / 1000
  expect(runningIn(...CHAIN)).toBeGreaterThan(least(ran[0]!))
  expect(runningIn('handler', 'loadUser')).toBeGreaterThan(least(ran[0]! + ran[1]!))
  expect(runningIn('handler')).toBeGreaterThan(least(ran[0]! + ran[1]! + ran[2]!))
}

/** Waits that take as long as they like: they are told by how many they are. */
const UNTIMED = [
  'immediates',
  'fs promises',
  'fs callback',
  'dns',
  'crypto',
  'zlib',
  'child process',
]
/** Of all others, what is waited for takes 30 ms at least; most of that is to be seen, ms. */
const SEEN = 15

test('every kind of wait has its words', () => {
  expect(Object.keys(WORDS).sort()).toEqual(Object.keys(KINDS).sort())
})

describe('alone', () => {
  test.each(Object.keys(KINDS))('%s', async (kind) => {
    const clocked = await profileKind(kind)
    expectInPlace(clocked)
    const words = [...wordsOf(clocked.recorded)]
    if (UNTIMED.includes(kind)) {
      const [most] = words.sort(([, a], [, b]) => b.count - a.count)
      expect(most![0]).toMatch(WORDS[kind]!)
    } else {
      const wanted = words.filter(([name]) => WORDS[kind]!.test(name))
      // The machine may take the thread where the wait begins: so much less is waited.
      const begins = msWhere(
        clocked.recorded,
        (names) => !isWaiting(names) && inOrder(names, CHAIN) && !names.includes('parse'),
      )
      expect(wanted.reduce((sum, [, { ms }]) => sum + ms, 0)).toBeGreaterThan(SEEN - begins)
    }
  })
})

/** Each wait that took its time, and what else was waited for. */
function toldBesides({ samples, stacks, frames, labelSets }: Profile): [string, string][] {
  const told = new Map<string, string>()
  for (let i = 0; i < samples.stack.length; i++) {
    const { name } = frames[stacks.frame[samples.stack[i]!]!]!
    if (samples.weight[i]! < 5000 || !name.startsWith('[await]')) continue
    told.set(name, labelSets[samples.labelSet[i]!]!.get('also waiting for') ?? '')
  }
  return [...told]
}

test('what else was waited for is told of each wait', async () => {
  const slow: NodeJS.Timeout[] = []
  const recorded = await record(async () => {
    const late = [0, 1].map(() => new Promise((resolve) => slow.push(setTimeout(resolve, 3000))))
    clearTimeout(slow[0])
    // As Node's own time-outs: it keeps nothing alive.
    slow.push(setTimeout(() => {}, 2000).unref())
    await Promise.race([...late, sleep(30)])
    clearTimeout(slow[1])
    await sleep(20)
    clearTimeout(slow[2])
  })
  expect(toldBesides(recorded)).toEqual([
    ['[await] timer 30 ms', 'timer 3000 ms'],
    ['[await] timer 20 ms', ''],
  ])
})

test('a fetch that is under way is told, too', async () => {
  const server = createServer((_request, response) => void setTimeout(() => response.end(), 120))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const recorded = await record(async () => {
    const answer = fetch(`http://127.0.0.1:${port}/secret?token=1`)
    await sleep(60)
    await answer
    await sleep(20)
  })
  server.close()
  server.closeAllConnections()
  expect(toldBesides(recorded).filter(([name]) => name.includes('timer'))).toEqual([
    ['[await] timer 60 ms', `fetch GET 127.0.0.1:${port}`],
    ['[await] timer 20 ms', ''],
  ])
})

describe('among 16 bystanders', () => {
  let stop = false
  let crowd: Promise<void>[] = []
  beforeAll(() => {
    crowd = Array.from({ length: 16 }, (_, i) =>
      asBystander(`GET /bystander/${i}`, async () => {
        while (!stop) {
          burn(0.3)
          await sleep(20)
        }
      }),
    )
  })
  afterAll(async () => {
    stop = true
    await Promise.all(crowd)
  })
  test.each(Object.keys(KINDS))('%s', async (kind) => expectInPlace(await profileKind(kind)))
})
