/**
 * What a finding is made from: facts about a profile, sentences that were not chosen yet, and their
 * parts.
 */

import { type SelfGroups, selfGroups } from '../../analysis/self-groups.js'
import { ACCOUNT_INDEX, type Account } from '../../profile/accounts.js'
import { ROOT_STACK } from '../../profile/builder.js'
import { type StackTimes, stackTimes } from '../../profile/calltree.js'
import type { Micros, Profile, StackIndex } from '../../profile/profile.js'
import type { Steps } from '../../profile/steps.js'
import type { Locate } from '../paths.js'

/**
 * What is told of: time of an account, or before all of them, or that a foreign profile's thread
 * was idle, or that the loop could not look, or nothing.
 */
export type FindingKind = Account | 'queued' | 'idle' | 'stall' | 'none'

export interface Facts extends SelfGroups {
  readonly tree: StackTimes
  /** All time. */
  readonly whole: Micros
  /** What less time than this has does not stand out. */
  readonly least: Micros
  readonly locate: Locate
}

export interface Candidate {
  readonly kind: FindingKind
  readonly stack: StackIndex
  readonly micros: Micros
  /** The sentence; `requests` says in how many of them, to be put behind the fact. */
  readonly textIn: (requests: string) => string
  /** Is the stack's own time part of what the sentence says? */
  readonly covers: (stack: StackIndex) => boolean
}

export function* factsOf(profile: Profile, locate: Locate): Steps<Facts> {
  const tree = stackTimes(profile)
  yield
  const whole = tree.total[ROOT_STACK]!
  const facts = { ...selfGroups(tree), tree, whole, least: whole * LEAST, locate }
  yield
  return facts
}

/** Is a stack's own time in the account? */
export function within({ accounts }: Facts, account: Account): (stack: StackIndex) => boolean {
  const index = ACCOUNT_INDEX[account]
  return (stack) => accounts[stack] === index
}

// --- internal ---

/** Share of all time. */
const LEAST = 0.1
