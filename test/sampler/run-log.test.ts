/** Run segments, by Node's own hooks, on a clock that the test sets. */
import { AsyncResource } from 'node:async_hooks'
import { describe, expect, onTestFinished, test } from 'vitest'
import { RunLog } from '../../src/sampler/async/run-log.js'
import { continueFrom } from '../../src/sampler/async/runner.js'
import { WaitLabels } from '../../src/sampler/async/wait-labels.js'
import { LabelCarrier } from '../../src/sampler/label-carrier.js'
import { OURSELVES } from '../../src/sampler/window.js'
import {
  bystanderOf,
  recordingOf,
  SetClock,
  SetTimers,
  SetTurns,
} from '../support/sampler-parts.js'

function scene() {
  const clock = new SetClock()
  const labels = new Switches()
  const turns = new SetTurns()
  const timers = new SetTimers()
  const log = new RunLog(turns, timers, new WaitLabels(labels, () => null))
  log.acquire()
  let isOn = true
  const off = () => {
    if (isOn) log.release()
    isOn = false
  }
  onTestFinished(off)
  /** `1: 10–15`, by context; `?` for the background. */
  const taken = () => {
    const { start, end, context } = log.take()
    return [...start].map((from, i) => `${nameOf(context[i]!)}: ${from}–${end[i]}`)
  }
  const until = (at: number) => {
    clock.at = at
  }
  return { clock, turns, timers, log, switches: labels.to, taken, until, off }
}

/** Is told who runs. */
class Switches extends LabelCarrier {
  readonly to: number[] = []

  override switchTo(label: number): void {
    this.to.push(label)
  }
}

function nameOf(context: number): string {
  if (context === OURSELVES) return 'profview'
  return context === 0 ? '?' : String(context)
}

/** A resource that is created now, and whose callbacks the test calls. */
function resource(type = 'JOB'): { call(fn: () => void): void } {
  const made = new AsyncResource(type)
  return { call: (fn) => made.runInAsyncScope(fn) }
}

test('what a request creates runs as the request', () => {
  const { log, taken, until, switches } = scene()
  const recording = recordingOf(1)
  until(10)
  const job = log.run(recording.root, () => {
    until(12)
    const made = resource()
    until(15)
    return made
  })
  until(20)
  job.call(() => until(23))
  until(30)
  expect(taken()).toEqual(['1: 10–15', '1: 20–23'])
  expect(switches).toEqual([1, 0, 1, 0])
  expect([recording.ranMs, recording.ranAt]).toEqual([8, 23])
  expect(log.ranMs(recording)).toBe(8)
})

test('inside others, each microsecond is of the innermost', () => {
  const { log, taken, until, switches } = scene()
  const [one, other] = [recordingOf(1), bystanderOf(2)]
  const jobOf = (context: typeof one | typeof other) => log.run(context.root, () => resource())
  const [mine, theirs] = [jobOf(one), jobOf(other)]
  taken()
  switches.length = 0
  until(10)
  mine.call(() => {
    until(11)
    theirs.call(() => until(14))
    until(15)
    mine.call(() => until(16))
    until(17)
  })
  expect(taken()).toEqual(['1: 10–11', '2: 11–14', '1: 14–17'])
  expect(switches).toEqual([1, 2, 1, 0])
  expect(log.ranMs(one)).toBe(4)
})

test('what was there before is the background, close callbacks are one segment', () => {
  const early = resource()
  const { taken, until } = scene()
  for (const [from, to] of [
    [10, 11],
    [11.019, 12],
    [12.021, 13],
  ] as const) {
    until(from)
    early.call(() => until(to))
  }
  expect(taken()).toEqual(['?: 10–12', '?: 12.021–13'])
})

test('our own work is cut out of what it interrupts', () => {
  const { log, taken, until } = scene()
  const recording = recordingOf(1)
  until(10)
  log.run(recording.root, () => {
    until(14)
    log.charge(12, 14)
    until(15)
  })
  until(20)
  log.charge(18, 20)
  expect(taken()).toEqual(['1: 10–12', 'profview: 12–14', '1: 14–15', 'profview: 18–20'])
  expect(recording.ranMs).toBe(3)
})

test('a segment that is open when the window is taken is cut in two', () => {
  const { log, taken, until } = scene()
  const recording = recordingOf(1)
  until(10)
  log.run(recording.root, () => {
    until(12)
    expect(taken()).toEqual(['1: 10–12'])
    until(13)
    expect(log.ranMs(recording)).toBe(3)
  })
  expect(taken()).toEqual(['1: 12–13'])
})

test('aside, nothing is anybody’s', () => {
  const { log, taken, until } = scene()
  until(10)
  const timer = log.run(recordingOf(1).root, () => log.ownerless.run(() => resource()))
  taken()
  until(20)
  timer.call(() => until(21))
  expect(taken()).toEqual(['?: 20–21'])
})

test('after the last user nothing is noted, and nothing runs', () => {
  const { log, taken, until, switches, off } = scene()
  const recording = recordingOf(1)
  until(10)
  const job = log.run(recording.root, () => {
    const made = resource()
    until(11)
    off()
    until(12)
    return made
  })
  until(20)
  job.call(() => until(21))
  expect(taken()).toEqual(['1: 10–11'])
  expect(log.active).toBe(false)
  expect(switches).toEqual([1, 0])
})

test('a function that throws leaves its segment as it found it', () => {
  const { log, taken, until } = scene()
  until(10)
  const fail = () => {
    until(11)
    throw new Error('of the app')
  }
  expect(() => log.run(recordingOf(1).root, fail)).toThrow('of the app')
  expect(taken()).toEqual(['1: 10–11'])
})

/** A timer, as far as its name goes. */
class Timeout extends AsyncResource {
  readonly _idleTimeout: number
  _destroyed = false

  constructor(ms: number) {
    super('Timeout')
    this._idleTimeout = ms
  }
}

describe('what else was waited for', () => {
  /** Two timers of one request, of which the first fires at `at`. */
  function pendingAt(at: number, change = (_other: Timeout) => {}): (readonly string[])[] {
    const { log, until } = scene()
    const recording = recordingOf(1)
    until(10)
    const [first, other] = log.run(
      recording.root,
      () => [new Timeout(20), new Timeout(300)] as const,
    )
    log.take()
    change(other)
    until(at)
    first.runInAsyncScope(() => until(at + 1))
    const { wait, pending } = log.take()
    return [wait.map((each) => each!.what), pending]
  }

  test('is told of a wait', () => {
    expect(pendingAt(30)).toEqual([['timer 20 ms'], ['timer 300 ms']])
  })

  test('but not of one shorter than a millisecond', () => {
    expect(pendingAt(11)).toEqual([['timer 20 ms'], ['']])
    expect(pendingAt(11.01)).toEqual([['timer 20 ms'], ['timer 300 ms']])
  })

  test('nor is a timer that was cleared', () => {
    const clear = (other: Timeout) => {
      other._destroyed = true
    }
    expect(pendingAt(30, clear)).toEqual([['timer 20 ms'], ['']])
  })
})

test('only segments of what is followed know what they continue', () => {
  const { log, until } = scene()
  const jobs = [recordingOf(1), bystanderOf(2)].map((context) =>
    log.run(context.root, () => resource()),
  )
  log.take()
  for (const job of jobs) job.call(() => until(5))
  const { context, wait } = log.take()
  expect([...context]).toEqual([1, 2])
  expect(wait.map((each) => each?.context.id ?? null)).toEqual([1, null])
})

test('what a segment goes on from was asked for in the segment that made it, if it is followed', () => {
  const { log, until } = scene()
  until(10)
  const jobs = [recordingOf(1), bystanderOf(2)].map((context) =>
    log.run(context.root, () => {
      until(12)
      return resource()
    }),
  )
  until(20)
  for (const job of jobs) job.call(() => until(21))
  const { context, asked } = log.take()
  expect([...context]).toEqual([1, 2, 1, 2])
  expect([...asked]).toEqual([Number.NaN, Number.NaN, 10, Number.NaN])
  expect(continueFrom(recordingOf(3).root).madeAt).toBe(21)
})

test('a wait that ends before the loop has brought anything has no name, whoever was recorded before', () => {
  const { log, until, off } = scene()
  const fired = log.run(recordingOf(1).root, () => new Timeout(20))
  fired.runInAsyncScope(() => until(20))
  expect(log.take().wait.map((each) => each?.what)).toEqual(['', 'timer 20 ms'])
  off()
  log.acquire()
  // As a promise, it follows from something else.
  const follows = log.run(recordingOf(2).root, () => resource())
  follows.call(() => until(30))
  log.release()
  expect(log.take().wait.map((each) => each?.what)).toEqual(['', ''])
})

describe('when a segment could have begun', () => {
  /** `ready → task, settled` of each segment of the context. */
  function readinessOf(log: RunLog, own: number): string[] {
    const { context, ready, task, readyUpTo, settled } = log.take()
    return [...context].flatMap((id, i) =>
      id === own ? [`${readyUpTo[i] ? '≤' : ''}${ready[i]} → ${task[i]}, ${settled[i]}`] : [],
    )
  }

  test('is told of the loop’s callback', () => {
    const { log, turns, until } = scene()
    const fired = log.run(recordingOf(1).root, () => new Timeout(20))
    log.take()
    turns.check(10)
    turns.slept = true
    until(30)
    new Timeout(1).runInAsyncScope(() => until(35))
    fired.runInAsyncScope(() => until(40))
    expect(readinessOf(log, 1)).toEqual(['30 → 35, NaN'])
  })

  test.each([
    ['a consequence', () => new AsyncResource('JOB')],
    ['a timer', () => new Timeout(1)],
  ])('inside somebody else’s callback it was not there before: %s', (_what, make) => {
    const { log, turns, until } = scene()
    const mine = log.run(recordingOf(1).root, make)
    log.take()
    turns.check(10)
    turns.slept = true
    until(30)
    new Timeout(1).runInAsyncScope(() => {
      until(35)
      mine.runInAsyncScope(() => until(40))
    })
    expect(readinessOf(log, 1)).toEqual(['30 → 30, 35'])
  })

  test('interrupted by others, it could have gone on at once', () => {
    const { log, until } = scene()
    const [one, other] = [recordingOf(1), bystanderOf(2)]
    const [mine, theirs] = [one, other].map((each) => log.run(each.root, () => new Timeout(1)))
    log.take()
    until(10)
    mine!.runInAsyncScope(() => theirs!.runInAsyncScope(() => until(20)))
    expect(readinessOf(log, 1)).toEqual(['≤0 → 10, NaN', '≤0 → 10, NaN'])
    expect(one.blockedMs).toBe(10 + 10)
  })

  test('a promise: since it was settled', async () => {
    const { log, until } = scene()
    let resolve = () => {}
    const awaited = new Promise<void>((settle) => {
      resolve = settle
    })
    const theirs = awaited.then(() => until(20))
    const mine = log.run(recordingOf(1).root, () => awaited.then(() => until(30)))
    log.take()
    until(10)
    resolve()
    await theirs
    await mine
    expect(readinessOf(log, 1)).toEqual(['0 → 0, 10'])
  })

  test('a tick: since it was made', async () => {
    const { log, until } = scene()
    until(10)
    const ticked = log.run(
      recordingOf(1).root,
      () =>
        new Promise<void>((done) => {
          process.nextTick(() => {
            until(30)
            done()
          })
        }),
    )
    log.take()
    until(20)
    await ticked
    expect(readinessOf(log, 1)[0]).toBe('0 → 0, 10')
  })

  test('our own immediate is nobody’s callback', () => {
    const { turns, taken } = scene()
    const ours = new Timeout(0)
    turns.armed = ours
    ours.runInAsyncScope(() => turns.check(10))
    expect(taken()).toEqual([])
  })
})
