import type { ProfileBuilder } from '../profile/builder.js'
import type { Profile, StackIndex } from '../profile/profile.js'
import { movedWaits } from '../profile/wait-counts.js'

/**
 * The profile on the stacks of a builder: the sample of stack `i` moves to `stackOf[i]`. Weights,
 * labels and the order in time stay, so no time is lost or made; waits move like samples, as long
 * as they still end in an `[await]`.
 */
export function moveSamples(
  profile: Profile,
  builder: ProfileBuilder,
  stackOf: ArrayLike<StackIndex>,
): Profile {
  const { frames, stacks } = builder.build({ name: profile.name })
  const stack = profile.samples.stack.map((old) => stackOf[old]!)
  const waits = movedWaits(profile.waits, { frames, stacks }, stackOf)
  return { ...profile, frames, stacks, samples: { ...profile.samples, stack }, waits }
}
