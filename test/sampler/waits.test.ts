/**
 * Each kind of wait hangs below the function that waits, and what is resumed below its logical
 * callers.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Profile } from '../../src/profile/profile.js'
import { asBystander, inOrder, isWaiting, msWhere, paths, record } from '../support/recorded.js'
import { burn, KINDS, type Peers, sleep, startPeers } from '../support/waits.mjs'

const CHAIN = ['handler', 'loadUser', 'waiter']

/** What `[await]` says of each kind, where most of its time went. */
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
  'child process': /^pipe$/,
}

let peers: Peers
beforeAll(async () => {
  peers = await startPeers()
  await record(() => sleep(5))
})
afterAll(() => peers.stop())

async function profileKind(kind: string) {
  function parse() {
    burn(15)
  }
  async function waiter() {
    await KINDS[kind]!(peers)
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
  return record(handler)
}

/** The words that most of the waiting was spent on. */
function longestWait(recorded: Awaited<ReturnType<typeof record>>): string {
  const byWords = new Map<string, number>()
  for (const { names, micros } of paths(recorded)) {
    const words = names.find((name) => name.startsWith('[await]'))?.slice('[await] '.length)
    if (words !== undefined) byWords.set(words, (byWords.get(words) ?? 0) + micros)
  }
  return [...byWords].sort((a, b) => b[1] - a[1])[0]?.[0] ?? ''
}

/**
 * Paths that the test does not accept, by time, ms; so that a failure shows where the time went.
 */
function misplaced(
  recorded: Awaited<ReturnType<typeof record>>,
  accepts: (names: string[]) => boolean,
): Record<string, number> {
  const found: Record<string, number> = {}
  for (const { names, micros } of paths(recorded)) {
    if (!accepts(names) && micros > 3000) found[names.join(' › ')] = micros / 1000
  }
  return found
}

/** Waiting hangs below the waiter and its callers, running below the handler. */
function expectInPlace(recorded: Awaited<ReturnType<typeof record>>): void {
  expect(misplaced(recorded, (names) => !isWaiting(names) || inOrder(names, CHAIN))).toEqual({})
  const setUp = (names: string[]) => ['[profiler]', 'record'].some((name) => names.includes(name))
  const below = (names: string[]) => names.includes('handler')
  expect(misplaced(recorded, (names) => isWaiting(names) || setUp(names) || below(names))).toEqual(
    {},
  )
  const waiting = msWhere(recorded, isWaiting)
  const inPlace = msWhere(recorded, (names) => isWaiting(names) && inOrder(names, CHAIN))
  // A busy machine may take the CPU away for some ms just when the recording ends.
  expect(waiting - inPlace).toBeLessThan(Math.max(0.01 * waiting, 3))
  const running = (names: string[]) => !isWaiting(names)
  expect(msWhere(recorded, (names) => running(names) && inOrder(names, CHAIN))).toBeGreaterThan(
    14.5,
  )
  expect(msWhere(recorded, (names) => running(names) && names.includes('handler'))).toBeGreaterThan(
    44,
  )
}

describe('alone', () => {
  test.each(Object.keys(KINDS))('%s', async (kind) => {
    const recorded = await profileKind(kind)
    expectInPlace(recorded)
    expect(longestWait(recorded)).toMatch(WORDS[kind]!)
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
