import { UNKNOWN } from './frames.js'
import type { Profile, StackIndex } from './profile.js'

/**
 * Times of every stack of a profile. Node `i` is stack `i`: the table is already a tree, only the
 * sums and the links downwards are derived. `total` includes the callees, `samples` counts the
 * entries of the profile (`entryNoun`) where `self` sums their time. Children are linked through
 * `firstChild` and `nextSibling` (-1: none), heaviest first.
 */
export interface CallTree extends StackTimes {
  readonly firstChild: Int32Array
  readonly nextSibling: Int32Array
}

/** The times of a call tree, without the links between its nodes. */
export interface StackTimes {
  readonly profile: Profile
  readonly self: Float64Array
  readonly total: Float64Array
  readonly samples: Int32Array
}

/** O(stacks log stacks + samples) time, no recursion, so depth is no limit. */
export function buildCallTree(profile: Profile): CallTree {
  const times = stackTimes(profile)
  return { ...times, ...linkChildren(profile.stacks.parent, times.total) }
}

/**
 * For who needs no order of callees; asked for by every pass over a profile, and found out once.
 * O(stacks + samples), no recursion.
 */
export function stackTimes(profile: Profile): StackTimes {
  const known = knownTimes.get(profile)
  if (known !== undefined) return known
  const { frame, parent } = profile.stacks
  const count = frame.length
  const self = new Float64Array(count)
  const samples = new Int32Array(count)
  const { stack, weight, count: counts } = profile.samples
  for (let i = 0; i < stack.length; i++) {
    self[stack[i]!]! += weight[i]!
    samples[stack[i]!]! += counts === undefined ? 1 : counts[i]!
  }
  const total = self.slice()
  for (let i = count - 1; i > 0; i--) total[parent[i]!]! += total[i]!
  const times = { profile, self, total, samples }
  knownTimes.set(profile, times)
  return times
}

/** The children of a node, heaviest first. */
export function childrenOf(tree: CallTree, node: StackIndex): StackIndex[] {
  const children: StackIndex[] = []
  for (let child = tree.firstChild[node]!; child !== -1; child = tree.nextSibling[child]!) {
    children.push(child)
  }
  return children
}

/**
 * For each node the largest total, as a size, of it and of what is below it. Where weights have
 * signs, calls that got slower and calls that got faster may leave nothing of their caller's total;
 * else it is the total.
 */
export function largestBelow({ profile, total }: StackTimes): Float64Array {
  if (!hasNegative(profile.samples.weight)) return total
  const { parent } = profile.stacks
  const largest = total.map(Math.abs)
  for (let i = largest.length - 1; i > 0; i--) {
    const above = parent[i]!
    if (largest[i]! > largest[above]!) largest[above] = largest[i]!
  }
  return largest
}

/** Frames from the root (left out) down to the stack. */
export function framesOf(profile: Profile, stack: StackIndex): Profile['frames'] {
  const frames = []
  for (let i = stack; i > 0; i = profile.stacks.parent[i]!) {
    frames.push(profile.frames[profile.stacks.frame[i]!]!)
  }
  return frames.reverse()
}

/** Sum of all weights. */
export function totalWeight(profile: Profile): number {
  const { weight } = profile.samples
  let total = 0
  for (let i = 0; i < weight.length; i++) total += weight[i]!
  return total
}

/**
 * How many samples another tool's profile has. The time before the first of them is an entry of its
 * own, `[unknown]`, and no sample.
 */
export function entryCount({ samples: { stack, count }, frames, stacks }: Profile): number {
  const isLead = (at: StackIndex) =>
    stacks.parent[at] === 0 && frames[stacks.frame[at]!]!.name === UNKNOWN
  const all = count === undefined ? stack.length : count.reduce((sum, each) => sum + each, 0)
  return all - Number(stack.some(isLead))
}

// --- internal ---

const knownTimes = new WeakMap<Profile, StackTimes>()

function hasNegative(column: Float64Array): boolean {
  for (let i = 0; i < column.length; i++) if (column[i]! < 0) return true
  return false
}

/** More children than that are sorted, fewer find their place one by one. */
const FEW = 24

function linkChildren(parent: Int32Array, total: Float64Array) {
  const firstChild = new Int32Array(parent.length).fill(-1)
  const nextSibling = new Int32Array(parent.length).fill(-1)
  const children = new Int32Array(parent.length)
  for (let i = 1; i < parent.length; i++) children[parent[i]!]!++
  const ofMany: StackIndex[] = []
  for (let i = parent.length - 1; i > 0; i--) {
    const above = parent[i]!
    if (children[above]! > FEW) {
      ofMany.push(i)
      continue
    }
    let before = -1
    let behind = firstChild[above]!
    while (behind !== -1 && total[behind]! > total[i]!) {
      before = behind
      behind = nextSibling[behind]!
    }
    nextSibling[i] = behind
    if (before === -1) firstChild[above] = i
    else nextSibling[before] = i
  }
  // Lightest first, so that the heaviest ends up in front.
  for (const i of ofMany.sort((a, b) => total[a]! - total[b]! || b - a)) {
    nextSibling[i] = firstChild[parent[i]!]!
    firstChild[parent[i]!] = i
  }
  return { firstChild, nextSibling }
}
