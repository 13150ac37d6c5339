/** Which of the requests that waited in the loop's queue is kept. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BusyStretches } from '../../src/recorder/busy-stretches.js'
import { setClocks } from '../../src/sampler/clock.js'

// The app's timers, fake or not, are not ours: here they are.
vi.mock('node:timers', async (original) => ({
  ...(await original<typeof import('node:timers')>()),
  setTimeout: (...args: Parameters<typeof setTimeout>) => globalThis.setTimeout(...args),
}))

/** ms. */
let time = 0
let setBack = () => {}

beforeEach(() => {
  vi.useFakeTimers()
  time = 0
  setBack = setClocks({ now: () => time, epochNow: () => time })
})
afterEach(() => {
  vi.useRealTimers()
  setBack()
})

function pass(ms: number): void {
  for (let i = 0; i < ms; i++) {
    time++
    vi.advanceTimersByTime(1)
  }
}

function opened(isComplete: (until: number) => boolean = () => true) {
  const kept: string[] = []
  const stretches = new BusyStretches<{ name: string; from: number; startedAt: number }>(
    isComplete,
    ({ name }, others) => void kept.push(`${name} and ${others} others at ${time}`),
  )
  const add = (name: string, from: number, startedAt: number) =>
    stretches.add({ name, from, startedAt })
  return { kept, stretches, add }
}

test('of one stretch the longest wait is kept, and says how many others there were', () => {
  const { kept, add } = opened()
  add('a', 0, 900)
  add('b', 0, 930)
  add('c', 10, 920)
  pass(99)
  expect(kept).toEqual([])
  pass(1)
  expect(kept).toEqual(['b and 2 others at 100'])
})

test('of two that waited for as long, the first one', () => {
  const { kept, add } = opened()
  add('a', 0, 900)
  add('b', 10, 910)
  pass(100)
  expect(kept).toEqual(['a and 1 others at 100'])
})

test('whoever cannot have waited with the others is of the next stretch', () => {
  const { kept, add } = opened()
  add('a', 0, 900)
  add('b', 900, 2000)
  expect(kept).toEqual(['a and 0 others at 0'])
  pass(100)
  expect(kept).toEqual(['a and 0 others at 0', 'b and 0 others at 100'])
})

test('as long as somebody of it has not ended it is waited for', () => {
  let ended = false
  const asked: number[] = []
  const { kept, add } = opened((until) => {
    asked.push(until)
    return ended
  })
  add('a', 0, 900)
  pass(250)
  expect(kept).toEqual([])
  add('b', 100, 950)
  ended = true
  pass(100)
  expect(kept).toEqual(['a and 1 others at 350'])
  expect(asked).toEqual([900, 900, 950])
})

test('who comes too late is not kept, and a longer wait no more than a shorter one', () => {
  const { kept, add } = opened()
  add('a', 0, 900)
  pass(100)
  add('b', 500, 950)
  pass(200)
  expect(kept).toEqual(['a and 0 others at 100'])
})

test('a loop that never rests tells of each ten seconds', () => {
  const { kept, add } = opened(() => false)
  for (let i = 0; i < 25; i++) {
    add(`${i}`, time - 1600, time)
    pass(1000)
  }
  expect(kept).toEqual(['0 and 10 others at 10100', '11 and 10 others at 21100'])
})

test('at the end whoever there is is kept', () => {
  const { kept, stretches, add } = opened(() => false)
  stretches.close()
  add('a', 0, 900)
  stretches.close()
  stretches.close()
  expect(kept).toEqual(['a and 0 others at 0'])
})
