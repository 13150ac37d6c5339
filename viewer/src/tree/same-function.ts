import { ROOT_STACK } from '../../../src/profile/builder.js'
import { stackTimes } from '../../../src/profile/calltree.js'
import { frameKey } from '../../../src/profile/frames.js'
import type { Profile, StackIndex } from '../../../src/profile/profile.js'
import { inTheWayStacks } from '../../../src/profile/stack-waits.js'
import type { Steps } from '../../../src/profile/steps.js'
import { inTheWayInverted } from '../../../src/transform/invert.js'

/** The profile by whose stacks the calls of a view are known. */
export interface Base {
  readonly profile: Profile
  readonly inverted: boolean
}

/**
 * The place in the base of another view that shows the same function: the one with the most time,
 * callees included, of its own calls or of those for others, as it was. The root where there is
 * none.
 */
export function* sameFunction(from: Base, stack: StackIndex, to: Base): Steps<StackIndex> {
  if (stack <= ROOT_STACK) return ROOT_STACK
  const { frames, stacks } = from.profile
  const wanted = frameKey(frames[stacks.frame[stack]!]!)
  const frame = to.profile.frames.findIndex((each) => frameKey(each) === wanted)
  const isOthers = inTheWayIn(from)[stack]!
  yield
  const inTheWay = inTheWayIn(to)
  yield
  const { total } = stackTimes(to.profile)
  yield
  let heaviest: StackIndex = ROOT_STACK
  // Of equals the outermost, which comes first.
  for (let i = ROOT_STACK + 1; i < total.length; i++) {
    if (to.profile.stacks.frame[i] !== frame || inTheWay[i] !== isOthers) continue
    if (heaviest === ROOT_STACK || total[i]! > total[heaviest]!) heaviest = i
  }
  return heaviest
}

/** 1 for each stack that stands for code of others. */
export function inTheWayIn({ profile, inverted }: Base): Uint8Array {
  return inverted ? inTheWayInverted(profile) : inTheWayStacks(profile)
}
