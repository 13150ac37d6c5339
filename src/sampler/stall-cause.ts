/** Why the loop could not go on in a stretch, as far as its samples show. */
import type { Stall } from '../profile/profile.js'

export interface PhasedSamples {
  /** In time order, ms. */
  readonly time: ArrayLike<number>
  readonly phase: ArrayLike<number>
  /** The same for samples of one callback; see `isPerCallback`. */
  readonly unit: ArrayLike<number>
}

/** Nothing ran. */
export const ASLEEP = 0
/** Immediates and timers run after the check phase, before the poll. */
export const BEFORE_POLL = 1
/** What the poll has brought. */
export const AFTER_POLL = 2
/** Promises go on, or memory is freed: in the phase of the sample before. */
export const SAME_PHASE = 3
/** Native code that nobody's code has called: in the phase of the sample before. */
export const NATIVE = 4

/**
 * What had most of the stretch. `isPerCallback`: each callback's samples have a unit of their own;
 * else all of one request's have the same, and one callback cannot be told from many.
 */
export function causeOf(
  from: number,
  to: number,
  { time, phase, unit }: PhasedSamples,
  isPerCallback: boolean,
): Stall['cause'] {
  const inPhase = [0, 0, 0, 0, 0]
  let [all, longest, inUnit] = [0, 0, 0]
  for (let i = 0; i < time.length; i++) {
    if (time[i]! < from || time[i]! > to) continue
    const ms = time[i]! - Math.max(from, time[i - 1] ?? from)
    all += ms
    inPhase[phase[i]!]! += ms
    inUnit = unit[i] === unit[i - 1] ? inUnit + ms : ms
    longest = Math.max(longest, inUnit)
  }
  if (all === 0) return 'unknown'
  if (inPhase[NATIVE]! >= all / 2) return 'native'
  if (longest >= all / 2) return isPerCallback ? 'callback' : 'unknown'
  return inPhase[SAME_PHASE]! >= all / 2 ? 'microtasks' : 'burst'
}
