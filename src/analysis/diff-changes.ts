import { mixesVersions } from '../profile/blocked-name.js'
import { ROOT_STACK } from '../profile/builder.js'
import { type Observed, verdictOf } from './diff-noise.js'
import type { Side } from './diff-side.js'
import type { SideTimes, Times } from './diff-times.js'

export type Sides<Value> = { readonly before: Value; readonly after: Value }

/** Columns: `after[i] - before[i]` is the change of stack or function i, to the microsecond. */
export interface Changes {
  readonly before: Float64Array
  readonly after: Float64Array
  /**
   * Of all requests together, how many samples the CPU time stands for; null where that is not
   * known.
   */
  readonly samplesBefore: Float64Array | null
  readonly samplesAfter: Float64Array | null
  /**
   * 1: slower; -1: faster; 0: the difference cannot be told from noise (`verdictOf` has the rule).
   */
  readonly verdict: Int8Array
}

/** What is known of each change, by stack or by function as the times are. */
export function changesOf(
  before: Side,
  after: Side,
  times: Sides<SideTimes>,
  by: 'stacks' | 'functions',
  perRequest: Sides<Float64Array>,
): Changes {
  const [a, b] = [times.before, times.after].map((each) => ({
    of: each[by],
    sampled: each.stacks.sampled[ROOT_STACK]!,
  })) as [TimesOfSide, TimesOfSide]
  const verdict = new Int8Array(perRequest.before.length)
  const isMixed = mixesVersions([...before.profile.sources, ...after.profile.sources])
  for (let i = 0; i < verdict.length; i++) {
    const change = Math.abs(perRequest.after[i]! - perRequest.before[i]!)
    // What one version calls blocked, the other may call waiting: no change can be told from that.
    const blocked = Math.max(a.of.blocked[i]! / before.requests, b.of.blocked[i]! / after.requests)
    if (change === 0 || (isMixed && change <= Math.ceil(blocked))) continue
    verdict[i] = verdictOf(observed(before, a, i), observed(after, b, i))
  }
  return {
    ...perRequest,
    samplesBefore: samplesOf(before, a),
    samplesAfter: samplesOf(after, b),
    verdict,
  }
}

/** Some of them. */
export function sliceOf(changes: Changes, from: number, to: number): Changes {
  return {
    before: changes.before.slice(from, to),
    after: changes.after.slice(from, to),
    samplesBefore: changes.samplesBefore?.slice(from, to) ?? null,
    samplesAfter: changes.samplesAfter?.slice(from, to) ?? null,
    verdict: changes.verdict.slice(from, to),
  }
}

// --- internal ---

interface TimesOfSide {
  readonly of: Times
  /** All that samples placed. */
  readonly sampled: number
}

function observed({ requests, samples }: Side, { of, sampled }: TimesOfSide, i: number): Observed {
  return {
    requests,
    total: of.total[i]!,
    squares: of.squares[i]!,
    sampled: of.sampled[i]!,
    blocked: of.blocked[i]!,
    sampledOnSide: sampled,
    samplesOnSide: samples,
  }
}

function samplesOf({ samples }: Side, { of, sampled }: TimesOfSide): Float64Array | null {
  if (samples === null) return null
  return of.sampled.map((time) => (sampled === 0 ? 0 : Math.round((samples * time) / sampled)))
}
