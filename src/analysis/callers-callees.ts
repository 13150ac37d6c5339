import type { FrameIndex, Profile } from '../profile/profile.js'

/** A function beside another one, and the time that they share. */
export interface CallTime {
  readonly frame: FrameIndex
  readonly weight: number
}

export interface CallersAndCallees {
  /** They sum to the function's total; the root stands for time without a caller. */
  readonly callers: readonly CallTime[]
  /** Together with the function's self time they sum to its total. */
  readonly callees: readonly CallTime[]
}

/**
 * Who called a function and what it called, directly, heaviest first. Where a function is on a
 * stack more than once, its caller is that of the outermost call and its callee that of the
 * innermost one: each sample counts once, and no function is its own caller. O(stacks + samples),
 * no recursion.
 */
export function callersAndCallees(profile: Profile, function_: FrameIndex): CallersAndCallees {
  const { frame, parent } = profile.stacks
  const caller = new Int32Array(frame.length).fill(NONE)
  const callee = new Int32Array(frame.length).fill(NONE)
  for (let i = 1; i < frame.length; i++) {
    const above = parent[i]!
    const isOwn = frame[i] === function_
    const isCalled = frame[above] === function_
    caller[i] = caller[above]!
    if (isOwn && caller[i] === NONE) caller[i] = frame[above]!
    callee[i] = isOwn ? NONE : isCalled ? frame[i]! : callee[above]!
  }
  return { callers: timesBy(caller, profile), callees: timesBy(callee, profile) }
}

// --- internal ---

const NONE = -1

/** The samples' weights, summed by what `of` says of their stack. */
function timesBy(of: Int32Array, { frames, samples }: Profile): CallTime[] {
  const sums = new Float64Array(frames.length)
  for (let i = 0; i < samples.stack.length; i++) {
    const frame = of[samples.stack[i]!]!
    if (frame !== NONE) sums[frame]! += samples.weight[i]!
  }
  const times: CallTime[] = []
  for (let frame = 0; frame < sums.length; frame++) {
    if (sums[frame] !== 0) times.push({ frame, weight: sums[frame]! })
  }
  return times.sort((a, b) => b.weight - a.weight || a.frame - b.frame)
}
