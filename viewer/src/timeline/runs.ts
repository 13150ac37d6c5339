import { Float64Column, Int32Column } from '../../../src/profile/columns.js'
import type { Micros, Profile } from '../../../src/profile/profile.js'
import { countUpTo } from '../../../src/profile/sorted.js'

/**
 * Stretches of time one after the other, as columns: from `start` up to `end`, and what each of
 * them is.
 */
export interface Runs {
  readonly start: Float64Array
  readonly end: Float64Array
  readonly value: Int32Array
}

/** No run: for stacks that are not shown, and where a search finds nothing. */
export const NONE = -1

/**
 * Joins neighbouring samples that are the same thing, by the value of their stacks; `NONE` leaves a
 * gap. Times count from the profile's start.
 *
 *     a 3, a 2, b 4, c 1   with a → 7, b → NONE, c → 7   =   7 from 0 to 5, 7 from 9 to 10
 */
export function runsOf({ samples }: Profile, valueOfStack: ArrayLike<number>): Runs {
  const start = new Float64Column()
  const end = new Float64Column()
  const value = new Int32Column()
  let at = 0
  let open = NONE
  for (let i = 0; i < samples.stack.length; i++) {
    const weight = samples.weight[i]!
    if (weight <= 0) continue
    const next = valueOfStack[samples.stack[i]!]!
    if (next !== open) {
      if (open !== NONE) end.push(at)
      if (next !== NONE) start.push(at)
      if (next !== NONE) value.push(next)
      open = next
    }
    at += weight
  }
  if (open !== NONE) end.push(at)
  return { start: start.finish(), end: end.finish(), value: value.finish() }
}

/** The run at a time or, in a gap, the next one; `NONE` after the last. O(log runs). */
export function runAt({ end }: Runs, time: Micros): number {
  const ended = countUpTo(end, time)
  return ended < end.length ? ended : NONE
}
