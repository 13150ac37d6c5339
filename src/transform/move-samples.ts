import type { ProfileBuilder } from '../profile/builder.js'
import type { Profile, SampleTable, StackIndex } from '../profile/profile.js'
import { renamed } from '../profile/sorted.js'
import { movedWaits } from '../profile/wait-counts.js'

/**
 * The profile on the stacks of a builder: the sample of stack `i` moves to `stackOf[i]`. Weights,
 * labels and the order in time stay, so no time is lost or made; waits move like samples, as long
 * as they still end in an `[await]`. Of a profile whose samples are sums, those that are of one
 * stack and label set now become one.
 */
export function moveSamples(
  profile: Profile,
  builder: ProfileBuilder,
  stackOf: ArrayLike<StackIndex>,
): Profile {
  const { frames, stacks } = builder.build({ name: profile.name })
  const stack = renamed(profile.samples.stack, stackOf)
  const { labelSets } = profile
  const samples = joined({ ...profile.samples, stack }, stacks.frame.length, labelSets.length)
  const waits = movedWaits(profile.waits, { frames, stacks }, stackOf)
  return { ...profile, frames, stacks, samples, waits }
}

// --- internal ---

function joined(samples: SampleTable, stackCount: number, setCount: number): SampleTable {
  const { stack, labelSet, weight, count } = samples
  if (count === undefined || stack.length <= stackCount * setCount) return samples
  const weights = new Float64Array(stackCount * setCount)
  const counts = new Int32Array(weights.length)
  for (let i = 0; i < stack.length; i++) {
    const pair = stack[i]! * setCount + labelSet[i]!
    weights[pair]! += weight[i]!
    counts[pair]! += count[i]!
  }
  const used = Int32Array.from(counts.keys()).filter((pair) => counts[pair] !== 0)
  return {
    stack: used.map((pair) => Math.floor(pair / setCount)),
    labelSet: used.map((pair) => pair % setCount),
    weight: Float64Array.from(used, (pair) => weights[pair]!),
    count: used.map((pair) => counts[pair]!),
  }
}
