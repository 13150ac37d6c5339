/** Which changes of a diff are rows, and in which order, for every output. */
import { buildCallTree, stackTimes } from '../profile/calltree.js'
import { type FrameKind, frameKinds } from '../profile/frames.js'
import type { FrameIndex, Profile, StackIndex } from '../profile/profile.js'
import { inTheWayStacks } from '../profile/stack-waits.js'
import type { ProfileDiff } from './diff.js'
import type { Changes } from './diff-changes.js'

/** A call that has changed; callers that are no rows do not count in its depth. */
export interface ChangedCall {
  readonly stack: StackIndex
  readonly depth: number
}

export function changeAt({ before, after }: Changes, index: number): number {
  return after[index]! - before[index]!
}

/**
 * All functions whose own time has changed, callees included, or what they ran for others while
 * they were in the way; the largest of these changes first.
 */
export function changedFunctions(diff: ProfileDiff): FrameIndex[] {
  const { frames } = diff.profile
  const own = (index: FrameIndex) => Math.abs(changeAt(diff.functions, index))
  const size = (index: FrameIndex) => Math.max(own(index), Math.abs(changeAt(diff.inTheWay, index)))
  const changed: FrameIndex[] = []
  for (let i = 0; i < frames.length; i++) if (size(i) !== 0) changed.push(i)
  return changed.sort((a, b) => size(b) - size(a) || own(b) - own(a) || a - b)
}

/**
 * Those for people: with a change of at least `least`, the largest first.
 *
 * What is not the app's, so code of packages, Node and the engine, is among them wherever the
 * change is its own: in its own time, or in the time for which the app went into foreign code by
 * it, up to where that called the app back. Foreign code that only leads from one changed function
 * to another is left out. So a change is never hidden for being in a package, however it is spread
 * there.
 */
export function functionsForPeople(diff: ProfileDiff, least: number): FrameIndex[] {
  const { frames, stacks } = diff.profile
  const { self, within, isForeign } = ownChanges(diff.profile)
  const inTheWay = inTheWayStacks(diff.profile)
  // What a function ran for others is another one.
  const own = new Float64Array(frames.length * 2)
  const entered = new Float64Array(frames.length * 2)
  const isApp = new Uint8Array(frames.length * 2)
  for (let i = 1; i < self.length; i++) {
    const function_ = stacks.frame[i]! + inTheWay[i]! * frames.length
    own[function_]! += self[i]!
    entered[function_]! += within[i]!
    if (!isForeign[i]) isApp[function_] = 1
  }
  const isLarge = atLeast(least)
  const isTold = (change: number, function_: number) =>
    isLarge(change) &&
    (isApp[function_] || isLarge(own[function_]!) || isLarge(entered[function_]!))
  return changedFunctions(diff).filter(
    (frame) =>
      frame > 0 &&
      (isTold(changeAt(diff.functions, frame), frame) ||
        isTold(changeAt(diff.inTheWay, frame), frame + frames.length)),
  )
}

/** The calls by the same rule, from top to bottom, heaviest first below each other. */
export function callsForPeople(diff: ProfileDiff, least: number): ChangedCall[] {
  const tree = buildCallTree(diff.profile)
  const { parent } = diff.profile.stacks
  const { self, within, isForeign } = ownChanges(diff.profile)
  const isLarge = atLeast(least)
  const depthBelow = new Int32Array(parent.length)
  const calls: ChangedCall[] = []
  for (let stack = tree.firstChild[0]!; stack !== -1; ) {
    const depth = depthBelow[parent[stack]!]!
    const isShown =
      isLarge(changeAt(diff.stacks, stack)) &&
      (!isForeign[stack] || isLarge(self[stack]!) || isLarge(within[stack]!))
    if (isShown) calls.push({ stack, depth })
    depthBelow[stack] = isShown ? depth + 1 : depth
    let next = tree.firstChild[stack]!
    while (next === -1 && stack > 0) {
      next = tree.nextSibling[stack]!
      stack = parent[stack]!
    }
    stack = next
  }
  return calls
}

// --- internal ---

const FOREIGN: ReadonlySet<FrameKind> = new Set(['library', 'node'])
/** Under these, what looks like the engine's is not. */
const OUTERMOST_IN: ReadonlySet<FrameKind> = new Set(['root', 'blocked', 'native'])

function atLeast(least: number): (change: number) => boolean {
  const size = Math.max(1, least)
  return (change) => Math.abs(change) >= size
}

/**
 * Of each stack the change of its own time, and, where the app goes into foreign code by it, the
 * change of all foreign code from there on.
 */
function ownChanges(profile: Profile) {
  const { parent } = profile.stacks
  const { self } = stackTimes(profile)
  const isForeign = foreignStacks(profile)
  const within = self.map((change, i) => (isForeign[i] ? change : 0))
  for (let i = within.length - 1; i > 0; i--) {
    if (!isForeign[i] || !isForeign[parent[i]!]) continue
    within[parent[i]!]! += within[i]!
    within[i] = 0
  }
  return { self, within, isForeign }
}

/**
 * 1 for code that is not the app's. Frames of formats without files look like the engine's, and so
 * does the name of the request that was in the way, under `[blocked]`: they are not.
 */
function foreignStacks({ frames, stacks }: Profile): Uint8Array {
  const kinds = frameKinds(frames)
  const isForeign = new Uint8Array(stacks.frame.length)
  for (let i = 1; i < isForeign.length; i++) {
    const above = stacks.parent[i]!
    const kind = kinds[stacks.frame[i]!]!
    const caller = kinds[stacks.frame[above]!]!
    const isOutermost = !isForeign[above] && OUTERMOST_IN.has(caller)
    isForeign[i] = FOREIGN.has(kind) || (kind === 'native' && !isOutermost) ? 1 : 0
  }
  return isForeign
}
