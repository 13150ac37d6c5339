/** Which of the loop's turns are logged, on set clocks. */
import { describe, expect, test } from 'vitest'
import { countUpTo } from '../../src/profile/sorted.js'
import { TurnLog } from '../../src/sampler/loop-turns.js'

function logged(turns: readonly (readonly [at: number, slept?: boolean])[]): string[] {
  const log = new TurnLog()
  for (const [at, slept = false] of turns) log.ended(at, slept)
  const { at, slept } = log.take()
  return Array.from(at, (time, i) => `${time}${slept[i] === 1 ? ' slept' : ''}`)
}

test('of a run of short turns the first two and the last', () => {
  expect(logged([[10], [60], [60.1], [60.2], [60.3], [60.4], [90]])).toEqual([
    '10',
    '60',
    '60.1',
    '60.4',
    '90',
  ])
})

test('a sleep in a turn that is not logged is told by the next that is', () => {
  const turns = [[60], [60.1], [60.2], [60.3, true], [60.4], [90]] as const
  expect(logged(turns)).toEqual(['60', '60.1', '60.4 slept', '90'])
})

test('a loop that spins takes a few rows a millisecond', () => {
  const turns = Array.from({ length: 10_000 }, (_, i) => [i / 1000] as const)
  expect(logged(turns).length).toBeLessThan(80)
})

describe('the check before the last one', () => {
  /** Short and long turns by turns, in no order that a log could rely on. */
  const gaps = Array.from({ length: 400 }, (_, i) => (((i * i) % 7) % 3 === 0 ? 30 : 0.07))
  const checks: number[] = []
  for (const gap of gaps) checks.push((checks.at(-1) ?? 0) + gap)
  const log = new TurnLog()
  for (const at of checks) log.ended(at, false)
  const { at } = log.take()

  test('is known within half a millisecond, and never too late', () => {
    for (const check of checks.slice(3)) {
      const time = check + 0.01
      const truth = checks[countUpTo(checks, time) - 2]!
      const told = at[countUpTo(at, time) - 2]!
      expect(told).toBeLessThanOrEqual(truth)
      expect(truth - told).toBeLessThan(0.5)
    }
  })
})
