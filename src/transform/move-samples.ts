import type { ProfileBuilder } from '../profile/builder.js'
import { Float64Column, Int32Column } from '../profile/columns.js'
import { PairTable } from '../profile/pair-table.js'
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
  const samples = joined({ ...profile.samples, stack }, stacks.frame.length)
  const waits = movedWaits(profile.waits, { frames, stacks }, stackOf)
  return { ...profile, frames, stacks, samples, waits }
}

// --- internal ---

function joined(samples: SampleTable, stackCount: number): SampleTable {
  const { stack, labelSet, weight, count } = samples
  if (count === undefined || stack.length <= stackCount) return samples
  const pairs = new PairTable()
  const [weights, counts] = [new Float64Column(), new Int32Column()]
  for (let i = 0; i < stack.length; i++) {
    const pair = pairs.intern(stack[i]!, labelSet[i]!)
    if (pair === weights.length) {
      weights.push(0)
      counts.push(0)
    }
    weights.set(pair, weights.at(pair) + weight[i]!)
    counts.set(pair, counts.at(pair) + count[i]!)
  }
  return {
    stack: pairs.first.finish(),
    labelSet: pairs.second.finish(),
    weight: weights.finish(),
    count: counts.finish(),
  }
}
