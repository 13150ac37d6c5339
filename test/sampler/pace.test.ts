import { expect, test } from 'vitest'
import { Pace } from '../../src/sampler/async/pace.js'

/** Windows of 250 ms that bring so many segments each while followed: `f`, or `.` for rest. */
function windows(pace: Pace, perWindow: number, count: number, from = 0): string {
  let told = ''
  for (let i = 0; i < count; i++) {
    const end = (from + i + 1) * 250
    let segments = 0
    if (!pace.isResting) {
      segments = perWindow
      // Half-way through the segments half of the time has passed.
      if (pace.isTooFast(perWindow, end)) pace.rest()
    }
    told += pace.isResting && segments === 0 ? '.' : 'f'
    pace.windowEnds(segments, end)
  }
  return told
}

test('what brings few segments is followed for good', () => {
  expect(windows(new Pace(), 4000, 100)).toBe('f'.repeat(100))
})

test('bursts are followed, and what goes on like that more and more rarely', () => {
  const told = windows(new Pace(), 50_000, 200)
  expect(told.startsWith('f')).toBe(true)
  const rests = told.split('f').map((rest) => rest.length)
  expect(rests.filter((length) => length > 0).slice(0, 7)).toEqual([1, 3, 7, 15, 31, 63, 63])
})

test('after a rest it is followed for good again if that is cheap now', () => {
  const pace = new Pace()
  windows(pace, 50_000, 20)
  expect(windows(pace, 1000, 300, 20).endsWith('f'.repeat(200))).toBe(true)
  pace.rest()
  expect(windows(pace, 1000, 3, 320)).toBe('.ff')
})
