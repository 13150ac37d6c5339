import { Float64Column } from '../profile/columns.js'
import { PairTable } from '../profile/pair-table.js'
import type { Profile } from '../profile/profile.js'

/**
 * The same times without their order: one sample for each stack and label set. Conserves time.
 *
 *     main;a 3, main;b 5, main;a 2  =  main;a 5, main;b 5
 */
export function withoutOrder(profile: Profile): Profile {
  const { stack, labelSet, weight } = profile.samples
  const pairs = new PairTable()
  const sums = new Float64Column()
  for (let i = 0; i < stack.length; i++) {
    const pair = pairs.intern(stack[i]!, labelSet[i]!)
    if (pair === sums.length) sums.push(0)
    sums.set(pair, sums.at(pair) + weight[i]!)
  }
  const samples = {
    stack: pairs.first.finish(),
    labelSet: pairs.second.finish(),
    weight: sums.finish(),
  }
  return { ...profile, timeline: false, samples }
}
