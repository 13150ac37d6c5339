import { buildCallTree } from './calltree.js'
import type { FrameIndex, Profile } from './profile.js'

/**
 * Times of every function, by frame index. `total` counts a sample once however often the function
 * is on its stack; `samples` counts as `self` does.
 */
export interface FunctionTable {
  readonly self: Float64Array
  readonly total: Float64Array
  readonly samples: Int32Array
}

/** O(stacks + samples), no recursion. */
export function buildFunctionTable(profile: Profile): FunctionTable {
  const tree = buildCallTree(profile)
  const { frame } = profile.stacks
  const self = new Float64Array(profile.frames.length)
  const total = new Float64Array(profile.frames.length)
  const samples = new Int32Array(profile.frames.length)
  for (let i = 0; i < frame.length; i++) {
    self[frame[i]!]! += tree.self[i]!
    samples[frame[i]!]! += tree.samples[i]!
  }
  // A call adds to its function's total only where the function is not running already.
  const running = new Uint8Array(profile.frames.length)
  const entered: number[] = []
  for (let node = 0; node !== -1; ) {
    const isOutermost = running[frame[node]!] === 0
    if (isOutermost) total[frame[node]!]! += tree.total[node]!
    entered.push(isOutermost ? frame[node]! : -1)
    if (isOutermost) running[frame[node]!] = 1
    node = next(tree, node, () => leave(running, entered.pop()!))
  }
  return { self, total, samples }
}

// --- internal ---

/** The next node of a walk from the root, callers first; -1 at the end. `onLeave` for each node that is done. */
function next(
  { profile, firstChild, nextSibling }: ReturnType<typeof buildCallTree>,
  node: number,
  onLeave: () => void,
): number {
  let at = firstChild[node]!
  while (at === -1 && node !== -1) {
    onLeave()
    at = nextSibling[node]!
    node = profile.stacks.parent[node]!
  }
  return at
}

function leave(running: Uint8Array, frame: FrameIndex): void {
  if (frame !== -1) running[frame] = 0
}
