import { ROOT_STACK } from '../../../src/profile/builder.js'
import { frameKey } from '../../../src/profile/frames.js'
import type { StackIndex } from '../../../src/profile/profile.js'
import type { TreeBase } from './base.js'

/**
 * The place in a base turned round that shows the same function: the one with the most time,
 * callees included. The root where there is none.
 */
export function sameFunction(from: TreeBase, stack: StackIndex, to: TreeBase): StackIndex {
  if (stack <= ROOT_STACK) return ROOT_STACK
  const wanted = frameKey(from.profile.frames[from.profile.stacks.frame[stack]!]!)
  const frame = to.profile.frames.findIndex((each) => frameKey(each) === wanted)
  const { stacks, samples } = to.profile
  const total = samples.weight.slice()
  let heaviest = ROOT_STACK
  // Callers come first, so that of equals the outermost stays.
  for (let i = total.length - 1; i > ROOT_STACK; i--) {
    total[stacks.parent[i]!]! += total[i]!
    if (stacks.frame[i] !== frame) continue
    if (heaviest === ROOT_STACK || total[i]! >= total[heaviest]!) heaviest = i
  }
  return heaviest
}
