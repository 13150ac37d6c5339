/**
 * What is blocked, with the engine's own samples, against the workload's clock. The truth is how
 * long others ran after the request could have gone on.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay, scheduler } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { msWhere } from '../support/recorded.js'
import { asOther, type Recorded, recordOnThread } from '../support/thread.js'
import { burn, sleep } from '../support/waits.mjs'

interface Stretch {
  readonly from: number
  readonly to: number
}

/** What others did, by the clock, and how much longer it took than it should have. */
let hogs: Stretch[] = []
let takenMs = 0

function hog(ms: number): void {
  const from = performance.now()
  burn(ms)
  const to = performance.now()
  hogs.push({ from, to })
  takenMs += to - from - ms
}

function noHogs(): void {
  hogs = []
  takenMs = 0
}

/** How long others ran between two times. */
function ranIn(from: number, to: number): number {
  return hogs.reduce(
    (sum, each) => sum + Math.max(0, Math.min(to, each.to) - Math.max(from, each.from)),
    0,
  )
}

/** A wait by the clock: it could go on from `ready` on, which lies between two times. */
interface Waited {
  readonly earliest: number
  readonly latest: number
  readonly resumed: number
}

async function timed(ms: number, wait: (ms: number) => Promise<unknown> = sleep): Promise<Waited> {
  const before = performance.now()
  const waiting = wait(ms)
  const latest = performance.now() + ms
  await waiting
  return { earliest: before + ms - 1, latest, resumed: performance.now() }
}

/**
 * As long as others ran, to 3 % or 3 ms, and no longer than it was late. A busy machine may take
 * the thread away meanwhile, and between what the test clocks.
 */
function expectBlocked(
  { blocked }: { readonly blocked: number },
  { earliest, latest, resumed }: Waited,
): void {
  const least = ranIn(latest, resumed)
  expect(blocked).toBeGreaterThan(least - Math.max(3, 0.03 * least) - takenMs)
  expect(blocked).toBeLessThan(resumed - earliest + 1)
}

/** All that others ran since then stands under the name. */
function expectBlamed(recorded: Recorded, title: string, { latest, resumed }: Waited): void {
  const least = ranIn(latest, resumed)
  expect(blames(recorded, title)).toBeGreaterThan(0.9 * least - 3 - takenMs)
}

/** Time under `[blocked]` that is somebody's. */
function blames({ profile }: Recorded, title: string): number {
  const isTheirs = (name: string, i: number, names: string[]) =>
    name === title && names[i - 1] === '[blocked]'
  return msWhere(profile, (names) => names.some(isTheirs))
}

/** On a busy machine what the test runner does may be in the way as well. */
function withoutRunner(recorded: Recorded): number {
  return recorded.blocked - blames(recorded, 'background')
}

describe('neighbours that were waiting already when the recording began', () => {
  /**
   * `await sleep(260)`, and from there on 100 ms in all, of one neighbour or of many; 10 ms into
   * them the request could go on, however long the machine took to begin.
   */
  async function among(count: number): Promise<[Recorded, Waited]> {
    noHogs()
    const neighbours = Array.from({ length: count }, async () => {
      await sleep(260)
      hog(100 / count)
    })
    const due = performance.now() + 270
    await sleep(30)
    let waited: Waited | null = null
    const recorded = await recordOnThread(async () => {
      waited = await timed(Math.round(due - performance.now()))
    })
    await Promise.all(neighbours)
    return [recorded, waited!]
  }

  // The first of all recordings: the hooks were never on before.
  test.each([
    ['alone, hooks off before', 1],
    ['alone, hooks on before', 1],
    ['in a crowd of 16', 16],
  ])('%s', async (_what, count) => {
    const [recorded, waited] = await among(count)
    expectBlocked(recorded, waited)
    expect(ranIn(waited.latest, waited.resumed)).toBeGreaterThan(50)
    expectBlamed(recorded, '[unknown]', waited)
    expect(recorded.profile.sources[0]!.ledger.unknown).toBe(0)
  })
})

describe('a timer', () => {
  async function behind(
    at: number,
    ms: number,
    wait: () => Promise<Waited> = () => timed(200),
  ): Promise<[Recorded, Waited]> {
    noHogs()
    let waited: Waited | null = null
    let calling = 0
    const recorded = await recordOnThread(async () => {
      const start = performance.now()
      asOther('GET /report', () => setTimeout(() => hog(ms), at))
      calling = performance.now() - start
      waited = await wait()
    })
    const earliest = waited!.earliest - calling
    expectBlocked({ blocked: withoutRunner(recorded) }, { ...waited!, earliest })
    expect(hogs.length).toBe(1)
    expect(recorded.blockedUpTo).toBeLessThan(1)
    return [recorded, waited!]
  }

  test('on time with a hog in the middle is not blocked', async () => {
    const [recorded] = await behind(150, 200, () => timed(500))
    expect(blames(recorded, 'GET /report')).toBeLessThan(100)
  })

  test.each([
    ['on time', 20],
    ['late', 150],
  ])('%s is told of while the request still runs', async (_what, at) => {
    noHogs()
    let waited: Waited | null = null
    let calling = 0
    const recorded = await recordOnThread(async () => {
      const start = performance.now()
      asOther('GET /report', () => setTimeout(() => hog(100), at))
      calling = performance.now() - start
      waited = await timed(200)
    })
    const blocked = recorded.soFar!.blocked! - blames(recorded, 'background')
    expectBlocked({ blocked }, { ...waited!, earliest: waited!.earliest - calling })
  })

  test('is not told of while a request runs whose awaits are not followed', async () => {
    const { soFar } = await recordOnThread(() => timed(20), 'labels')
    // Without hooks nothing is.
    if (soFar !== null) expect([soFar.blocked, soFar.rest > 15]).toEqual([null, true])
  })

  test.each<[string, () => Promise<Waited>]>([
    ['setTimeout', () => timed(400)],
    ['timers/promises', () => timed(400, delay)],
    ['scheduler.wait', () => timed(400, (ms) => scheduler.wait(ms))],
    ['refreshed', refreshed],
    ['an interval', secondOfInterval],
  ])('late by a hog at its end is blocked: %s', async (_what, wait) => {
    const [recorded, waited] = await behind(350, 150, wait)
    expectBlamed(recorded, 'GET /report', waited)
  })
})

/** It is set anew after 50 ms. */
async function refreshed(): Promise<Waited> {
  let done = () => {}
  const fired = new Promise<void>((resolve) => {
    done = resolve
  })
  const timer = setTimeout(done, 350)
  await sleep(50)
  const before = performance.now()
  timer.refresh()
  const latest = performance.now() + 350
  await fired
  return { earliest: before + 350 - 1, latest, resumed: performance.now() }
}

/** Its second time, which is counted from the first. */
async function secondOfInterval(): Promise<Waited> {
  const start = performance.now()
  let first = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (first === 0) first = performance.now()
      else {
        clearInterval(timer)
        resolve()
      }
    }, 200)
  })
  return { earliest: start + 400 - 2, latest: first + 200 + 1, resumed: performance.now() }
}

describe('in the loop’s own order', () => {
  /** `from`: when it could have gone on, if not at once. */
  async function expectWhole(fn: () => Promise<void>, from = () => 0): Promise<[Recorded, Waited]> {
    noHogs()
    let waited: Waited | null = null
    const recorded = await recordOnThread(async () => {
      const start = performance.now()
      const done = fn()
      // Others' code that it calls itself is in its way, too, if only to set a timer.
      const calling = performance.now() - start
      await done
      const ready = Math.max(start, from())
      waited = { earliest: ready - calling, latest: ready, resumed: performance.now() }
    })
    expectBlocked({ blocked: withoutRunner(recorded) }, waited!)
    expect(ranIn(waited!.latest, waited!.resumed)).toBeGreaterThan(20)
    expect(recorded.blockedUpTo).toBeLessThan(1)
    return [recorded, waited!]
  }

  test.each<[string, (resolve: () => void) => void]>([
    [
      'an immediate behind another',
      (resolve) => {
        asOther('GET /report', () => setImmediate(() => hog(40)))
        setImmediate(resolve)
      },
    ],
    [
      'a tick behind another',
      (resolve) => {
        asOther('GET /report', () => process.nextTick(() => hog(40)))
        process.nextTick(resolve)
      },
    ],
    [
      'a microtask behind another',
      (resolve) => {
        asOther('GET /report', () => queueMicrotask(() => hog(40)))
        queueMicrotask(resolve)
      },
    ],
  ])('%s', async (_what, set) => {
    const [recorded, waited] = await expectWhole(() => new Promise<void>(set))
    expectBlamed(recorded, 'GET /report', waited)
  })

  test('a settled promise behind who else was waiting for it, but not while it was being made', async () => {
    let settledAt = 0
    const fn = async () => {
      const answer = new Promise<void>((resolve) => {
        asOther('GET /report', () => {
          setTimeout(() => {
            hog(40)
            settledAt = performance.now()
            resolve()
          }, 20)
        })
      })
      asOther('GET /other', () => void answer.then(() => hog(30)))
      await answer
    }
    const [recorded] = await expectWhole(fn, () => settledAt)
    expect(blames(recorded, 'GET /report')).toBeLessThan(20)
  })

  test('code of others that it calls itself', async () => {
    const called = async () => asOther('GET /report', () => hog(40))
    const [recorded, waited] = await expectWhole(called)
    expectBlamed(recorded, 'GET /report', waited)
  })
})

describe('an answer from another thread', () => {
  const sent = new Int32Array(new SharedArrayBuffer(4))
  let peer: Worker
  let mine: Socket
  let others: Socket

  beforeAll(async () => {
    const program = new URL('../support/echo-worker.mjs', import.meta.url)
    peer = new Worker(program, { workerData: sent })
    const [port] = (await once(peer, 'message')) as [number]
    const open = async () => {
      const socket = connect(port, '127.0.0.1').setNoDelay()
      await once(socket, 'connect')
      return socket
    }
    mine = await open()
    others = await open()
  })
  afterAll(async () => {
    mine.destroy()
    others.destroy()
    await peer.terminate()
  })

  /** When it was sent, and when it was there, by this thread's clock. */
  async function ask(socket: Socket, ms: number): Promise<Waited> {
    socket.write(String(ms))
    const [answer] = await once(socket, 'data')
    const sent = Number(answer) - performance.timeOrigin
    return { earliest: sent - 1, latest: sent + 1, resumed: performance.now() }
  }

  /** `hogging` begins after so many ms. */
  async function asking(after: number, hogging: () => void): Promise<[Recorded, Waited]> {
    noHogs()
    let waited: Waited | null = null
    const recorded = await recordOnThread(async () => {
      asOther('GET /report', () => setTimeout(hogging, after))
      waited = await ask(mine, 150)
    })
    return [recorded, waited!]
  }

  test('that a sleeping loop delivered is not blocked by what was before', async () => {
    const [recorded, waited] = await asking(10, () => hog(60))
    const [{ from, to }] = hogs as [Stretch]
    // On a busy machine it may still have been at it when the answer came.
    const earliest = to < waited.earliest ? waited.earliest : from
    expectBlocked({ blocked: withoutRunner(recorded) }, { ...waited, earliest })
  })

  test('that came in the middle of a hog is blocked up to all of it', async () => {
    const before = Atomics.load(sent, 0)
    const [recorded, { latest, resumed }] = await asking(100, () => {
      while (Atomics.load(sent, 0) === before) hog(5)
      hog(50)
    })
    const least = ranIn(latest, resumed)
    expect(least).toBeGreaterThan(40)
    expect(recorded.blocked).toBeGreaterThan(least - 3 - takenMs)
    expect(recorded.blocked).toBeLessThan(resumed - hogs[0]!.from + 10)
    expect(recorded.blockedUpTo).toBeGreaterThan(0.9 * recorded.blocked)
  })

  test('behind somebody else’s in one batch is blocked by that', async () => {
    let waited: Waited | null = null
    noHogs()
    const recorded = await recordOnThread(async () => {
      const theirs = asOther('GET /report', async () => {
        await ask(others, 100)
        hog(50)
      })
      waited = await ask(mine, 101)
      await theirs
    })
    const { latest, resumed } = waited!
    expect(recorded.blocked).toBeGreaterThan(ranIn(latest, resumed) - 3 - takenMs)
    expect(recorded.blocked).toBeLessThan(Math.max(resumed, hogs[0]!.to) - hogs[0]!.from + 10)
  })
})

/** Each is run three times with and without its culprit, in turns; the quickest count. */
describe('what would have been faster without the culprit is what was blocked', () => {
  async function difference(hogAt: number): Promise<{ faster: number; blocked: number }> {
    const without: number[] = []
    const rest: number[] = []
    let blocked = 0
    for (let i = 0; i < 3; i++) {
      for (const ms of [0, 120]) {
        const recorded = await recordOnThread(async () => {
          if (ms > 0) asOther('GET /report', () => setTimeout(() => hog(ms), hogAt))
          await sleep(200)
        })
        if (ms === 0) without.push(recorded.duration)
        else {
          rest.push(recorded.duration - recorded.blocked)
          blocked = Math.max(blocked, recorded.blocked)
        }
      }
    }
    return { faster: Math.min(...rest) - Math.min(...without), blocked }
  }

  test.each([
    ['in the middle', 20, 0],
    ['at the end', 180, 80],
  ])('%s of a timer', async (_what, hogAt, atLeast) => {
    const { faster, blocked } = await difference(hogAt)
    expect(Math.abs(faster)).toBeLessThan(10)
    expect(blocked).toBeGreaterThanOrEqual(atLeast)
  })
})

describe('without following awaits', () => {
  async function behind(hogAt: number): Promise<[Recorded, Waited]> {
    noHogs()
    let waited: Waited | null = null
    const recorded = await recordOnThread(async () => {
      burn(20)
      asOther('GET /report', () => setTimeout(() => hog(120), hogAt))
      waited = await timed(200)
      // Without hooks it is samples that tell when it went on.
      burn(20)
    }, 'labels')
    return [recorded, waited!]
  }

  test('a hog in the middle of a wait blocks nobody', async () => {
    const [recorded, { earliest, resumed }] = await behind(20)
    // On a busy machine it may come so late that it is one at the end.
    const [{ from, to }] = hogs as [Stretch]
    // To a sample and a rotation.
    expect(recorded.blocked).toBeLessThan(resumed - (to < earliest ? earliest : from) + 10)
  })

  test('one at its end blocks up to all of it', async () => {
    const [recorded, waited] = await behind(140)
    const least = ranIn(waited.latest, waited.resumed)
    expect(recorded.blocked).toBeGreaterThan(least - 10 - takenMs)
    expect(recorded.blocked).toBeLessThan(waited.resumed - hogs[0]!.from + 10)
    expect(blames(recorded, 'GET /report')).toBeGreaterThan(0.8 * least - 10 - takenMs)
  })
})
