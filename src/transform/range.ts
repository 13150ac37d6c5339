import { Float64Column, Int32Column } from '../profile/columns.js'
import type { Micros, Profile } from '../profile/profile.js'

/** From, and up to, so many microseconds after the profile's start. */
export interface Range {
  readonly from: Micros
  readonly to: Micros
}

/**
 * What happened in a range of a timeline; samples at its ends count with the part that lies inside.
 * Stacks keep their numbers. A profile without a timeline comes back as it is.
 *
 *     a 3, b 4, a 2   from 2 to 8   =   a 1, b 4, a 1
 *
 * Ranges that together cover the profile without overlap have its time together.
 */
export function rangeOf(profile: Profile, { from, to }: Range): Profile {
  if (!profile.timeline) return profile
  const { samples } = profile
  const stack = new Int32Column()
  const weight = new Float64Column()
  const labelSet = new Int32Column()
  let at = 0
  for (let i = 0; i < samples.stack.length && at < to; i++) {
    const end = at + samples.weight[i]!
    const inside = Math.min(end, to) - Math.max(at, from)
    if (inside > 0) {
      stack.push(samples.stack[i]!)
      weight.push(inside)
      labelSet.push(samples.labelSet[i]!)
    }
    at = end
  }
  return {
    ...profile,
    startMicros: profile.startMicros + from,
    samples: { stack: stack.finish(), weight: weight.finish(), labelSet: labelSet.finish() },
  }
}
