import { Float64Column, Int32Column } from '../profile/columns.js'
import { LabelSets } from '../profile/label-sets.js'
import { BLOCKED_LABEL } from '../profile/labels.js'
import { PairTable } from '../profile/pair-table.js'
import type { LabelSetIndex, Profile, SampleTable } from '../profile/profile.js'
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
 * What is needed for a tree and no more: one sample for each stack with time of its own, on the
 * stacks that lead there, and another for what of its time is an upper bound; no other labels.
 * Conserves time.
 *
 *     main;a 3 {route=GET /x}, main;b 5, main;a 2, main;c 0  =  main;a 5, main;b 5
 */
export function sumByStack(profile: Profile): Passed {
  const { labelSets, stacks } = profile
  const bounds = new LabelSets()
  const boundOf = labelSets.map((labels) =>
    bounds.intern([...labels].filter(([name]) => name === BLOCKED_LABEL)),
  )
  const samples = sumsOf(profile, boundOf, bounds.sets.length)
  const isSummed =
    !profile.timeline &&
    samples.stack.length === profile.samples.stack.length &&
    labelSets.every(({ size }, i) => boundOf[i] === i && bounds.sets[i]!.size === size)
  const summed = isSummed
    ? profile
    : {
        ...profile,
        timeline: false,
        samples,
        labelSets: bounds.sets,
        waits: movedWaits(profile.waits, profile, sameStacks(profile), boundOf),
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

/** By stack, then by the label set that each is given; those without time are left out. */
function sumsOf(
  { stacks, samples }: Profile,
  labelSetOf: readonly LabelSetIndex[],
  setCount: number,
): SampleTable {
  const sums = new Float64Array(stacks.frame.length * setCount)
  for (let i = 0; i < samples.stack.length; i++) {
    sums[samples.stack[i]! * setCount + labelSetOf[samples.labelSet[i]!]!]! += samples.weight[i]!
  }
  const [stack, labelSet, weight] = [new Int32Column(), new Int32Column(), new Float64Column()]
  for (let i = 0; i < sums.length; i++) {
    if (sums[i] === 0) continue
    stack.push(Math.floor(i / setCount))
    labelSet.push(i % setCount)
    weight.push(sums[i]!)
  }
  return { stack: stack.finish(), weight: weight.finish(), labelSet: labelSet.finish() }
}
