import { ROOT_STACK } from '../profile/builder.js'
import { buildCallTree } from '../profile/calltree.js'
import { frameKind } from '../profile/frames.js'
import type { FrameIndex, Profile } from '../profile/profile.js'
import { inTheWayStacks } from '../profile/stack-waits.js'
import { outermostWalk } from './outermost.js'

/**
 * Times of every function, by frame index. `self`, `total` and `samples` are those of the request's
 * own code, waits included; what ran for others meanwhile is apart. `total` and `inTheWay` count a
 * sample once each, however often the function is on its stack; `samples` counts the entries of the
 * profile (`entryNoun`) where `self` sums their time. Together `self` and `inTheWaySelf` sum to all
 * time there is.
 *
 *     f;add 1, f;[await] timer;[blocked];GET /report;add 4
 *     =  add: self 1, total 1, in the way 4; f: total 5
 */
export interface FunctionTable {
  readonly self: Float64Array
  readonly total: Float64Array
  readonly samples: Int32Array
  /** Of what was in the way, callees included. */
  readonly inTheWay: Float64Array
  readonly inTheWaySelf: Float64Array
}

/** O(stacks + samples), no recursion. */
export function buildFunctionTable(profile: Profile): FunctionTable {
  const tree = buildCallTree(profile)
  const { frame } = profile.stacks
  const isInTheWay = inTheWayStacks(profile)
  const times = () => new Float64Array(profile.frames.length)
  const [self, total, inTheWay, inTheWaySelf] = [times(), times(), times(), times()]
  const samples = new Int32Array(profile.frames.length)
  for (let i = 0; i < frame.length; i++) {
    if (isInTheWay[i]) {
      inTheWaySelf[frame[i]!]! += tree.self[i]!
    } else {
      self[frame[i]!]! += tree.self[i]!
      samples[frame[i]!]! += tree.samples[i]!
    }
  }
  outermostWalk(tree)(ROOT_STACK, (call, isOthers) => {
    const sums = isOthers ? inTheWay : total
    sums[frame[call]!]! += tree.total[call]!
  })
  return { self, total, samples, inTheWay, inTheWaySelf }
}

/** The functions that have time, without a root that only stands above all others. */
export function functionsWithTime(profile: Profile, table: FunctionTable): FrameIndex[] {
  const { self, total, inTheWay } = table
  const present: FrameIndex[] = []
  for (let i = 0; i < profile.frames.length; i++) {
    const isBareRoot = frameKind(profile.frames[i]!) === 'root' && self[i] === 0
    if ((total[i] !== 0 || inTheWay[i] !== 0) && !isBareRoot) present.push(i)
  }
  return present
}

/** Most time of its own first: self, then total, then what was in the way. */
export function byOwnTime({ self, total, inTheWay }: FunctionTable) {
  return (a: FrameIndex, b: FrameIndex): number =>
    self[b]! - self[a]! || total[b]! - total[a]! || inTheWay[b]! - inTheWay[a]! || a - b
}
