/**
 * Overlapping requests whose awaits nobody follows, and what they leave behind: whose each sample
 * is, by the function it is in, and how long each has run, by its own clock.
 */
import { describe, expect, test } from 'vitest'
import { ROOT, runNode } from '../support/app.js'

interface Told {
  readonly samples: { readonly own: number; readonly foreign: number; readonly unlabelled: number }
  readonly all: readonly { readonly clocked: number; readonly told: number }[]
  /** CPU times between two samples, ms. */
  readonly gaps: readonly number[]
}

describe.each([1000, 5000])('24 at once, a sample every %s µs', (interval) => {
  test('each sample is of whose function it is in, each has its own time', async () => {
    const program = `${ROOT}/test/support/stragglers.mjs`
    const { out, err } = await runNode([program, String(interval)])
    expect(err).toBe('')
    const { samples, all, gaps }: Told = JSON.parse(out)
    const { own, ...others } = samples
    expect(others).toEqual({ foreign: 0, unlabelled: 0 })
    expect(own).toBeGreaterThan(50)
    // Who of two took the time between their samples is a guess, and a busy machine lets the engine
    // take few: as unsure is a time of so many.
    const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0)
    const gap = sum(gaps.map((each) => each * each)) / sum(gaps)
    const clocked = sum(all.map((each) => each.clocked))
    const told = sum(all.map((each) => each.told))
    expect(Math.abs(told / clocked - 1)).toBeLessThan(Math.max(0.15, 4 * Math.sqrt(gap / clocked)))
    const errors = all.map(({ clocked, told }) => Math.abs(told / clocked - 1))
    const median = errors.sort((a, b) => a - b)[errors.length >> 1]
    expect(median).toBeLessThan(1.2 * Math.sqrt((gap * all.length) / clocked))
  })
})
