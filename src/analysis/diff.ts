import { ProfviewError } from '../errors.js'
import { mixesVersions } from '../profile/blocked-name.js'
import { ProfileBuilder, ROOT_STACK } from '../profile/builder.js'
import type { DumpMeta, Micros, Profile } from '../profile/profile.js'
import { canonicalProfile } from '../transform/canonical.js'
import { withForeignTime } from '../transform/version-1.js'
import { withFramesOf } from './diff-frames.js'
import { type Observed, verdictOf } from './diff-noise.js'
import { mergeSide, type Side } from './diff-side.js'
import {
  factsOfStacks,
  perFunction,
  type SideTimes,
  sumUp,
  type Times,
  timesOf,
} from './diff-times.js'

/** What changed between two sets of requests. Times are per request, in the unit of `profile`. */
export interface ProfileDiff {
  /**
   * The change itself: a weight is the time after, less the time before. It is on the stacks of
   * both sides, has no timeline and no sources, and can be shown as any profile can.
   */
  readonly profile: Profile
  readonly before: DiffSide
  readonly after: DiffSide
  /** By stack of `profile`, callees included; 0 is the whole. */
  readonly stacks: Changes
  /**
   * By frame of `profile`, callees included, each stack once however often the function is on it.
   */
  readonly functions: Changes
}

export interface DiffSide {
  /** As the profiles are called: `GET /users/:id`, a file, or `merged`. */
  readonly name: string
  /** The dumps on this side. */
  readonly sources: readonly DumpMeta[]
  /** Dumps, and profiles that are none, which count as one each. */
  readonly requests: number
  /** Samples on which its CPU time rests; null where that is not known. */
  readonly samples: number | null
  /** Time of a request. */
  readonly perRequest: Micros
}

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

/**
 * What got slower, per request: all time of a side divided by the number of its requests. Each side
 * is one profile, merged or not, or several; dumps count once.
 *
 *     2 × main;a 30   before,   main;a 20, main;b 25   after
 *     =  main;a -10, main;b 25
 *
 * Time is conserved: the sum of the weights is the time per request after, rounded, less the one
 * before, rounded; and a call with all below it is right to a microsecond on each side. Throws
 * `MIXED_UNITS` for profiles whose weights are of different kinds.
 */
export function diffProfiles(
  before: Profile | Iterable<Profile>,
  after: Profile | Iterable<Profile>,
): ProfileDiff {
  return diffSides(mergeSide(before), mergeSide(after))
}

/** The same for sides that have been read already. */
export function diffSides(first: Side, second: Side): ProfileDiff {
  const [apart, after] = blockedApart(first, second)
  const before = { ...apart, profile: withFramesOf(after.profile, apart.profile) }
  const unit = commonUnit(before.profile, after.profile)
  const builder = commonStacks(before.profile, after.profile)
  const [stackOfBefore, stackOfAfter] = [before, after].map(({ profile }) =>
    builder.adopt(
      profile.stacks,
      profile.frames.map((frame) => builder.frame(frame)),
    ),
  ) as [Int32Array, Int32Array]
  const common = factsOfStacks(builder.build({ name: '' }))
  const times = {
    before: timesOf(before, stackOfBefore, common),
    after: timesOf(after, stackOfAfter, common),
  }
  const own = {
    before: perRequest(times.before.self, before.requests),
    after: perRequest(times.after.self, after.requests),
  }
  for (let i = 0; i < own.before.length; i++) {
    const change = own.after[i]! - own.before[i]!
    if (change !== 0) builder.sample(i, change)
  }
  const totals = {
    before: sumUp(own.before, common.table.stacks.parent),
    after: sumUp(own.after, common.table.stacks.parent),
  }
  const functions = common.table.frames.length
  return {
    profile: builder.build({ ...factsOf(before, after), unit }),
    before: sideOf(before, totals.before),
    after: sideOf(after, totals.after),
    stacks: changesOf(before, after, times, 'stacks', totals),
    functions: changesOf(before, after, times, 'functions', {
      before: perFunction(totals.before, common, functions),
      after: perFunction(totals.after, common, functions),
    }),
  }
}

// --- internal ---

/** Where one side means more by `blocked` than the other, it is not compared under one name. */
function blockedApart(before: Side, after: Side): readonly [Side, Side] {
  const sources = [...before.profile.sources, ...after.profile.sources]
  if (!mixesVersions(sources)) return [before, after]
  const renamed = (side: Side) => ({ ...side, profile: withForeignTime(side.profile) })
  return [renamed(before), renamed(after)]
}

type Sides<Value> = { readonly before: Value; readonly after: Value }

function commonUnit(before: Profile, after: Profile): Profile['unit'] {
  const isCounted = ({ samples }: Profile) => samples.stack.length > 0
  if (isCounted(before) && isCounted(after) && before.unit !== after.unit) {
    throw new ProfviewError('MIXED_UNITS', `cannot compare ${before.unit} with ${after.unit}`)
  }
  return isCounted(after) ? after.unit : before.unit
}

/** The stacks of both in the order of a walk from the root: what is below a call follows it. */
function commonStacks(before: Profile, after: Profile): ProfileBuilder {
  const both = new ProfileBuilder()
  for (const { frames, stacks } of [before, after]) {
    both.adopt(
      stacks,
      frames.map((frame) => both.frame(frame)),
    )
  }
  const { frames, stacks } = canonicalProfile(both.build({ name: '' }))
  const builder = new ProfileBuilder()
  builder.adopt(
    stacks,
    frames.map((frame) => builder.frame(frame)),
  )
  return builder
}

/**
 * Own times by the number of requests, as whole numbers. The running sum is rounded, not each of
 * them: neighbours in the walk make up for each other, and every call with all below it is right to
 * one.
 */
function perRequest(self: Float64Array, requests: number): Float64Array {
  const rounded = new Float64Array(self.length)
  let sum = 0
  let done = 0
  for (let i = 0; i < self.length; i++) {
    sum += self[i]!
    const reached = Math.round(sum / Math.max(1, requests))
    rounded[i] = reached - done
    done = reached
  }
  return rounded
}

function factsOf({ profile: before }: Side, { profile: after }: Side) {
  const warnings = new Set<string>()
  for (const { warnings: own, sources } of [before, after]) {
    for (const warning of own) warnings.add(warning)
    for (const source of sources) for (const { text } of source.warnings) warnings.add(text)
  }
  const name = before.name === after.name ? after.name : `${before.name} → ${after.name}`
  return { name, warnings: [...warnings] }
}

function sideOf({ profile, requests, samples }: Side, totals: Float64Array): DiffSide {
  const { name, sources } = profile
  return { name, sources, requests, samples, perRequest: totals[ROOT_STACK]! }
}

function changesOf(
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
