import { stackTimes, totalWeight } from '../profile/calltree.js'
import { Float64Column, Int32Column } from '../profile/columns.js'
import type { Micros, Profile, WaitCount } from '../profile/profile.js'
import { type Passed, sameStacks, unchanged } from './pass.js'

/** From, and up to, so many microseconds after the profile's start. */
export interface Range {
  readonly from: Micros
  readonly to: Micros
}

/**
 * What happened in a range of a timeline; samples at its ends count with the part that lies inside.
 * Stacks keep their numbers. A profile without a timeline comes back as it is, and so does one that
 * lies inside of the range.
 *
 *     a 3, b 4, a 2   from 2 to 8   =   a 1, b 4, a 1
 *
 * Ranges that together cover the profile without overlap have its time together.
 * Waits stay only where all of them lie inside.
 */
export function rangeOf(profile: Profile, { from, to }: Range): Passed {
  if (!profile.timeline || (from <= 0 && to >= totalWeight(profile))) return unchanged(profile)
  const { samples } = profile
  const stack = new Int32Column()
  const weight = new Float64Column()
  const labelSet = new Int32Column()
  let at = 0
  for (let i = 0; i < samples.stack.length && at < to; i++) {
    const end = at + samples.weight[i]!
    const part = Math.min(end, to) - Math.max(at, from)
    if (part > 0) {
      stack.push(samples.stack[i]!)
      weight.push(part)
      labelSet.push(samples.labelSet[i]!)
    }
    at = end
  }
  const inside = {
    ...profile,
    startMicros: profile.startMicros + from,
    samples: { stack: stack.finish(), weight: weight.finish(), labelSet: labelSet.finish() },
  }
  return {
    profile: { ...inside, waits: wholeWaits(profile, inside) },
    stackOf: sameStacks(profile),
  }
}

// --- internal ---

/**
 * Waits have no place in time of their own: those of an `[await]` are known to lie inside where all
 * of its time does, and with it what blocked it. Of others nobody knows how many were cut off.
 */
function wholeWaits(before: Profile, inside: Profile): readonly WaitCount[] {
  if (before.waits.length === 0) return before.waits
  const [all, left] = [stackTimes(before).total, stackTimes(inside).total]
  return before.waits.filter(({ stack }) => all[stack]! > 0 && left[stack] === all[stack])
}
