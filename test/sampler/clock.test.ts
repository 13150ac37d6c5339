/** How far the wall clock is ahead of the monotonic one, on clocks that the test sets. */
import { expect, test } from 'vitest'
import { EpochOffset } from '../../src/sampler/clock.js'
import { allOf, SetClock } from '../support/sampler-parts.js'

function sceneOf(offset: number, step = 0) {
  const clock = new SetClock()
  clock.offset = offset
  clock.step = step
  return { clock, epoch: new EpochOffset() }
}

/** `value ± uncertainty`, ms. */
function told({ value, uncertainty }: EpochOffset): string {
  return `${value.toFixed(7)} ± ${uncertainty.toFixed(7)}`
}

test('one look at a clock of whole ms is good to half of one', () => {
  const { clock, epoch } = sceneOf(1000.25)
  clock.at = 7
  epoch.observe()
  // The wall clock says 1007, so it is between 1007 and 1008.
  expect(told(epoch)).toBe('1000.5000000 ± 0.5000000')
})

test('looks at other phases narrow it from both sides', () => {
  const { clock, epoch } = sceneOf(1000.25)
  const seen = [7, 7.7, 8.5, 8.8].map((at) => {
    clock.at = at
    epoch.observe()
    return told(epoch)
  })
  expect(seen).toEqual([
    '1000.5000000 ± 0.5000000',
    // 1007.95 shows 1007: less than 1000.3, and 35 ns of drift since the look before.
    '1000.1499825 ± 0.1500175',
    '1000.1499825 ± 0.1500575',
    // 1009.05 shows 1009: at least 1000.2.
    '1000.2500275 ± 0.0500275',
  ])
})

test('a thread that is preempted between two readings widens the look, and is right', () => {
  const { clock, epoch } = sceneOf(1000.25)
  clock.at = 7
  clock.step = 3
  epoch.observe()
  expect(told(epoch)).toBe('1000.5000000 ± 3.5000000')
})

test('calibrating watches the clock tick over', () => {
  const { clock, epoch } = sceneOf(1000.25, 0.01)
  allOf(epoch.calibrate())
  expect(epoch.uncertainty).toBeLessThanOrEqual(0.1)
  expect(Math.abs(epoch.value - 1000.25)).toBeLessThanOrEqual(epoch.uncertainty)
  const { readings } = clock
  allOf(epoch.calibrate())
  expect(clock.readings - readings, 'known well enough').toBe(3)
})

test('calibrating gives up where the clock does not tick', () => {
  const { clock, epoch } = sceneOf(0, 1e-5)
  Object.defineProperty(clock, 'offset', { get: () => 5000 - clock.at })
  allOf(epoch.calibrate())
  expect(epoch.uncertainty).toBeGreaterThan(0.1)
  // A look is three readings.
  expect(clock.readings).toBe(3 * 5000)
})

test('what is known grows old: 50 µs a second', () => {
  const { clock, epoch } = sceneOf(1000.25, 0.01)
  allOf(epoch.calibrate())
  clock.step = 0
  const [known, before] = [epoch.uncertainty, clock.at]
  // At a phase that tells nothing new.
  clock.at = Math.ceil(clock.at) + 4000.25
  epoch.observe()
  expect(epoch.uncertainty - known).toBeCloseTo((clock.at - before) * 5e-5, 9)
})

test('a clock that drifts is followed', () => {
  const { clock, epoch } = sceneOf(1000.25, 0.01)
  for (let second = 0; second < 60; second++) {
    allOf(epoch.calibrate())
    expect(Math.abs(epoch.value - clock.offset)).toBeLessThanOrEqual(epoch.uncertainty + 1e-9)
    expect(epoch.uncertainty).toBeLessThanOrEqual(0.1)
    clock.at += 1000
    clock.offset += 0.04
  }
})

test.each([3_600_000, -3_600_000])('a clock that is set by %i ms is looked at anew', (change) => {
  const { clock, epoch } = sceneOf(1000.25, 0.01)
  allOf(epoch.calibrate())
  clock.step = 0
  clock.offset += change
  clock.at = Math.ceil(clock.at) + 5
  epoch.observe()
  expect(told(epoch)).toBe(`${(1000.5 + change).toFixed(7)} ± 0.5000000`)
})
