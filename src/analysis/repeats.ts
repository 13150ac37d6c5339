/** Requests of one kind, one after the other: how long they take, and what makes slow ones slow. */
import { ACCOUNTS, type Account } from '../profile/accounts.js'
import type { DumpMeta, Micros, Profile } from '../profile/profile.js'
import { accountOfStacks } from '../profile/stack-accounts.js'
import { medianOf, type Range } from './budgets.js'
import { t95 } from './diff-noise.js'

/** One of them. */
export interface Repeat {
  readonly meta: DumpMeta
  /** Own time by account and function, each under the name that people know it by. */
  readonly own: ReadonlyMap<string, OwnTime>
}

export interface OwnTime {
  readonly account: Account
  readonly name: string
  readonly file: string
  readonly line: number
  readonly micros: Micros
}

/** What a part of the time has to do with how long they take. */
export interface SpreadPart {
  readonly account: Account
  /** '' for the account as a whole. */
  readonly name: string
  readonly file: string
  readonly line: number
  /** Means of the faster and of the slower half. */
  readonly fast: Micros
  readonly slow: Micros
  /** Of the differences between requests this part has so much, ± at 95 %. Of all accounts: 1. */
  readonly share: number
  readonly error: number
}

export interface Repeats {
  readonly count: number
  readonly median: Range
  readonly fastest: Micros
  readonly slowest: Micros
  readonly mean: Micros
  /**
   * `few`: too few to tell slow from fast. `alike`: there is next to no difference. `noise`: there
   * is, and none of it can be pinned on anything. `told`: `causes` has what slow ones have more of.
   */
  readonly verdict: 'few' | 'alike' | 'noise' | 'told'
  readonly accounts: readonly SpreadPart[]
  /** Of the accounts' parts, those that are no chance, the largest first. */
  readonly causes: readonly SpreadPart[]
}

/** Of the profile of one request; null for any other. */
export function repeatOf(profile: Profile): Repeat | null {
  const [meta] = profile.sources
  if (profile.sources.length !== 1 || meta === undefined) return null
  const accounts = accountOfStacks(profile)
  const { samples, stacks, frames } = profile
  const own = new Map<string, OwnTime>()
  for (let i = 0; i < samples.stack.length; i++) {
    const stack = samples.stack[i]!
    const { name, file, line } = frames[stacks.frame[stack]!]!
    const account = ACCOUNTS[accounts[stack]!]!
    const key = `${account}\n${name}\n${file}\n${line}`
    const micros = (own.get(key)?.micros ?? 0) + samples.weight[i]!
    own.set(key, { account, name, file, line, micros })
  }
  return { meta, own }
}

/**
 * The accounts of a request sum to its duration, so their covariances with it sum to its variance:
 * a part's share of the differences is cov(part, duration) / var(duration), of which nothing is
 * tested that was chosen by it. Its error is the jackknife's, one request left out at a time. A
 * part is told of where its share is over zero with 95 % confidence, and a tenth or more.
 */
export function compareRepeats(repeats: readonly Repeat[]): Repeats {
  const sorted = [...repeats].sort((a, b) => a.meta.durationMicros - b.meta.durationMicros)
  const durations = sorted.map(({ meta }) => meta.durationMicros)
  const partOf = (values: readonly number[]) => spreadOf(values, durations)
  const accounts = ACCOUNTS.map((account): SpreadPart => {
    const values = sorted.map(({ meta }) => meta.ledger[account])
    return { account, name: '', file: '', line: 0, ...partOf(values) }
  }).filter(({ fast, slow }) => fast + slow > 0)
  const [fastest, slowest] = [durations[0]!, durations.at(-1)!]
  const certain = accounts.filter(isCertain)
  const isAlike = slowest - fastest <= ALIKE * medianOf(durations).measured
  const verdict =
    sorted.length < FEWEST
      ? 'few'
      : isAlike
        ? 'alike'
        : certain.length === 0
          ? 'noise'
          : ('told' as const)
  const causes = verdict === 'told' ? causesOf(certain, sorted, partOf) : []
  const mean = meanOf(durations)
  const median = medianOf(durations)
  return { count: sorted.length, median, fastest, slowest, mean, verdict, accounts, causes }
}

// --- internal ---

const FEWEST = 5
/** Between the fastest and the slowest: a smaller difference is nobody's trouble. */
const ALIKE = 0.1
const LEAST_SHARE = 0.1
const MOST_CAUSES = 5

type Spread = Pick<SpreadPart, 'fast' | 'slow' | 'share' | 'error'>

function isCertain({ share, error }: Spread): boolean {
  return share >= LEAST_SHARE && share - error > 0
}

/** The accounts, each followed by the functions and waits in it. */
function causesOf(
  accounts: readonly SpreadPart[],
  sorted: readonly Repeat[],
  partOf: (values: readonly number[]) => Spread,
): SpreadPart[] {
  const known = new Map<string, OwnTime>()
  for (const { own } of sorted) for (const [key, time] of own) known.set(key, time)
  const parts = [...known].map(([key, { account, name, file, line }]): SpreadPart => {
    const values = sorted.map(({ own }) => own.get(key)?.micros ?? 0)
    return { account, name, file, line, ...partOf(values) }
  })
  const byShare = (a: Spread, b: Spread) => b.share - a.share
  return [...accounts].sort(byShare).flatMap((whole) => [
    whole,
    ...parts
      .filter((part) => part.account === whole.account && isCertain(part))
      .sort(byShare)
      .slice(0, MOST_CAUSES),
  ])
}

/** Both from the fastest to the slowest request. */
function spreadOf(values: readonly number[], durations: readonly number[]): Spread {
  const n = values.length
  const half = Math.floor(n / 2)
  const fast = meanOf(values.slice(0, Math.max(1, half)))
  const slow = meanOf(values.slice(n - Math.max(1, half)))
  const share = shareOf(values, durations)
  if (n < 3) return { fast, slow, share, error: Number.POSITIVE_INFINITY }
  const without = values.map((_, i) => shareOf(values.toSpliced(i, 1), durations.toSpliced(i, 1)))
  const middle = meanOf(without)
  const squares = without.reduce((sum, each) => sum + (each - middle) ** 2, 0)
  return { fast, slow, share, error: t95(n - 1) * Math.sqrt(((n - 1) / n) * squares) }
}

function shareOf(values: readonly number[], durations: readonly number[]): number {
  const [value, duration] = [meanOf(values), meanOf(durations)]
  let [both, alone] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    const off = durations[i]! - duration
    both += (values[i]! - value) * off
    alone += off * off
  }
  return alone === 0 ? 0 : both / alone
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
