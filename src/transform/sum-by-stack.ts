import { Float64Column, Int32Column } from '../profile/columns.js'
import { PairTable } from '../profile/pair-table.js'
import type { Profile, WaitCount } from '../profile/profile.js'
import { movedWaits } from '../profile/wait-counts.js'
import { NOWHERE, type Passed, sameStacks, unchanged } from './pass.js'
import { onUsedStacks } from './used-stacks.js'

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

/**
 * What is needed for a tree and no more: one sample for each stack with time of its own, without
 * labels, on the stacks that lead there. Conserves time.
 *
 *     main;a 3 {route=GET /x}, main;b 5, main;a 2, main;c 0  =  main;a 5, main;b 5
 */
export function sumByStack(profile: Profile): Passed {
  const { stacks, samples, waits, timeline } = profile
  const self = new Float64Array(stacks.frame.length)
  for (let i = 0; i < samples.stack.length; i++) self[samples.stack[i]!]! += samples.weight[i]!
  const stack = new Int32Column()
  const weight = new Float64Column()
  for (let i = 0; i < self.length; i++) {
    if (self[i] === 0) continue
    stack.push(i)
    weight.push(self[i]!)
  }
  const isSummed =
    !timeline &&
    stack.length === samples.stack.length &&
    samples.labelSet.every((set) => set === 0) &&
    waits.every(({ labelSet }) => labelSet === 0)
  const summed = isSummed
    ? profile
    : {
        ...profile,
        timeline: false,
        samples: {
          stack: stack.finish(),
          weight: weight.finish(),
          labelSet: new Int32Array(stack.length),
        },
        waits: withoutLabels(profile),
      }
  const used = onUsedStacks(summed)
  if (used.profile === profile) return unchanged(profile)
  const stackOf = used.stackOf.slice()
  for (let i = 1; i < stackOf.length; i++) {
    // Calls without time are their caller's.
    if (stackOf[i] === NOWHERE) stackOf[i] = stackOf[stacks.parent[i]!]!
  }
  return { profile: used.profile, stackOf }
}

// --- internal ---

function withoutLabels({ waits, labelSets, ...to }: Profile): readonly WaitCount[] {
  return movedWaits(waits, to, sameStacks(to), new Int32Array(labelSets.length))
}
