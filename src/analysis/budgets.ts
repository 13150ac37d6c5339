/** Are budgets kept by the requests that were recorded, or is it noise? */
import { ACCOUNTS, type Account, accountRow } from '../profile/accounts.js'
import type { DumpMeta, Micros } from '../profile/profile.js'
import { t95 } from './diff-noise.js'
import { Z95 } from './sampling.js'

/** Of durations: a quantile (0.95), the mean, or 1: the longest. */
export type Duration = { readonly of: 'duration'; readonly quantile: number | null }
/** Of an account: its mean per request in µs, or its share of all time. */
export type OfAccount = { readonly of: Account; readonly unit: 'micros' | 'share' }

export interface Budget {
  /** As it was asked for: `p95`, `blocked`. */
  readonly name: string
  readonly what: Duration | OfAccount
  /** µs, or a share from 0 to 1. */
  readonly allowed: number
}

/** `noise`: it is over, and no further than chance may take it. */
export type BudgetVerdict = 'kept' | 'noise' | 'broken'

export interface BudgetResult extends Budget {
  readonly unit: 'micros' | 'share'
  readonly measured: number
  /** Between these it is with 95 % confidence; `high` may have no end. */
  readonly low: number
  readonly high: number
  readonly verdict: BudgetVerdict
}

/**
 * Judges one budget by at least one request. Broken is what is over with 95 % confidence (2.5 % on
 * this side), so that of forty builds that keep exactly to a budget one fails:
 *
 * - A quantile: by order statistics, whatever the distribution. Of `n` requests that keep to a p95
 *   one in twenty is over it; more of them may be by chance as a binomial distribution says. The
 *   longest is what it is.
 * - A mean: Student's t over the requests, and at least the error of the samples, as in
 *   `diff-noise.ts`. Of a single request that error is all there is: it is a budget of that one.
 * - A share of all time: the same for the ratio of two sums (the linearised variance of a ratio).
 * - Of `blocked`, the part that is an upper bound is never sure: it can make it noise, not broken.
 */
export function judge(budget: Budget, metas: readonly DumpMeta[]): BudgetResult {
  const { what, allowed } = budget
  const range =
    what.of !== 'duration'
      ? accountRange(metas, what)
      : what.quantile === null
        ? meanRange(metas.map(durationOf), 0)
        : quantileRange(metas.map(durationOf), what.quantile)
  const verdict = range.measured <= allowed ? 'kept' : range.low > allowed ? 'broken' : 'noise'
  return { ...budget, unit: what.of === 'duration' ? 'micros' : what.unit, ...range, verdict }
}

/** The middle of what requests took, and how sure that is. */
export function medianOf(durations: readonly Micros[]): Range {
  return quantileRange(durations, 0.5)
}

export interface Range {
  readonly measured: number
  readonly low: number
  readonly high: number
}

// --- internal ---

const ONE_SIDE = 0.025

function durationOf({ durationMicros }: DumpMeta): Micros {
  return durationMicros
}

/**
 * `low` is the smallest value that this many may be over by chance: the order statistic for which
 * P(so many or more are over) is still 2.5 % or more.
 */
function quantileRange(durations: readonly Micros[], quantile: number): Range {
  const sorted = [...durations].sort((a, b) => a - b)
  const n = sorted.length
  const measured = sorted[Math.max(0, Math.ceil(quantile * n - 1e-9) - 1)]!
  if (quantile >= 1) return { measured, low: measured, high: measured }
  // P(X <= k), X of n below the quantile: k values below it are too few if that is improbable.
  let below = 0
  let cumulated = binomial(n, 0, quantile)
  while (below < n && cumulated < ONE_SIDE) cumulated += binomial(n, ++below, quantile)
  let above = n
  let tail = binomial(n, n, quantile)
  while (above > 0 && tail < ONE_SIDE) tail += binomial(n, --above, quantile)
  return {
    measured,
    low: below === 0 ? 0 : sorted[below - 1]!,
    high: above === n ? Number.POSITIVE_INFINITY : sorted[above]!,
  }
}

/** By logarithms: of many requests the factors are too large and too small. */
function binomial(n: number, k: number, p: number): number {
  let log = k * Math.log(p) + (n - k) * Math.log1p(-p)
  for (let i = 1; i <= Math.min(k, n - k); i++) log += Math.log((n - i + 1) / i)
  return Math.exp(log)
}

function accountRange(metas: readonly DumpMeta[], { of, unit }: OfAccount): Range {
  const times = metas.map(({ ledger }) => ledger[of])
  const durations = metas.map(durationOf)
  const [time, whole] = [sum(times), sum(durations)]
  const sampling = accountRow(of).isSampled === true ? samplingVariance(metas, time) : 0
  const unsure = of === 'blocked' ? sum(metas.map(({ blockedUpToMicros }) => blockedUpToMicros)) : 0
  if (unit === 'micros') {
    const range = meanRange(times, sampling / metas.length ** 2)
    return { ...range, low: Math.max(0, range.low - unsure / metas.length) }
  }
  if (whole === 0) return { measured: 0, low: 0, high: 0 }
  const share = time / whole
  // What is over its share of its own request's time, and what is under.
  const rests = times.map((own, i) => own - share * durations[i]!)
  const error = errorOf(rests, sampling / metas.length ** 2) / (whole / metas.length)
  return {
    measured: share,
    low: Math.max(0, share - error - unsure / whole),
    high: Math.min(1, share + error),
  }
}

function meanRange(values: readonly number[], leastVariance: number): Range {
  const measured = sum(values) / values.length
  const error = errorOf(values, leastVariance)
  return { measured, low: Math.max(0, measured - error), high: measured + error }
}

/** Of the mean, ±; `leastVariance`: of the mean, by samples alone. */
function errorOf(values: readonly number[], leastVariance: number): number {
  const n = values.length
  if (n === 1) return Z95 * Math.sqrt(leastVariance)
  const mean = sum(values) / n
  const spread = sum(values.map((value) => (value - mean) ** 2)) / (n - 1) / n
  return t95(n - 1) * Math.sqrt(Math.max(spread, leastVariance))
}

/** Of the sum of an account's time: n samples that stand for a time s fall into it like coins. */
function samplingVariance(metas: readonly DumpMeta[], time: Micros): number {
  const samples = sum(metas.map((meta) => meta.samples))
  const sampled = sum(metas.map(({ ledger }) => sum(SAMPLED.map((account) => ledger[account]))))
  if (sampled === 0) return 0
  // All samples in one account say nothing of how often another might have come.
  const share = Math.min(time / sampled, 1 - 1 / (samples + 2))
  return (sampled / Math.max(1, samples)) * time * (1 - share)
}

const SAMPLED = ACCOUNTS.filter((account) => accountRow(account).isSampled === true)

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
