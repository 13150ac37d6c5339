import { expect, test } from 'vitest'
import { BackOff } from '../../src/sampler/back-off.js'

test('a failure that comes soon is rested from for twice as long, up to the longest', () => {
  const backOff = new BackOff(1000, 60_000)
  const rests: number[] = []
  let at = 5
  for (let i = 0; i < 9; i++) {
    rests.push(backOff.failed(at))
    at += rests[i]!
  }
  expect(rests).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000))
  expect(backOff.failed(at + 60_000)).toBe(60_000)
  expect(backOff.failed(at + 181_000)).toBe(1000)
})
