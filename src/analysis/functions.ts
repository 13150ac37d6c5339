import { ROOT_STACK } from '../profile/builder.js'
import { buildCallTree } from '../profile/calltree.js'
import type { Profile } from '../profile/profile.js'
import { outermostWalk } from './outermost.js'

/**
 * Times of every function, by frame index. `total` counts a sample once however often the function
 * is on its stack; `samples` counts the entries of the profile (`entryNoun`) where `self` sums
 * their time.
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
  outermostWalk(tree)(ROOT_STACK, (call) => {
    total[frame[call]!]! += tree.total[call]!
  })
  return { self, total, samples }
}
