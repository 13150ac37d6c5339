/** Is a difference between two sides more than chance? */
import { Z95 } from './sampling.js'

/** Times of one call or function on one side. */
export interface Observed {
  /** How many requests there are, with or without time in it. */
  readonly requests: number
  /** Sum of the times of all requests, and of their squares. */
  readonly total: number
  readonly squares: number
  /**
   * The parts of the total that samples placed, and in which others ran; the rest are measured
   * waits.
   */
  readonly sampled: number
  readonly blocked: number
  /** All that samples placed on this side, and how many they are; null where that is not known. */
  readonly sampledOnSide: number
  readonly samplesOnSide: number | null
}

/** 1: more time after; -1: less; 0: the difference cannot be told from noise. */
export type Verdict = -1 | 0 | 1

/**
 * The rule, at 95 %:
 *
 * - Several requests on both sides: Welch's unequal-variances t-test on the times of the single
 *   requests (B. L. Welch, Biometrika 34 (1947), 28–35). The spread between requests already has
 *   the sampling in it, but of a few requests it may be small by chance: the error is at least that
 *   of the samples.
 * - One request against several: the spread of the several is taken for both (Student's t).
 * - One against one: their spread is not known. Of CPU time, n samples are taken to be right to √n
 *   samples, as counts of chance events are. Waits were measured to the microsecond, but another
 *   request would have waited for another time; taken as exponential, two waits of the same kind
 *   differ by a factor of 39 once in twenty times (F(2, 2)), so that less says nothing, and such
 *   waits may hide a change of their own size. Who else ran meanwhile is chance, whatever the
 *   factor.
 *
 * Samples of several requests fall into a call like tosses of a coin: of n samples that stand for a
 * time s, those in a call of time x have the variance x·(1 − x/s)·s/n. No allowance is made for
 * looking at many calls: of twenty that have not changed, one is expected to look as if it had.
 */
export function verdictOf(before: Observed, after: Observed): Verdict {
  if (before.requests === 0 || after.requests === 0) return 0
  const change = after.total / after.requests - before.total / before.requests
  return Math.abs(change) > noiseOf(before, after) ? (change > 0 ? 1 : -1) : 0
}

/** The t that 95 % of Student's distribution are within. */
export function t95(degrees: number): number {
  const whole = Math.floor(degrees)
  if (whole < 1) return Number.POSITIVE_INFINITY
  const known = T95[whole - 1]
  if (known !== undefined) return known
  // Fisher's expansion around the normal distribution; right to three digits from 10 on.
  const z = Z95
  const first = (z ** 3 + z) / 4
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384
  return z + first / degrees + second / degrees ** 2 + third / degrees ** 3
}

// --- internal ---

const T95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]
/** The factor that 95 % of the ratios of two exponential times are below, either way up. */
const F95 = 39

function noiseOf(before: Observed, after: Observed): number {
  if (before.requests === 1 && after.requests === 1) {
    const variance = countVariance(before) + countVariance(after)
    return Z95 * Math.sqrt(variance) + hiddenByWaits(before, after)
  }
  const sampling = shareVariance(before) + shareVariance(after)
  const known = [before, after].filter(({ requests }) => requests > 1)
  const [ofBefore, ofAfter] = [before, after].map((side) => {
    return variance(side.requests > 1 ? side : known[0]!) / side.requests
  }) as [number, number]
  const spread = ofBefore + ofAfter
  // Where it is not known how many samples there are, the spread is all there is.
  const error = Math.sqrt(Math.max(spread, sampling === Number.POSITIVE_INFINITY ? 0 : sampling))
  return t95(degreesOf(before, after, ofBefore, ofAfter)) * error
}

/** Between requests. */
function variance({ requests, total, squares }: Observed): number {
  return Math.max(0, (squares - (total * total) / requests) / (requests - 1))
}

/**
 * Of the sum of the samples in a call. Without end where it is not known how many samples there
 * are.
 */
function countVariance({ sampled, sampledOnSide, samplesOnSide }: Observed): number {
  if (sampled === 0) return 0
  if (samplesOnSide === null) return Number.POSITIVE_INFINITY
  return (sampledOnSide / Math.max(1, samplesOnSide)) * sampled
}

/** Of the mean time of a request, as far as samples placed it. */
function shareVariance(side: Observed): number {
  const { requests, sampled, sampledOnSide } = side
  const others = sampledOnSide === 0 ? 0 : 1 - sampled / sampledOnSide
  return others === 0 ? 0 : (countVariance(side) * others) / (requests * requests)
}

function hiddenByWaits(before: Observed, after: Observed): number {
  const [a, b] = [waited(before), waited(after)]
  const waits = Math.max(a, b) >= Math.min(a, b) * F95 ? 0 : Math.max(a, b)
  return waits + Math.max(before.blocked, after.blocked)
}

function waited({ total, sampled, blocked }: Observed): number {
  return total - sampled - blocked
}

/** Welch–Satterthwaite. */
function degreesOf(before: Observed, after: Observed, ofBefore: number, ofAfter: number): number {
  const [m, n] = [before.requests - 1, after.requests - 1]
  if (m === 0 || n === 0 || ofBefore + ofAfter === 0) return m + n
  return (ofBefore + ofAfter) ** 2 / (ofBefore ** 2 / m + ofAfter ** 2 / n)
}
