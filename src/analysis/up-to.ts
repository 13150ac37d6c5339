import type { Micros, Profile } from '../profile/profile.js'
import { isUpTo } from './blame.js'

/**
 * For each stack how much of its time, and of what it calls, is an upper bound; null where none is,
 * as in most profiles. O(samples + stacks).
 */
export function upToBelow(profile: Profile): Float64Array | null {
  const isBound = isUpTo(profile)
  if (!isBound.includes(true)) return null
  const { stack, weight, labelSet } = profile.samples
  const { parent } = profile.stacks
  const upTo = new Float64Array(parent.length)
  for (let i = 0; i < stack.length; i++) {
    if (isBound[labelSet[i]!]) upTo[stack[i]!]! += weight[i]!
  }
  for (let i = parent.length - 1; i > 0; i--) upTo[parent[i]!]! += upTo[i]!
  return upTo
}

/** How much of the profile's time is an upper bound. O(samples). */
export function upToIn(profile: Profile): Micros {
  const isBound = isUpTo(profile)
  const { weight, labelSet } = profile.samples
  let sum = 0
  for (let i = 0; i < weight.length; i++) if (isBound[labelSet[i]!]) sum += weight[i]!
  return sum
}
