import { errorOf, isSampled, sampleCount } from '../../../src/analysis/sampling.js'
import type { FrameIndex, Profile } from '../../../src/profile/profile.js'
import { accountOfStacks } from '../../../src/profile/stack-accounts.js'

/** A function's part of the time of which samples tell where it was spent. */
export interface SampledSelf {
  readonly share: number
  /** ± as a share, with 95 % confidence. */
  readonly error: number
  /** How many samples the whole rests on. */
  readonly samples: number
}

/**
 * Null where there is no error to speak of: waits are measured, and not every profile says how many
 * samples it has. A range of time has the samples of its part of the time sampled: they are evenly
 * spaced in it.
 */
export function sampledSelf(
  whole: Profile,
  profile: Profile,
  function_: FrameIndex,
): SampledSelf | null {
  const all = sampleCount(whole)
  const { self, sum } = sampledTime(profile, function_)
  if (all === null || !(self > 0)) return null
  const samples =
    whole === profile ? all : Math.floor((all * sum) / sampledTime(whole, function_).sum)
  const share = self / sum
  return { share, error: errorOf(share, samples), samples }
}

// --- internal ---

function sampledTime(profile: Profile, function_: FrameIndex): { self: number; sum: number } {
  const { stacks, samples } = profile
  const accounts = accountOfStacks(profile)
  let self = 0
  let sum = 0
  for (let i = 0; i < samples.stack.length; i++) {
    const stack = samples.stack[i]!
    if (!isSampled(accounts[stack]!)) continue
    sum += samples.weight[i]!
    if (stacks.frame[stack] === function_) self += samples.weight[i]!
  }
  return { self, sum }
}
