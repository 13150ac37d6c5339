import type { ProfileBuilder } from '../profile/builder.js'
import type { Profile, StackIndex } from '../profile/profile.js'
import { moveSamples } from './move-samples.js'

/**
 * What a pass makes of a profile. A pass that changes nothing gives back the very same profile; no
 * pass makes time, and only those lose some that say what they leave out.
 */
export interface Passed {
  readonly profile: Profile
  /**
   * For each stack that came in, the stack to which its time went; `NOWHERE` where that was left
   * out, or where there is none and the stack is not needed.
   */
  readonly stackOf: Int32Array
}

export const NOWHERE: StackIndex = -1

/** The profile as it came in. */
export function unchanged(profile: Profile): Passed {
  const stackOf = once(() => sameStacks(profile))
  return {
    profile,
    get stackOf() {
      return stackOf()
    },
  }
}

/** What is found out when it is first asked for: who only shows a profile needs no way back. */
export function once<Value>(find: () => Value): () => Value {
  let found: { value: Value } | null = null
  return () => {
    found ??= { value: find() }
    return found.value
  }
}

/** The profile on the stacks of a builder: the sample of stack `i` moves to `stackOf[i]`. */
export function movedTo(profile: Profile, builder: ProfileBuilder, stackOf: Int32Array): Passed {
  const moved = moveSamples(profile, builder, stackOf)
  return isSame(profile, moved) ? unchanged(profile) : { profile: moved, stackOf }
}

/** Each stack is itself. */
export function sameStacks({ stacks }: Pick<Profile, 'stacks'>): Int32Array {
  const same = new Int32Array(stacks.frame.length)
  for (let i = 0; i < same.length; i++) same[i] = i
  return same
}

/** Where stacks are after two passes, one after the other. */
export function throughBoth(first: Int32Array, second: Int32Array): Int32Array {
  const both = new Int32Array(first.length)
  for (let i = 0; i < both.length; i++) {
    both[i] = first[i] === NOWHERE ? NOWHERE : second[first[i]!]!
  }
  return both
}

/**
 * Back to where a profile came from: of each of its stacks the stacks whose time is its own, in
 * their order. O(stacks) for all of them.
 */
export function sourcesOf({ profile, stackOf }: Passed): (stack: StackIndex) => Int32Array {
  const starts = new Int32Array(profile.stacks.frame.length + 1)
  for (const stack of stackOf) if (stack !== NOWHERE) starts[stack + 1]!++
  for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!
  const sources = new Int32Array(starts.at(-1)!)
  const next = starts.slice()
  for (let i = 0; i < stackOf.length; i++) {
    if (stackOf[i] !== NOWHERE) sources[next[stackOf[i]!]!++] = i
  }
  return (stack) => sources.subarray(starts[stack]!, starts[stack + 1]!)
}

// --- internal ---

/** Passes take over the frames that stay as they are, object by object; the first is the root. */
function isSame(before: Profile, after: Profile): boolean {
  const [a, b] = [before.stacks, after.stacks]
  if (a.frame.length !== b.frame.length || before.frames.length !== after.frames.length) {
    return false
  }
  for (let i = 0; i < a.frame.length; i++) {
    if (a.frame[i] !== b.frame[i] || a.parent[i] !== b.parent[i]) return false
  }
  const [from, to] = [before.samples.stack, after.samples.stack]
  if (from.length !== to.length) return false
  for (let i = 0; i < from.length; i++) if (from[i] !== to[i]) return false
  return before.frames.every((frame, i) => i === 0 || frame === after.frames[i])
}
