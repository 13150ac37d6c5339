import type { Labels, Profile } from '../profile/profile.js'
import { renamed, sortByKey } from '../profile/sorted.js'
import { movedWaits } from '../profile/wait-counts.js'

/**
 * The same profile with every table in an order that depends on its content alone: frames by name,
 * file, line and column, stacks as the tree is walked from the root, label sets and samples by what
 * they say. Two profiles of the same content become the same bytes, however they were put together.
 * Unused label sets are dropped. O(n log n), no recursion.
 */
export function canonicalProfile(profile: Profile): Profile {
  const frames = sortOrder(profile.frames, compareFrames)
  const stacks = sortStacks(profile, frames.rank)
  const sets = sortLabelSets(profile)
  const { stack, weight, labelSet } = profile.samples
  const setRank = renamed(labelSet, sets.rank)
  const stackRank = renamed(stack, stacks.rank)
  const bySet = sortByKey(setRank, sets.labelSets.length).order
  const { order } = sortByKey(stackRank, stacks.rank.length, bySet)
  const samples = {
    stack: ordered(stackRank, order, new Int32Array(order.length)),
    weight: ordered(weight, order, new Float64Array(order.length)),
    labelSet: ordered(setRank, order, new Int32Array(order.length)),
  }
  const sortedFrames = Array.from(frames.order, (i) => profile.frames[i]!)
  return {
    ...profile,
    frames: sortedFrames,
    stacks: stacks.table,
    samples,
    labelSets: sets.labelSets,
    waits: movedWaits(
      profile.waits,
      { frames: sortedFrames, stacks: stacks.table },
      stacks.rank,
      sets.rank,
    ),
    sources: [...profile.sources].sort((a, b) => compare(a.id, b.id)),
    warnings: [...profile.warnings].sort(compare),
  }
}

// --- internal ---

/** `order[new] = old`, `rank[old] = new`. */
interface Order {
  readonly order: Uint32Array
  readonly rank: Int32Array
}

function sortOrder<Item>(
  items: readonly Item[],
  compareItems: (a: Item, b: Item) => number,
): Order {
  const order = Uint32Array.from(items.keys())
  order.sort((a, b) => compareItems(items[a]!, items[b]!))
  return { order, rank: ranks(order) }
}

function ordered<Column extends Int32Array | Float64Array>(
  column: Column,
  order: Uint32Array,
  into: Column,
): Column {
  for (let i = 0; i < order.length; i++) into[i] = column[order[i]!]!
  return into
}

function ranks(order: Uint32Array): Int32Array {
  const rank = new Int32Array(order.length)
  for (let i = 0; i < order.length; i++) rank[order[i]!] = i
  return rank
}

/** Pre-order, the children of a stack by the rank of their frames. */
function sortStacks({ stacks }: Profile, frameRank: Int32Array) {
  const { frame, parent } = stacks
  const count = frame.length
  // Children of each stack in descending rank, so that prepending them leaves the lowest in front.
  const byRank = sortByKey(renamed(frame, frameRank), frameRank.length).order.reverse()
  const firstChild = new Int32Array(count).fill(-1)
  const nextSibling = new Int32Array(count).fill(-1)
  for (const stack of byRank) {
    const above = parent[stack]!
    if (above === -1) continue
    nextSibling[stack] = firstChild[above]!
    firstChild[above] = stack
  }
  const rank = new Int32Array(count)
  const table = { frame: new Int32Array(count), parent: new Int32Array(count) }
  let at = 0
  for (let stack = 0, done = false; !done; ) {
    rank[stack] = at
    table.frame[at] = frameRank[frame[stack]!]!
    table.parent[at++] = stack === 0 ? -1 : rank[parent[stack]!]!
    let next = firstChild[stack]!
    while (next === -1 && stack !== 0) {
      next = nextSibling[stack]!
      stack = parent[stack]!
    }
    done = next === -1
    stack = next
  }
  return { rank, table }
}

function sortLabelSets({ labelSets, samples, waits }: Profile) {
  const used = new Uint8Array(labelSets.length)
  for (const set of samples.labelSet) used[set] = 1
  for (const { labelSet } of waits) used[labelSet] = 1
  const texts = labelSets.map(textOf)
  const kept = [...labelSets.keys()].filter((set) => set === 0 || used[set] === 1)
  kept.sort((a, b) => compare(texts[a]!, texts[b]!))
  const rank = new Int32Array(labelSets.length)
  kept.forEach((set, i) => {
    rank[set] = i
  })
  return { rank, labelSets: kept.map((set) => labelSets[set]!) }
}

/** '' for the empty set, which therefore stays first. */
function textOf(labels: Labels): string {
  return labels.size === 0 ? '' : JSON.stringify([...labels])
}

function compareFrames(a: Profile['frames'][number], b: Profile['frames'][number]): number {
  return (
    compare(a.name, b.name) || compare(a.file, b.file) || a.line - b.line || a.column - b.column
  )
}

/** By code unit, not by locale: the same everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
