import { awaitedBy, frameKind, frameKinds } from './frames.js'
import type { Profile, StackIndex } from './profile.js'

/** For each stack what it waits for and whose fault that is, as stacks; -1: none. */
export interface Waits {
  /** The `[await]` on it; a wait goes on while others block the loop, theirs do not count. */
  readonly wait: Int32Array
  /**
   * Who was in the way: the stack right under the outermost `[blocked]`, which names them, and that
   * `[blocked]` itself where nobody knows.
   */
  readonly blamed: Int32Array
}

/**
 *     f;[await] timer;[blocked];GET /report;render
 *     =  from `[await]` on the wait is f;[await] timer, from `GET /report` on that is to blame
 *
 * O(stacks), no recursion.
 */
export function waitsOf({ frames, stacks }: Profile): Waits {
  const { frame, parent } = stacks
  const isWait = frames.map((each) => awaitedBy(each) !== null)
  const kinds = frameKinds(frames)
  const wait = new Int32Array(frame.length).fill(-1)
  const blamed = new Int32Array(frame.length).fill(-1)
  for (let i = 1; i < frame.length; i++) {
    const above = parent[i]!
    const outer = blamed[above]!
    wait[i] = wait[above] === -1 && outer === -1 && isWait[frame[i]!] ? i : wait[above]!
    if (outer === -1) blamed[i] = kinds[frame[i]!] === 'blocked' ? i : -1
    // The outermost `[blocked]` names nobody, so its callee does.
    else blamed[i] = outer === above && blamed[parent[above]!] === -1 ? i : outer
  }
  return { wait, blamed }
}

/**
 * 1 for each stack whose time is no time of the request's own code: who was in the way, as named
 * under `[blocked]`, and all that ran for them. `[blocked]` itself is the request's. O(stacks).
 */
export function inTheWayStacks(profile: Profile): Uint8Array {
  const { frames, stacks } = profile
  const inTheWay = new Uint8Array(stacks.frame.length)
  // Nobody's code is in the way in profiles that are not ours.
  if (!frameKinds(frames).includes('blocked')) return inTheWay
  const { blamed } = waitsOf(profile)
  for (let i = 1; i < blamed.length; i++) {
    inTheWay[i] = blamed[i] !== -1 && !(blamed[i] === i && isBlocked(profile, i)) ? 1 : 0
  }
  return inTheWay
}

/** Is the time below a stack that of who was in the way? What it calls names them. */
export function isBlocked({ frames, stacks }: Profile, stack: StackIndex): boolean {
  return stack > 0 && frameKind(frames[stacks.frame[stack]!]!) === 'blocked'
}
