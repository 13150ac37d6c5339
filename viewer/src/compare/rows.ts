import type { Changes, ProfileDiff } from '../../../src/analysis/diff.js'
import { buildCallTree } from '../../../src/profile/calltree.js'
import { frameKind } from '../../../src/profile/frames.js'
import type { Frame, FrameIndex, Profile } from '../../../src/profile/profile.js'
import { isBlocked } from '../../../src/profile/waits.js'
import { visibleRows } from '../tree/tree-rows.js'

/** One line of a comparison. */
export interface DiffRow {
  readonly frame: FrameIndex
  /** Index into the changes that the row is of. */
  readonly index: number
  readonly depth: number
}

/** Lines that are shown at most; the smallest changes are left out. */
const MOST = 300
/** Changes under this share of the slower side are noise to the eye. */
const LEAST_SHARE = 0.005

/**
 * The functions whose time changed, the largest change first; packages' and Node's only if their
 * own time did.
 */
export function functionRows({ profile, functions, before, after }: ProfileDiff): DiffRow[] {
  const least = leastChange(before.perRequest, after.perRequest)
  const own = ownChanges(profile)
  const rows: DiffRow[] = []
  for (let frame = 1; frame < profile.frames.length; frame++) {
    if (Math.abs(changeAt(functions, frame)) < least) continue
    const isShown = isOfInterest(profile.frames[frame]!) || Math.abs(own[frame]!) >= least
    if (isShown) rows.push({ frame, index: frame, depth: 0 })
  }
  const size = (row: DiffRow) => Math.abs(changeAt(functions, row.index))
  return rows.sort((a, b) => size(b) - size(a) || a.index - b.index).slice(0, MOST)
}

/**
 * The calls whose time changed, as a tree. Calls of packages and of Node are passed over where they
 * have changed no time of their own, so that the app's calls stand below each other.
 */
export function treeRows({ profile, stacks, before, after }: ProfileDiff): DiffRow[] {
  const least = leastChange(before.perRequest, after.perRequest)
  const tree = buildCallTree(profile)
  const { node, depth } = visibleRows(tree, () => true)
  const rows: DiffRow[] = []
  /** For each level of the walk, how many callers are on show. */
  const shownAt: number[] = [0]
  for (let i = 0; i < node.length && rows.length < MOST; i++) {
    const stack = node[i]!
    const above = shownAt[depth[i]!]!
    const isShown =
      Math.abs(changeAt(stacks, stack)) >= least &&
      (isOfInterest(profile.frames[profile.stacks.frame[stack]!]!) ||
        isBlocked(profile, profile.stacks.parent[stack]!) ||
        Math.abs(tree.self[stack]!) >= least)
    if (isShown) rows.push({ frame: profile.stacks.frame[stack]!, index: stack, depth: above })
    shownAt[depth[i]! + 1] = above + (isShown ? 1 : 0)
  }
  return rows
}

export function changeAt({ before, after }: Changes, index: number): number {
  return after[index]! - before[index]!
}

// --- internal ---

function leastChange(before: number, after: number): number {
  return Math.max(1, LEAST_SHARE * Math.max(before, after))
}

/** By frame, the change of its own time. */
function ownChanges({ frames, stacks, samples }: Profile): Float64Array {
  const own = new Float64Array(frames.length)
  for (let i = 0; i < samples.stack.length; i++) {
    own[stacks.frame[samples.stack[i]!]!]! += samples.weight[i]!
  }
  return own
}

function isOfInterest(frame: Frame): boolean {
  const kind = frameKind(frame)
  return kind !== 'library' && kind !== 'node' && kind !== 'native'
}
