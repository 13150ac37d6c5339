import { ACCOUNTS, type Account } from '../../../src/profile/accounts.js'
import type { Profile } from '../../../src/profile/profile.js'
import { accountOfStacks } from '../../../src/profile/stack-accounts.js'
import { type Locate, locatorFor } from '../../../src/render/paths.js'
import { invertProfile } from '../../../src/transform/invert.js'

/**
 * What every view of a profile starts from, and what its addresses count by: one sample for each
 * stack, at the index of the stack. Whatever a transformation makes of it, sample `i` is where
 * stack `i` went.
 */
export interface TreeBase {
  readonly profile: Profile
  /** Callers below functions. */
  readonly inverted: boolean
  /** How many callers of each function are known; all of them unless that would be too many. */
  readonly levels: number
  /** For each account with time, what each stack has of its own. */
  readonly accounts: ReadonlyMap<Account, Float64Array>
  readonly locationOf: Locate
}

/** The page runs in no directory: what the files of the app share is where they are. */
export const ELSEWHERE = '\0'

/**
 * The base of a profile, callees below their callers or `inverted`; each is made when it is first
 * asked for.
 */
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
  const owned = inverted ? withoutEmpty(summed) : summed
  const levels = inverted ? affordableLevels(owned) : Number.POSITIVE_INFINITY
  const turned = inverted ? invertProfile(owned, levels) : owned
  return {
    profile: inverted ? onePerStack(turned, selfTimes(turned)) : turned,
    inverted,
    levels,
    accounts: selfByAccount(profile, owned, turned),
    locationOf: locatorFor(profile, ELSEWHERE),
  }
}

// --- internal ---

/** Stacks that a tree of callers may have: as many as are quickly folded and laid out. */
const MOST_INVERTED = 600_000
const FEWEST_LEVELS = 8
const MOST_LEVELS = 256

function affordableLevels({ samples }: Profile): number {
  const affordable = Math.floor(MOST_INVERTED / Math.max(1, samples.stack.length))
  return Math.min(MOST_LEVELS, Math.max(FEWEST_LEVELS, affordable))
}

/** `owned` and `turned` have the same samples, on the stacks of the profile and of the base. */
function selfByAccount(profile: Profile, owned: Profile, turned: Profile) {
  const accountOf = accountOfStacks(profile)
  const columns = new Map<Account, Float64Array>()
  const { stack, weight } = turned.samples
  for (let i = 0; i < stack.length; i++) {
    if (weight[i] === 0) continue
    const account = ACCOUNTS[accountOf[owned.samples.stack[i]!]!]!
    const self = columns.get(account) ?? new Float64Array(turned.stacks.frame.length)
    columns.set(account, self)
    self[stack[i]!]! += weight[i]!
  }
  return columns
}

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
