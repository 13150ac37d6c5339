/**
 * What samples can tell: how many there are, and how far off a share that is taken from them may
 * be.
 */

import { ACCOUNTS, accountRow } from '../profile/accounts.js'
import { isOurFrame } from '../profile/frames.js'
import type { Profile } from '../profile/profile.js'
import { accountOfStacks } from '../profile/stack-accounts.js'

/** 97.5 % of a normal distribution are below this, so 95 % are within it on both sides. */
export const Z95 = 1.959964

/**
 * True for the accounts, as indexes into `ACCOUNTS`, of which samples tell where they were spent;
 * waits are measured.
 */
export function isSampled(account: number): boolean {
  return IS_SAMPLED[account]!
}

/**
 * How many samples of a sampler the profile's CPU time rests on; null where that is not known. Of
 * our own dumps the recorder counted them: what is in the file are pieces of time. A foreign
 * timeline has them one by one, and a profile in the unit `samples` counts nothing else.
 * `accounts`: those of its stacks.
 */
export function sampleCount(profile: Profile, accounts = accountOfStacks(profile)): number | null {
  const { sources, samples, unit } = profile
  if (sources.length > 0) return sources.reduce((sum, source) => sum + source.samples, 0)
  if (!isOneByOne(profile)) return null
  let count = 0
  for (let i = 0; i < samples.stack.length; i++) {
    if (isSampled(accounts[samples.stack[i]!]!))
      count += unit === 'samples' ? samples.weight[i]! : (samples.count?.[i] ?? 1)
  }
  return count
}

/**
 * What a profile's samples are for people: samples of a sampler, or else pieces: sums, of bytes
 * and counts too, or what a request's time falls into in our own dumps, most of it known without a
 * sampler.
 */
export function entryNoun(profile: Profile): 'samples' | 'pieces' {
  return profile.sources.length === 0 && isOneByOne(profile) ? 'samples' : 'pieces'
}

/**
 * Wilson's interval for a share that `count` samples show: with 95 % confidence the true share is
 * between `low` and `high`. Unlike share ± z·√(share·(1−share)/n) it is right for few samples and
 * for shares near 0 and 1. E. B. Wilson, "Probable Inference", JASA 22 (1927), 209–212.
 */
export function wilson(share: number, count: number): { low: number; high: number } {
  if (count <= 0) return { low: 0, high: 1 }
  const z2 = (Z95 * Z95) / count
  const middle = (share + z2 / 2) / (1 + z2)
  const half = Math.sqrt(share * (1 - share) * z2 + (z2 * z2) / 4) / (1 + z2)
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

/** The ± of such a share: the farther end of its interval. */
export function errorOf(share: number, count: number): number {
  const { low, high } = wilson(share, count)
  return Math.max(share - low, high - share)
}

// --- internal ---

const IS_SAMPLED = ACCOUNTS.map((account) => accountRow(account).isSampled === true)

/**
 * Does a foreign profile hold what a sampler saw, one by one? Our own dumps hold pieces of time, in
 * whatever format they come back.
 */
function isOneByOne({ unit, timeline, samples, frames }: Profile): boolean {
  const isCounted = timeline || samples.count !== undefined
  if (unit !== 'samples' && !(unit === 'microseconds' && isCounted)) return false
  return !frames.some(isOurFrame)
}
