import type { Profile, StackIndex } from '../../../src/profile/profile.js'
import type { Steps } from '../../../src/profile/steps.js'
import { Minima } from './minima.js'
import { type Runs, runsOf } from './runs.js'

/**
 * The call stacks over time. A call at depth `d` lasts for as long as the stacks that follow each
 * other share their first `d` frames, so one number for each run says where all calls begin and
 * end, however deep: O(runs + stacks) memory for any number of levels.
 */
export interface Calls {
  /** Runs of one stack. */
  readonly runs: Runs
  /** How many frames a run's stack has in common with the one before it. */
  readonly shared: Minima
  /** Minus the depth of each run's stack: what is below a limit is deep enough. */
  readonly depths: Minima
  readonly depthOf: Int32Array
  readonly deepest: number
  /** The frame number `depth` of a stack, as a stack: O(log depth). */
  readonly callerAt: (stack: StackIndex, depth: number) => StackIndex
}

export function* callsOf(profile: Profile): Steps<Calls> {
  const { parent } = profile.stacks
  const runs = runsOf(profile, Int32Array.from(parent.keys()))
  yield
  const depthOf = new Int32Array(parent.length)
  for (let i = 1; i < parent.length; i++) depthOf[i] = depthOf[parent[i]!]! + 1
  const callerAt = callerFinder(parent, depthOf)
  const shared = new Int32Array(runs.value.length)
  const depths = new Int32Array(runs.value.length)
  let deepest = 0
  for (let i = 0; i < runs.value.length; i++) {
    const depth = depthOf[runs.value[i]!]!
    if (i > 0) shared[i] = sharedDepth(runs.value[i - 1]!, runs.value[i]!, depthOf, callerAt)
    depths[i] = -depth
    if (depth > deepest) deepest = depth
    if (i % RUNS_AT_A_TIME === 0) yield
  }
  yield
  const minima = { shared: new Minima(shared), depths: new Minima(depths) }
  return { runs, ...minima, depthOf, deepest, callerAt }
}

// --- internal ---

const RUNS_AT_A_TIME = 8192

/**
 * Next to its parent, each stack keeps one caller much further up; following whichever does not go
 * too far leads to any depth in O(log depth) steps (the skew-binary jump pointers of Myers).
 */
function callerFinder(parent: Int32Array, depthOf: Int32Array): Calls['callerAt'] {
  const jump = new Int32Array(parent.length)
  for (let i = 1; i < parent.length; i++) {
    const above = parent[i]!
    const far = jump[above]!
    const isEven = depthOf[above]! - depthOf[far]! === depthOf[far]! - depthOf[jump[far]!]!
    jump[i] = isEven ? jump[far]! : above
  }
  return (stack, depth) => {
    let at = stack
    while (depthOf[at]! > depth) at = depthOf[jump[at]!]! >= depth ? jump[at]! : parent[at]!
    return at
  }
}

/**
 * By halving: deep stacks that are the same almost to their ends would take a step for each level.
 */
function sharedDepth(
  a: StackIndex,
  b: StackIndex,
  depthOf: Int32Array,
  callerAt: Calls['callerAt'],
): number {
  let low = 0
  let high = Math.min(depthOf[a]!, depthOf[b]!)
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (callerAt(a, middle) === callerAt(b, middle)) low = middle
    else high = middle - 1
  }
  return low
}
