/**
 * What is blocked, with the engine's own samples, against the workload's clock. The truth is how
 * long others ran after the request could have gone on.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay, scheduler } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { msWhere, type Stretch, sampledBurn, samplesTaken } from '../support/recorded.js'
import { asOther, type Recorded, recordOnThread } from '../support/thread.js'
import { burn, sleep } from '../support/waits.mjs'

/** What others did, by the clock, and how much longer it took than it should have. */
let hogs: Stretch[] = []
let takenMs = 0
/** Of these, what samples have told of. */
let sampled: Stretch[] = []

function hog(ms: number): void {
  const from = performance.now()
  burn(ms)
  const to = performance.now()
  hogs.push({ from, to })
  takenMs += to - from - ms
}

function noHogs(): void {
  hogs = []
  sampled = []
  takenMs = 0
}

/** The same until samples have told of so much of it. */
function sampledHog(ms: number): void {
  const from = performance.now()
  sampled = sampledBurn(ms)
  hogs.push({ from, to: performance.now() })
}

/** How long others ran between two times. */
function ranIn(from: number, to: number, stretches = hogs): number {
  return stretches.reduce(
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
 * the thread away meanwhile, and between what the test clocks: only of that nobody may be sure.
 */
function expectBlocked(
  { blocked, blockedUpTo, endedAt }: Pick<Recorded, 'blocked' | 'blockedUpTo' | 'endedAt'>,
  { earliest, latest, resumed }: Waited,
): void {
  const least = ranIn(latest, resumed)
  expect(blocked - blockedUpTo).toBeGreaterThan(least - Math.max(3, 0.03 * least) - takenMs)
  expect(blocked).toBeLessThan(endedAt - earliest + 1)
}

/** How long none of them ran: the loop's own doing, or the machine's. */
function quietIn(from: number, to: number): number {
  return to - from - ranIn(from, to)
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
function withoutRunner(recorded: Recorded): Recorded {
  const { blocked, blockedUpTo } = recorded
  const runner = blames(recorded, 'background')
  const upTo = Math.max(0, blockedUpTo - runner)
  return { ...recorded, blocked: blocked - runner, blockedUpTo: upTo }
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
    expectBlocked(withoutRunner(recorded), { ...waited!, earliest })
    expect(hogs.length).toBe(1)
    return [recorded, waited!]
  }

  test('on time with a hog in the middle is not blocked', async () => {
    await behind(150, 200, () => timed(500))
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
    expectBlocked(
      { ...recorded, blocked, blockedUpTo: 0 },
      { ...waited!, earliest: waited!.earliest - calling },
    )
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

/** It is set anew after 50 ms, late if the timer is that tells when. */
async function refreshed(): Promise<Waited> {
  const start = performance.now()
  let done = () => {}
  const fired = new Promise<void>((resolve) => {
    done = resolve
  })
  const timer = setTimeout(done, 350)
  await sleep(50)
  timer.refresh()
  const latest = performance.now() + 350
  await fired
  return { earliest: start + 50 + 350 - 2, latest, resumed: performance.now() }
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
  /** `since`: when it could have gone on, if not at once, and what else was late before. */
  async function expectWhole(
    fn: () => Promise<void>,
    since = () => ({ from: 0, late: 0 }),
  ): Promise<[Recorded, Waited, quiet: number]> {
    noHogs()
    let waited: Waited | null = null
    let quiet = 0
    const recorded = await recordOnThread(async () => {
      const start = performance.now()
      const done = fn()
      // Others' code that it calls itself is in its way, too, if only to set a timer.
      const calling = performance.now() - start
      await done
      const resumed = performance.now()
      const { from, late } = since()
      const ready = Math.max(start, from)
      const before = from > start ? calling + late : 0
      waited = { earliest: ready - before, latest: ready, resumed }
      quiet = before + quietIn(ready, resumed)
    })
    expectBlocked(withoutRunner(recorded), waited!)
    expect(ranIn(waited!.latest, waited!.resumed)).toBeGreaterThan(20)
    return [recorded, waited!, quiet]
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
    // The callback that settles it could have run since its timer was due.
    let late = 0
    const fn = async () => {
      const due = performance.now() + 20 - 1
      const answer = new Promise<void>((resolve) => {
        asOther('GET /report', () => {
          setTimeout(() => {
            late = performance.now() - due
            hog(40)
            settledAt = performance.now()
            resolve()
          }, 20)
        })
      })
      asOther('GET /other', () => void answer.then(() => hog(30)))
      await answer
    }
    const [recorded, , quiet] = await expectWhole(fn, () => ({ from: settledAt, late }))
    expect(blames(recorded, 'GET /report')).toBeLessThan(1 + quiet)
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
  async function asking(
    after: number,
    hogging: () => void,
  ): Promise<[Recorded, Waited, due: number]> {
    noHogs()
    let waited: Waited | null = null
    let due = 0
    const recorded = await recordOnThread(async () => {
      due = performance.now() + after - 1
      asOther('GET /report', () => setTimeout(hogging, after))
      waited = await ask(mine, 150)
    })
    return [recorded, waited!, due]
  }

  test('that a sleeping loop delivered is not blocked by what was before', async () => {
    const [recorded, waited] = await asking(10, () => hog(60))
    const [{ from, to }] = hogs as [Stretch]
    // On a busy machine it may still have been at it when the answer came.
    const isOver = to < waited.earliest
    const { blocked, blockedUpTo } = withoutRunner(recorded)
    if (isOver) expect(blames(recorded, 'GET /report')).toBeLessThan(1)
    else expectBlocked({ ...recorded, blocked, blockedUpTo: 0 }, { ...waited, earliest: from })
    // Or have taken the thread before the loop slept: then nobody knows since when it was there.
    expect(blocked - blockedUpTo).toBeLessThan(
      waited.resumed - (isOver ? waited.earliest : from) + 1,
    )
  })

  test('that came in the middle of a hog is blocked up to all of it', async () => {
    const before = Atomics.load(sent, 0)
    const [recorded, { latest, resumed }, due] = await asking(100, () => {
      while (Atomics.load(sent, 0) === before) hog(5)
      hog(50)
    })
    const least = ranIn(latest, resumed)
    expect(least).toBeGreaterThan(40)
    expect(recorded.blocked).toBeGreaterThan(least - 3 - takenMs)
    // The loop slept until its timer was due, and has not looked since.
    expect(blames(recorded, 'GET /report')).toBeLessThan(resumed - due + 10)
    expect(recorded.blockedUpTo).toBeGreaterThan(0.9 * recorded.blocked)
  })

  test('behind somebody else’s in one batch is blocked by that', async () => {
    let waited: Waited | null = null
    let woken = 0
    noHogs()
    const recorded = await recordOnThread(async () => {
      const theirs = asOther('GET /report', async () => {
        woken = (await ask(others, 100)).earliest
        hog(50)
      })
      waited = await ask(mine, 101)
      await theirs
    })
    const { earliest, latest, resumed } = waited!
    expect(recorded.blocked).toBeGreaterThan(ranIn(latest, resumed) - 3 - takenMs)
    const last = Math.max(resumed, hogs[0]!.to)
    expect(blames(recorded, 'GET /report')).toBeLessThan(last - Math.min(woken, earliest) + 10)
  })
})

/** Each is run three times with and without its culprit, in turns; the least disturbed count. */
describe('what would have been faster without the culprit is what was blocked', () => {
  interface Run {
    /** Without what was blocked. */
    readonly rest: number
    readonly blocked: number
    /** The machine's part in it: of that, nobody knows whether it was blocked. */
    readonly late: number
  }

  async function run(ms: number, hogAt: number): Promise<Run> {
    noHogs()
    let held = 0
    const { duration, blocked } = await recordOnThread(async () => {
      if (ms > 0) asOther('GET /report', () => setTimeout(() => hog(ms), hogAt))
      const { latest, resumed } = await timed(200)
      held = ranIn(latest, resumed)
    })
    return { rest: duration - blocked, blocked, late: duration - held - 200 }
  }

  test.each([
    ['in the middle', 20, 0],
    ['at the end', 180, 80],
  ])('%s of a timer', async (_what, hogAt, atLeast) => {
    const free: Run[] = []
    const held: Run[] = []
    for (let i = 0; i < 3; i++) {
      free.push(await run(0, hogAt))
      held.push(await run(120, hogAt))
    }
    const quietest = (runs: Run[]) => runs.reduce((a, b) => (b.late < a.late ? b : a))
    const [without, behind] = [quietest(free), quietest(held)]
    expect(Math.abs(behind.rest - without.rest)).toBeLessThan(10 + behind.late + without.late)
    expect(behind.blocked).toBeGreaterThanOrEqual(atLeast)
  })
})

describe('without following awaits', () => {
  let waited: Waited
  /** Samples of the sleeping loop, after the hog. */
  let idle = 0

  async function behind(hogAt: number): Promise<Recorded> {
    noHogs()
    let taken = 0
    return recordOnThread(async () => {
      sampledBurn(20)
      function hogging() {
        sampledHog(120)
        taken = samplesTaken()
      }
      asOther('GET /report', () => setTimeout(hogging, hogAt))
      waited = await timed(200)
      idle = samplesTaken() - taken
      // Without hooks it is samples that tell when it went on.
      sampledBurn(20)
    }, 'labels')
  }

  test('a hog in the middle of a wait blocks nobody', async () => {
    const recorded = await behind(20)
    const [{ from, to }] = hogs as [Stretch]
    // A busy machine may bring it so late that it is one at the end, or let nobody see the sleep.
    const isOver = to < waited.earliest && idle > 0
    // To a sample and a rotation.
    const most = waited.resumed - (isOver ? waited.earliest : from) + 10
    expect(blames(recorded, 'GET /report')).toBeLessThan(most)
  })

  test('one at its end blocks up to all of it', async () => {
    const recorded = await behind(140)
    const least = ranIn(waited.latest, waited.resumed, sampled)
    expect(recorded.blocked).toBeGreaterThan(least - 10)
    expect(blames(recorded, 'GET /report')).toBeGreaterThan(0.8 * least - 10)
    expect(blames(recorded, 'GET /report')).toBeLessThan(waited.resumed - hogs[0]!.from + 10)
  })
})
