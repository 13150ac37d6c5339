import { ACCOUNT_INDEX } from '../profile/accounts.js'
import { ROOT_STACK } from '../profile/builder.js'
import { buildCallTree } from '../profile/calltree.js'
import type { Profile, StackIndex } from '../profile/profile.js'
import { renamed, sortByKey } from '../profile/sorted.js'
import { accountOfStacks } from '../profile/stack-accounts.js'
import { inTheWayStacks } from '../profile/stack-waits.js'
import type { Side } from './diff-side.js'
import { outermostWalk } from './outermost.js'
import { recordedIn } from './recorded-in.js'
import { isSampled } from './sampling.js'

/** The stacks that both sides stand on, and what is known of them. */
export interface CommonStacks {
  readonly table: Pick<Profile, 'frames' | 'stacks'>
  /** For each stack its account. */
  readonly accounts: Uint8Array
  /** 1 for a call whose function is not running already. */
  readonly isOutermost: Uint8Array
  /**
   * For each stack what it is a call of: the function's frame, or where it ran for others, which is
   * apart, that and the number of frames.
   */
  readonly functionOf: Int32Array
}

/** Sums over all requests of a side, callees included, for each stack or for each function. */
export interface Times {
  readonly total: Float64Array
  /** Of the totals of the single requests. */
  readonly squares: Float64Array
  readonly sampled: Float64Array
  readonly blocked: Float64Array
}

export interface SideTimes {
  readonly self: Float64Array
  readonly stacks: Times
  /** As `functionOf` counts them. */
  readonly functions: Times
}

export function factsOfStacks(empty: Profile): CommonStacks {
  const { frames, stacks } = empty
  const isOutermost = new Uint8Array(stacks.frame.length)
  const inTheWay = inTheWayStacks(empty)
  outermostWalk(buildCallTree(empty))(ROOT_STACK, (call) => {
    isOutermost[call] = 1
  })
  return {
    table: empty,
    accounts: accountOfStacks(empty),
    isOutermost,
    functionOf: stacks.frame.map((frame, i) => frame + inTheWay[i]! * frames.length),
  }
}

/**
 * Adds a side up on the common stacks. O(samples + stacks + the stacks that each single request
 * has), no recursion.
 */
export function timesOf({ profile }: Side, stackOf: Int32Array, common: CommonStacks): SideTimes {
  const { stacks } = common.table
  const { stack, weight } = profile.samples
  const self = new Float64Array(stacks.frame.length)
  const sampled = new Float64Array(self.length)
  const blocked = new Float64Array(self.length)
  for (let i = 0; i < stack.length; i++) {
    const at = stackOf[stack[i]!]!
    self[at]! += weight[i]!
    if (isSampled(common.accounts[at]!)) sampled[at]! += weight[i]!
    if (common.accounts[at] === BLOCKED) blocked[at]! += weight[i]!
  }
  const squares = squaresOf(profile, stackOf, common)
  const withCallees = (own: Float64Array) => sumUp(own, stacks.parent)
  const byStack = {
    total: withCallees(self),
    sampled: withCallees(sampled),
    blocked: withCallees(blocked),
  }
  const byFunction = (times: Float64Array) => perFunction(times, common)
  return {
    self,
    stacks: { ...byStack, squares: squares.ofStacks },
    functions: {
      total: byFunction(byStack.total),
      sampled: byFunction(byStack.sampled),
      blocked: byFunction(byStack.blocked),
      squares: squares.ofFunctions,
    },
  }
}

/** Own times with those of all callees. */
export function sumUp(own: Float64Array, parent: Int32Array): Float64Array {
  const total = own.slice()
  for (let i = total.length - 1; i > 0; i--) total[parent[i]!]! += total[i]!
  return total
}

/** Totals of calls as totals of functions, each once however often the function is on a stack. */
export function perFunction(times: Float64Array, common: CommonStacks): Float64Array {
  const { table, isOutermost, functionOf } = common
  const sums = new Float64Array(table.frames.length * 2)
  for (let i = 0; i < times.length; i++) {
    if (isOutermost[i]) sums[functionOf[i]!]! += times[i]!
  }
  return sums
}

// --- internal ---

const BLOCKED = ACCOUNT_INDEX.blocked

/** Squares of the totals of each request: only its own stacks are touched for it. */
function squaresOf(profile: Profile, stackOf: Int32Array, common: CommonStacks) {
  const { table, isOutermost, functionOf } = common
  const { frame, parent } = table.stacks
  const { weight } = profile.samples
  const ofStacks = new Float64Array(frame.length)
  const ofFunctions = new Float64Array(table.frames.length * 2)
  const time = new Float64Array(frame.length)
  const functionTime = new Float64Array(ofFunctions.length)
  const seen = new Uint8Array(frame.length)
  const touched = new Int32Array(frame.length)
  for (const samples of samplesByRequest(profile)) {
    let count = 0
    for (const sample of samples) {
      let at: StackIndex = stackOf[profile.samples.stack[sample]!]!
      time[at]! += weight[sample]!
      for (; at !== -1 && seen[at] === 0; at = parent[at]!) {
        seen[at] = 1
        touched[count++] = at
      }
    }
    // Callees first, as their indexes are larger.
    const stacks = touched.subarray(0, count).sort()
    for (let i = count - 1; i >= 0; i--) {
      const at = stacks[i]!
      ofStacks[at]! += time[at]! ** 2
      if (at > 0) time[parent[at]!]! += time[at]!
      if (isOutermost[at]) functionTime[functionOf[at]!]! += time[at]!
    }
    for (const at of stacks) {
      ofFunctions[functionOf[at]!]! += functionTime[functionOf[at]!]! ** 2
      functionTime[functionOf[at]!] = 0
      time[at] = 0
      seen[at] = 0
    }
  }
  return { ofStacks, ofFunctions }
}

/** The indexes of the samples of each request. */
function samplesByRequest(profile: Profile): Iterable<Uint32Array> {
  const { all, ofSet } = recordedIn(profile)
  const requests = renamed(profile.samples.labelSet, ofSet)
  const { order, starts } = sortByKey(requests, all.length)
  return all.map((_, request) => order.subarray(starts[request]!, starts[request + 1]!))
}
