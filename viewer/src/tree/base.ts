import { accountOfStacks } from '../../../src/profile/accounts.js'
import { ACCOUNTS, type Account, type Profile } from '../../../src/profile/profile.js'
import { type Locate, locatorFor } from '../../../src/render/paths.js'
import { invertProfile } from '../../../src/transform/invert.js'

/**
 * What every view of a profile starts from, and what its addresses count by: one sample for each
 * stack, at the index of the stack. Whatever a transformation makes of it, sample `i` is where stack
 * `i` went.
 */
export interface TreeBase {
  readonly profile: Profile
  /** Callers below functions. */
  readonly inverted: boolean
  /** For each account, the time that each stack has of its own. */
  readonly accounts: ReadonlyMap<Account, Float64Array>
  readonly locationOf: Locate
}

/** The page runs in no directory: what the files of the app share is where they are. */
export const ELSEWHERE = '\0'

/** The base of a profile, callees below their callers or `inverted`; each is made when it is first asked for. */
export type BaseOf = (inverted: boolean) => TreeBase

export function basesOf(profile: Profile): BaseOf {
  const made = new Map<boolean, TreeBase>()
  return (inverted) => {
    const base = made.get(inverted) ?? buildTreeBase(profile, inverted)
    made.set(inverted, base)
    return base
  }
}

/** O(stacks + samples) unless it is inverted. */
export function buildTreeBase(profile: Profile, inverted: boolean): TreeBase {
  const summed = onePerStack(profile, selfTimes(profile))
  const ownerOf = accountOfStacks(profile)
  const owned = inverted ? withoutEmpty(summed) : summed
  const turned = inverted ? invertProfile(owned) : owned
  const accounts = ACCOUNTS.map(() => new Float64Array(turned.stacks.frame.length))
  const { stack, weight } = turned.samples
  for (let i = 0; i < stack.length; i++) {
    accounts[ownerOf[owned.samples.stack[i]!]!]![stack[i]!]! += weight[i]!
  }
  return {
    profile: inverted ? onePerStack(turned, selfTimes(turned)) : turned,
    inverted,
    accounts: new Map(ACCOUNTS.map((account, i) => [account, accounts[i]!])),
    locationOf: locatorFor(profile, ELSEWHERE),
  }
}

// --- internal ---

function selfTimes({ stacks, samples }: Profile): Float64Array {
  const self = new Float64Array(stacks.frame.length)
  const { stack, weight } = samples
  for (let i = 0; i < stack.length; i++) self[stack[i]!]! += weight[i]!
  return self
}

function onePerStack(profile: Profile, weight: Float64Array): Profile {
  const stack = new Int32Array(weight.length)
  for (let i = 0; i < stack.length; i++) stack[i] = i
  const labelSet = new Int32Array(weight.length)
  return { ...profile, timeline: false, samples: { stack, weight, labelSet } }
}

/** Stacks without time of their own are no functions in which time was spent. */
function withoutEmpty(profile: Profile): Profile {
  const { weight } = profile.samples
  const stack = profile.samples.stack.filter((_, i) => weight[i] !== 0)
  const labelSet = new Int32Array(stack.length)
  return {
    ...profile,
    samples: { stack, weight: weight.filter((each) => each !== 0), labelSet },
  }
}
