/** Why the loop could not go on in a stretch, as far as its samples show. */
import type { Stall } from '../profile/profile.js'

export interface PhasedSamples {
  /** In time order, ms. */
  readonly time: ArrayLike<number>
  readonly phase: ArrayLike<number>
  /** The same for samples of one callback; see `isPerCallback`. */
  readonly unit: ArrayLike<number>
  /** CPU time of the thread since the sample before, ms; NaN: not known. */
  readonly cpu: ArrayLike<number>
}

/** Nothing ran. */
export const ASLEEP = 0
/** Timers run after the check phase, before the poll. */
export const BEFORE_POLL = 1
/** What the poll has brought. */
export const AFTER_POLL = 2
/** Promises go on, or memory is freed: in the phase of the sample before. */
export const SAME_PHASE = 3
/** Native code that nobody's code has called: in the phase of the sample before. */
export const NATIVE = 4
/** Promises go on that a timer or an immediate has settled, before the others run. */
export const GO_ON_BEFORE_POLL = 5
/** Immediates run in the check phase, most of them after it was noted, and so before the poll. */
export const IN_CHECK = 6

/**
 * What had most of the stretch. `isPerCallback`: each callback's samples have a unit of their own;
 * else all of one request's have the same, and one callback cannot be told from many.
 */
export function causeOf(
  from: number,
  to: number,
  { time, phase, unit, cpu }: PhasedSamples,
  isPerCallback: boolean,
): Stall['cause'] {
  const inPhase = [0, 0, 0, 0, 0, 0, 0]
  // Counted: the time of a sample is also that in which the machine took none.
  let [all, longest, inUnit, cpuMs] = [0, 0, 0, 0]
  for (let i = 0; i < time.length; i++) {
    if (time[i]! < from || time[i]! > to) continue
    all++
    inPhase[phase[i]!]!++
    inUnit = unit[i] === unit[i - 1] ? inUnit + 1 : 1
    longest = Math.max(longest, inUnit)
    cpuMs += cpu[i]!
  }
  // A call that waits is not interrupted for samples; what ran and was not sampled may be anything.
  if (all < FEWEST && !(all > 0 && cpuMs < (to - from) / 4)) return 'unknown'
  if (inPhase[NATIVE]! >= all / 2) return 'native'
  if (longest >= all / 2) return isPerCallback ? 'callback' : 'unknown'
  const goOn = inPhase[SAME_PHASE]! + inPhase[GO_ON_BEFORE_POLL]!
  return goOn >= all / 2 ? 'microtasks' : 'burst'
}

// --- internal ---

/** Fewer samples prove nothing. */
const FEWEST = 5
