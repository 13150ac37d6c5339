import type { Unit } from '../../../src/profile/profile.js'
import { amount } from '../../../src/render/measure.js'
import type { Range } from '../../../src/transform/range.js'

export interface Tick {
  readonly at: number
  readonly label: string
}

/**
 * Round numbers within a stretch of time, at most `most` of them, with a label each: steps of 1, 2
 * or 5 times a power of ten. All labels have the same unit and decimals.
 */
export function ticksOf({ from, to }: Range, most: number, unit: Unit): Tick[] {
  const step = roundStep((to - from) / Math.max(1, most))
  const write = writerOf(step, to, unit)
  const ticks: Tick[] = []
  for (let n = Math.ceil(from / step); n * step <= to; n++) {
    ticks.push({ at: n * step, label: write(n * step) })
  }
  return ticks
}

// --- internal ---

/** The smallest round number that is not below, and at least one: time is whole. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)))
  const factor = [1, 2, 5, 10].find((each) => each * power >= least * (1 - 1e-9))!
  return factor * power
}

function writerOf(step: number, to: number, unit: Unit): (at: number) => string {
  if (unit !== 'microseconds') return (at) => amount(at, unit)
  const [label, size] = to >= 1e6 && step >= 1e4 ? ['s', 1e6] : (['ms', 1e3] as const)
  const decimals = Math.max(0, -Math.floor(Math.log10(step / size) + 1e-9))
  return (at) => `${(at / size).toFixed(decimals)} ${label}`
}
