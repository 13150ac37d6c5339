/** A thread that is followed as a whole, by Node's own hooks, on a clock that the test sets. */
import { AsyncResource } from 'node:async_hooks'
import { expect, onTestFinished, test } from 'vitest'
import { outsideRequests } from '../../src/recorder/outside-requests.js'
import { RunLog } from '../../src/sampler/async/run-log.js'
import { WaitLabels } from '../../src/sampler/async/wait-labels.js'
import { LabelCarrier } from '../../src/sampler/label-carrier.js'
import { Bystander } from '../../src/sampler/recording.js'
import { BACKGROUND, OURSELVES, UNFOLLOWED } from '../../src/sampler/window.js'
import { recordingOf, SetClock, SetTimers, SetTurns } from '../support/sampler-parts.js'

/** A timer, as far as its name goes. */
class Timeout extends AsyncResource {
  readonly _idleTimeout: number
  readonly #keepsAlive: boolean

  constructor(ms: number, keepsAlive = true) {
    super('Timeout')
    this._idleTimeout = ms
    this.#keepsAlive = keepsAlive
  }

  hasRef(): boolean {
    return this.#keepsAlive
  }
}

/** A resource that is created now, and whose callbacks the test calls. */
function resource(): { call(fn: () => void): void } {
  const made = new AsyncResource('JOB')
  return { call: (fn) => made.runInAsyncScope(fn) }
}

function scene() {
  const clock = new SetClock()
  const labels = new WaitLabels(new LabelCarrier(), () => null)
  const log = new RunLog(new SetTurns(), new SetTimers(), labels)
  log.follow()
  onTestFinished(() => log.unfollow())
  const names = new Map([
    [BACKGROUND, 'it'],
    [OURSELVES, 'profview'],
    [UNFOLLOWED, 'not followed'],
  ])
  /** `it: 10–15 db`, what is awaited with its name. */
  const taken = () => {
    const { start, end, context, wait } = log.take()
    return [...start].map((from, i) => {
      const who = names.get(context[i]!) ?? String(context[i])
      return `${who}: ${from}–${end[i]} ${wait[i]?.what ?? ''}`.trim()
    })
  }
  const until = (at: number) => {
    clock.at = at
  }
  return { log, taken, until }
}

test('continues whatever is nobody’s', () => {
  const { taken, until } = scene()
  const timer = new Timeout(5)
  until(10)
  let made = resource()
  timer.runInAsyncScope(() => {
    made = resource()
    until(12)
  })
  made.call(() => until(13))
  expect(taken()).toEqual(['it: 10–12 timer 5 ms', 'it: 12–13 timer 5 ms'])
})

test('but not our own work, and what comes of it', () => {
  const { log, taken, until } = scene()
  const ours = log.ownerless.run(() => resource())
  until(10)
  let next = ours
  ours.call(() => {
    next = resource()
    until(11)
  })
  next.call(() => until(13))
  expect(taken()).toEqual(['profview: 10–11', 'profview: 11–13'])
})

test('is told apart from requests', () => {
  const { log, taken, until } = scene()
  const mine = resource()
  const theirs = log.run(recordingOf(1).root, () => resource())
  log.take()
  until(10)
  mine.call(() => until(11))
  theirs.call(() => until(13))
  expect(taken()).toEqual(['it: 10–11', '1: 11–13'])
})

test('waits for no timer that would not keep it alive', () => {
  const { taken, until } = scene()
  const timer = new Timeout(5, false)
  until(10)
  timer.runInAsyncScope(() => until(12))
  expect(taken()).toEqual(['it: 10–12'])
})

test('is not followed for a while where there is too much of it', () => {
  const { until, taken } = scene()
  const jobs = [resource(), resource()]
  for (let i = 0; i < 20_000; i++) for (const job of jobs) job.call(() => {})
  until(50)
  jobs[0]!.call(() => until(60))
  const told = taken()
  expect(told.length).toBeGreaterThan(30_000)
  expect(told.length).toBeLessThan(30_010)
  expect(told.at(-1)).toBe('not followed: 0–60')
  until(70)
  resource().call(() => until(80))
  expect(taken()).toEqual(['it: 70–80'])
})

test('goes on in the recording that follows', () => {
  const { log, taken, until } = scene()
  const timer = new Timeout(5)
  log.follow()
  log.unfollow()
  log.take()
  until(10)
  timer.runInAsyncScope(() => until(12))
  expect(taken()).toEqual(['it: 10–12 timer 5 ms'])
})

test('requests that pass in it are followed as closely', () => {
  const { log, taken, until } = scene()
  const passing = passerBy(7)
  passing.program = log.ownerless.program
  const timers = log.run(passing.root, () => [new Timeout(5), new Timeout(8, false)])
  log.take()
  until(10)
  timers[0]!.runInAsyncScope(() => until(11))
  // One of Node's own, for its headers.
  timers[1]!.runInAsyncScope(() => until(12))
  expect(taken()).toEqual(['7: 10–11 timer 5 ms', '7: 11–12'])
})

test('and no longer than it is', () => {
  const { log } = scene()
  const passing = passerBy(7)
  passing.program = log.ownerless.program
  expect(passing.follows).toBe(true)
  const jobs = [resource(), resource()]
  for (let i = 0; i < 20_000; i++) for (const job of jobs) job.call(() => {})
  expect(passing.follows).toBe(false)
})

test('what this package does for itself is no part of it', () => {
  const { log, taken, until } = scene()
  const ours = outsideRequests(() => resource())
  log.take()
  until(10)
  ours.call(() => until(11))
  expect(taken()).toEqual(['profview: 10–11'])
})

// --- internal ---

function passerBy(id: number): Bystander {
  return new Bystander(id, () => `GET /${id}`, 0)
}
