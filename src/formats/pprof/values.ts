import type { Unit } from '../../profile/profile.js'
import { bad } from '../shared/bad.js'
import type { Numeric } from './wire.js'

export interface SampleType {
  readonly type: string
  readonly unit: string
}

/** Which value of a sample is read, and how many of its units make one of the model's. */
export interface ValueChoice {
  readonly column: number
  /** For people, where the unit alone does not say it: `inuse_space`. */
  readonly what: string
  readonly unit: Unit
  readonly divisor: number
}

/**
 * By name, never by place: a profile with CPU time has one column more than one without. Time first
 * (wall, then cpu, then samples), then bytes, then counts; among equals the file's default, else
 * the last, as `pprof` itself chooses. Throws `BAD_INPUT` if there is no value at all.
 */
export function chooseValue(types: readonly SampleType[], preferred: string): ValueChoice {
  const candidates = types.map(({ type: name, unit }, column) => {
    const time = TIME_UNITS.get(unit)
    const size = SIZE_UNITS.get(unit)
    const rank = time !== undefined ? 100 - TIME_NAMES.indexOf(name) : size !== undefined ? 50 : 0
    const isNamed = time === undefined || TIME_NAMES.includes(name)
    return {
      column,
      rank: (isNamed ? rank : 60) + (name === preferred && preferred !== '' ? 0.5 : 0),
      choice: {
        column,
        ...meaningOf(name, time, size),
        divisor: time ?? size ?? 1,
      },
    }
  })
  candidates.sort((a, b) => b.rank - a.rank || b.column - a.column)
  const [best] = candidates
  if (best === undefined) {
    throw bad('sample_type', 'is empty')
  }
  return best.choice
}

/**
 * Values in whole units of the model; what a value lacks to a whole one is carried over to the
 * next, so that the total is right to one unit.
 */
export class WholeValues {
  readonly #divisor: number
  #carry = 0

  constructor(divisor: number) {
    this.#divisor = divisor
  }

  /** Throws `BAD_INPUT` with the place for a negative value and for one past 2^53. */
  next(value: Numeric, placeOf: () => string): number {
    // Negative numbers are written as ten bytes and read as if they had no sign.
    if (value > 0x7fffffffffffffffn) throw bad(placeOf(), 'is negative')
    if (value > Number.MAX_SAFE_INTEGER) throw bad(placeOf(), 'is too large')
    const parts = Number(value)
    if (this.#divisor < 1) {
      const whole = Math.round(parts / this.#divisor)
      if (!Number.isSafeInteger(whole)) throw bad(placeOf(), 'is too large')
      return whole
    }
    const whole = Math.floor((parts + this.#carry) / this.#divisor)
    this.#carry = parts + this.#carry - whole * this.#divisor
    return whole
  }
}

// --- internal ---

const TIME_NAMES = ['wall', 'cpu', 'samples']
const TIME_UNITS = new Map([
  ['nanoseconds', 1000],
  ['ns', 1000],
  ['microseconds', 1],
  ['us', 1],
  ['µs', 1],
  ['milliseconds', 1e-3],
  ['ms', 1e-3],
  ['seconds', 1e-6],
  ['s', 1e-6],
])
const SIZE_UNITS = new Map([
  ['bytes', 1],
  ['byte', 1],
  ['kilobytes', 1 / 1024],
  ['megabytes', 1 / 1024 ** 2],
])

/** Of Go's block and mutex profiles, and of profilers of locks. */
const DELAY = /delay|(?<!c)lock|contention|mutex|wait/
/** What a sampler counts: its samples, or how often what it samples by went by. */
const SAMPLED = /^$|^(wall|cpu|hits)$|sample|cycle|instruction|event/

function meaningOf(name: string, time: number | undefined, size: number | undefined) {
  const of = (unit: Unit) => ({ unit, what: name })
  if (time !== undefined)
    return DELAY.test(name) ? of('delay') : { ...of('microseconds'), what: '' }
  if (size !== undefined) return of('bytes')
  return SAMPLED.test(name) ? { ...of('samples'), what: '' } : of('counts')
}
