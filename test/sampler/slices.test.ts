/** Our own work in slices, on a clock that each step moves. */
import { expect, test } from 'vitest'
import type { Steps } from '../../src/profile/steps.js'
import { Slices } from '../../src/sampler/slices.js'
import { SetClock } from '../support/sampler-parts.js'

/** `steps` of `stepMs` each; the loop's turns are `turnMs` longer than asked for. */
function slicesOf(steps: number, stepMs: number, turnMs = 0): number[] {
  return slicesAndPausesOf(new SetClock(), steps, stepMs, turnMs).lengths
}

function pausesOf(clock: SetClock, steps: number, stepMs: number): number[] {
  return slicesAndPausesOf(clock, steps, stepMs, 0).pauses
}

function slicesAndPausesOf(
  clock: SetClock,
  steps: number,
  stepMs: number,
  turnMs: number,
  isHurried = false,
) {
  const pauses: number[] = []
  let next: { readonly slice: () => void; readonly at: number } | null = null
  const slices = new Slices((slice, ms) => {
    pauses.push(ms)
    next = { slice, at: clock.at + ms + turnMs }
  })
  function* work(): Steps<void> {
    for (let i = 0; i < steps; i++) {
      clock.at += stepMs
      yield
    }
  }
  slices.start(work(), isHurried)
  const lengths: number[] = []
  while (next !== null) {
    const { slice, at }: { slice: () => void; at: number } = next
    next = null
    clock.at = at
    slice()
    lengths.push(clock.at - at)
  }
  expect(slices.underWay).toBe(false)
  return { pauses, lengths: lengths.map((ms) => Number(ms.toFixed(3))) }
}

test('ours takes 0.25 ms at a time, after pauses of 20 ms', () => {
  expect(slicesOf(10, 0.125)).toEqual([0.25, 0.25, 0.25, 0.25, 0.25, 0])
  expect(slicesOf(3, 0)).toEqual([0])
  const clock = new SetClock()
  expect(pausesOf(clock, 4, 0.25)).toEqual([20, 20, 20, 20, 20])
})

test('pauses are shorter once it has taken 200 ms', () => {
  const pauses = pausesOf(new SetClock(), 30, 0.25)
  expect(new Set(pauses.slice(0, 10))).toEqual(new Set([20]))
  expect(new Set(pauses.slice(10))).toEqual(new Set([5]))
})

test('what would be lost with the process is done in half a second, at half of the time at most', () => {
  const clock = new SetClock()
  const from = clock.at
  const { lengths, pauses } = slicesAndPausesOf(clock, 800, 0.125, 0, true)
  expect(clock.at - from).toBeLessThan(500)
  expect(new Set(pauses)).toEqual(new Set([5]))
  expect([...new Set(lengths.slice(0, -1))]).toEqual([0.25, 1, 2, 4])
})

test('a step that is longer ends its slice', () => {
  expect(slicesOf(3, 2)).toEqual([2, 2, 2, 0])
})

test('where turns of the loop are long, a twentieth of them, and at most 1 ms', () => {
  expect(slicesOf(9, 0.125, 5)).toEqual([0.5, 0.5, 0.125])
  expect(slicesOf(24, 0.125, 200)).toEqual([1, 1, 1, 0])
})

test('after a second there is an end to patience: more than 1 ms, if that is a twentieth', () => {
  expect(slicesOf(180, 0.125, 395)).toEqual([1, 1, 20, 0.5])
})

test('what is left at the end is done at once', () => {
  const clock = new SetClock()
  const later: (() => void)[] = []
  const slices = new Slices((slice) => later.push(slice))
  const done: number[] = []
  function* work(): Steps<void> {
    for (let i = 0; i < 100; i++) {
      done.push(i)
      clock.at += 1
      yield
    }
  }
  slices.start(work())
  later.shift()!()
  expect(done).toHaveLength(1)
  slices.finish()
  expect([done.length, slices.underWay]).toEqual([100, false])
  // The pause that was begun ends in nothing.
  for (const slice of later) slice()
  expect(done).toHaveLength(100)
})
