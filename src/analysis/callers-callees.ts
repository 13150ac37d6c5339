import type { FrameIndex, Profile, StackIndex } from '../profile/profile.js'
import { inTheWayStacks } from '../profile/stack-waits.js'

/** A function beside another one, and the time that they share. */
export interface CallTime {
  readonly frame: FrameIndex
  /** Of that function's own total. */
  readonly weight: number
  /** Of the time in which that function was in the way. */
  readonly inTheWay: number
}

export interface CallersAndCallees {
  /** They sum to the function's times; the root stands for time without a caller. */
  readonly callers: readonly CallTime[]
  /** Together with the function's self times they sum to its times. */
  readonly callees: readonly CallTime[]
}

/**
 * Who called a function and what it called, directly, heaviest first. Where a function is on a
 * stack more than once, its caller is that of the outermost call and its callee that of the
 * innermost one: each sample counts once, and no function is its own caller. What it did for others
 * is apart, as in `FunctionTable`. O(stacks + samples), no recursion.
 *
 *     f;add;g 1, f;[blocked];GET /report;add 4
 *     =  add: called by f 1, by GET /report 4 in the way; calls g 1
 */
export function callersAndCallees(profile: Profile, function_: FrameIndex): CallersAndCallees {
  const isInTheWay = inTheWayStacks(profile)
  const own = neighbours(profile, function_, (stack) => isInTheWay[stack] === 0)
  const others = neighbours(profile, function_, (stack) => isInTheWay[stack] === 1)
  return {
    callers: paired(timesBy(own.caller, profile), timesBy(others.caller, profile)),
    callees: paired(timesBy(own.callee, profile), timesBy(others.callee, profile)),
  }
}

// --- internal ---

const NONE = -1

/** For each stack who called the function on it, and what that called, by calls that are meant. */
function neighbours(
  { stacks }: Profile,
  function_: FrameIndex,
  isMeant: (stack: StackIndex) => boolean,
) {
  const { frame, parent } = stacks
  const caller = new Int32Array(frame.length).fill(NONE)
  const callee = new Int32Array(frame.length).fill(NONE)
  const isCall = (stack: StackIndex) => frame[stack] === function_ && isMeant(stack)
  for (let i = 1; i < frame.length; i++) {
    const above = parent[i]!
    const isOwn = isCall(i)
    caller[i] = caller[above]!
    if (isOwn && caller[i] === NONE) caller[i] = frame[above]!
    callee[i] = isOwn ? NONE : isCall(above) ? frame[i]! : callee[above]!
  }
  return { caller, callee }
}

/** The samples' weights, summed by what `of` says of their stack. */
function timesBy(of: Int32Array, { frames, samples }: Profile): Float64Array {
  const sums = new Float64Array(frames.length)
  for (let i = 0; i < samples.stack.length; i++) {
    const frame = of[samples.stack[i]!]!
    if (frame !== NONE) sums[frame]! += samples.weight[i]!
  }
  return sums
}

function paired(own: Float64Array, others: Float64Array): CallTime[] {
  const times: CallTime[] = []
  for (let frame = 0; frame < own.length; frame++) {
    const [weight, inTheWay] = [own[frame]!, others[frame]!]
    if (weight !== 0 || inTheWay !== 0) times.push({ frame, weight, inTheWay })
  }
  return times.sort((a, b) => b.weight - a.weight || b.inTheWay - a.inTheWay || a.frame - b.frame)
}
