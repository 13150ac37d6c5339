import { ROOT_STACK } from '../../../src/profile/builder.js'
import { stackTimes } from '../../../src/profile/calltree.js'
import { frameKey } from '../../../src/profile/frames.js'
import type { Profile, StackIndex } from '../../../src/profile/profile.js'

/**
 * The place in the base of another view that shows the same function: the one with the most time,
 * callees included. The root where there is none.
 */
export function sameFunction(from: Profile, stack: StackIndex, to: Profile): StackIndex {
  if (stack <= ROOT_STACK) return ROOT_STACK
  const wanted = frameKey(from.frames[from.stacks.frame[stack]!]!)
  const frame = to.frames.findIndex((each) => frameKey(each) === wanted)
  const { total } = stackTimes(to)
  let heaviest: StackIndex = ROOT_STACK
  // Of equals the outermost, which comes first.
  for (let i = ROOT_STACK + 1; i < total.length; i++) {
    if (to.stacks.frame[i] !== frame) continue
    if (heaviest === ROOT_STACK || total[i]! > total[heaviest]!) heaviest = i
  }
  return heaviest
}
