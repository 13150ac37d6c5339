import { expect, test } from 'vitest'
import { Pace } from '../../src/sampler/async/pace.js'

/** Windows of 250 ms that would bring so many segments each: `f` followed, `-` in part, `.` not. */
function windows(pace: Pace, perWindow: number, count: number, from = 0): string {
  let told = ''
  for (let i = from; i < from + count; i++) {
    let segments = 0
    const isAsleep = pace.isResting
    while (!pace.isResting && segments < perWindow) {
      segments += perWindow / 100
      if (pace.isTooFast(segments, (i + segments / perWindow) * 250)) pace.rest()
    }
    told += isAsleep ? '.' : pace.isResting ? '-' : 'f'
    pace.windowEnds(segments, (i + 1) * 250)
  }
  return told
}

test('what brings few segments is followed for good', () => {
  expect(windows(new Pace(), 2000, 100)).toBe('f'.repeat(100))
})

test('bursts are followed, and what goes on like that more and more rarely', () => {
  const told = windows(new Pace(), 25_000, 300)
  expect(told).toMatch(/^f-/)
  const rests = told.split(/[f-]/).map((rest) => rest.length)
  expect(rests.filter((length) => length > 0).slice(0, 7)).toEqual([1, 3, 7, 15, 31, 63, 63])
})

test('when it has become cheap it is followed for good, and soon again after a burst', () => {
  const pace = new Pace()
  windows(pace, 25_000, 100)
  expect(windows(pace, 1000, 100, 100)).toMatch(/^\.{0,63}f+$/)
  expect(windows(pace, 25_000, 4, 200)).toBe('f--.')
})
