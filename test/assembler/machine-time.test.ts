/** What the machine took, by its counters around a recording. */
import { expect, test } from 'vitest'
import { machineTime } from '../../src/assembler/machine-time.js'

const none = Number.NaN
const READINGS = {
  at: [0, 9, 20, 30],
  runQueue: [100, 110, 150, 190],
  throttled: [5, 6, 26, 30],
}

test('from the last reading before it to the first one after', () => {
  expect(machineTime(READINGS, 10, 20, 90_000)).toEqual({
    runQueueMicros: 40_000,
    throttledMicros: 20_000,
  })
  expect(machineTime(READINGS, 9, 21, 90_000)).toEqual({
    runQueueMicros: 80_000,
    throttledMicros: 24_000,
  })
})

test('is at most the off-CPU time', () => {
  expect(machineTime(READINGS, 10, 20, 15_000)).toEqual({
    runQueueMicros: 15_000,
    throttledMicros: 15_000,
  })
})

test('without a quota nothing was throttled', () => {
  const unlimited = { ...READINGS, throttled: [none, none, none, none] }
  expect(machineTime(unlimited, 10, 20, 90_000)).toEqual({
    runQueueMicros: 40_000,
    throttledMicros: 0,
  })
})

test('is not known where the system does not say, and not without a reading on both sides', () => {
  const silent = { ...READINGS, runQueue: [none, none, none, none] }
  expect(machineTime(silent, 10, 20, 90_000)).toBe(null)
  expect(machineTime(READINGS, -1, 20, 90_000)).toBe(null)
  expect(machineTime(READINGS, 10, 31, 90_000)).toBe(null)
  expect(machineTime({ at: [], runQueue: [], throttled: [] }, 10, 20, 0)).toBe(null)
})
