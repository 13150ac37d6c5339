/**
 * Overlapping requests whose awaits nobody follows, and what they leave behind: whose each sample
 * is, by the function it is in, and how long each has run, by its own clock.
 */
import { describe, expect, test } from 'vitest'
import { ROOT, runNode } from '../support/app.js'

interface Told {
  readonly samples: { readonly own: number; readonly foreign: number; readonly unlabelled: number }
  readonly all: readonly { readonly clocked: number; readonly told: number }[]
}

describe.each([
  { interval: 1000, unsure: 0.2 },
  { interval: 5000, unsure: 0.4 },
])('24 at once, a sample every $interval µs', ({ interval, unsure }) => {
  test('each sample is of whose function it is in, each has its own time', async () => {
    const program = `${ROOT}/test/support/stragglers.mjs`
    const { out, err } = await runNode([program, String(interval)])
    expect(err).toBe('')
    const { samples, all }: Told = JSON.parse(out)
    const { own, ...others } = samples
    expect(others).toEqual({ foreign: 0, unlabelled: 0 })
    expect(own).toBeGreaterThan(50)
    // Who of two took the time between their samples is a guess; what all took together is none.
    const sum = (of: 'clocked' | 'told') => all.reduce((total, each) => total + each[of], 0)
    expect(sum('told') / sum('clocked')).toBeGreaterThan(0.85)
    expect(sum('told') / sum('clocked')).toBeLessThan(1.15)
    // A few samples each.
    const errors = all.map(({ clocked, told }) => Math.abs(told / clocked - 1))
    expect(errors.sort((a, b) => a - b)[errors.length >> 1]).toBeLessThan(unsure)
  })
})
