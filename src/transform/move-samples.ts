import type { ProfileBuilder } from '../profile/builder.js'
import type { Profile, StackIndex } from '../profile/profile.js'

/**
 * The profile on the stacks of a builder: the sample of stack `i` moves to `stackOf[i]`. Weights,
 * labels and the order in time stay, so no time is lost or made.
 */
export function moveSamples(
  profile: Profile,
  builder: ProfileBuilder,
  stackOf: ArrayLike<StackIndex>,
): Profile {
  const { frames, stacks } = builder.build({ name: profile.name })
  const stack = profile.samples.stack.map((old) => stackOf[old]!)
  return { ...profile, frames, stacks, samples: { ...profile.samples, stack } }
}
