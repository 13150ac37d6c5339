/** Labels of promises and ticks, by their ids. */
import { expect, test } from 'vitest'
import { JobLabels } from '../../src/sampler/async/job-labels.js'

/** Until the place of the first one is taken by another. */
const MANY = 1 << 14

test('what was made is known when it is called, and again', () => {
  const labels = new JobLabels()
  labels.made(3, 7, true)
  labels.made(4, 0, true)
  labels.made(5, -8, false)
  expect([3, 4, 5, 3, 6].map((id) => labels.called(id))).toEqual([7, 0, -8, 7, null])
})

test('what waits for longer than thousands are made is known still; what has been called is not', () => {
  const labels = new JobLabels()
  labels.made(1, 7, true)
  labels.made(2, 7, true)
  labels.made(3, 7, false)
  labels.called(2)
  for (let id = 4; id < 4 + 3 * MANY; id++) labels.made(id, 9, false)
  expect([1, 2, 3].map((id) => labels.called(id))).toEqual([7, null, null])
})

test('of those that are never called, the oldest are forgotten when that is long ago', () => {
  const labels = new JobLabels()
  const waiting = (from: number) => {
    for (let id = from; id < from + 8 * MANY; id++) labels.made(id, 7, true)
  }
  waiting(1)
  waiting(1e7)
  waiting(2e7)
  expect(labels.called(1)).toBe(null)
  expect(labels.called(2e7 + MANY)).toBe(7)
})

test('of many that wait at once each is known, or has been refused', () => {
  const labels = new JobLabels()
  const refused = new Set<number>()
  for (let id = 1; id <= 20 * MANY; id++) if (!labels.made(id, 7, true)) refused.add(id)
  const known: number[] = []
  for (let id = 1; id <= 20 * MANY; id++) if (labels.called(id) === 7) known.push(id)
  expect(known.length).toBe(5 * MANY)
  expect(known.filter((id) => refused.has(id))).toEqual([])
  expect(known.length + refused.size).toBe(20 * MANY)
  // There is room again, as far as they have been called.
  expect(labels.made(21 * MANY, 7, true)).toBe(true)
})
