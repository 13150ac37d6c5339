import { ProfviewError } from '../errors.js'
import { mixesVersions } from '../profile/blocked-name.js'
import { ProfileBuilder, ROOT_STACK } from '../profile/builder.js'
import type { DumpMeta, Micros, Profile } from '../profile/profile.js'
import { canonicalProfile } from '../transform/canonical.js'
import { withForeignTime } from '../transform/version-1.js'
import { type Changes, changesOf, sliceOf } from './diff-changes.js'
import { withFramesOf } from './diff-frames.js'
import { mergeSide, type Side } from './diff-side.js'
import { factsOfStacks, perFunction, sumUp, timesOf } from './diff-times.js'

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
   * By frame of `profile`, callees included, each stack once however often the function is on it:
   * a function's own time, waits included.
   */
  readonly functions: Changes
  /** The same of what ran for others meanwhile, which is no part of a function's own time. */
  readonly inTheWay: Changes
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
  const functions = changesOf(before, after, times, 'functions', {
    before: perFunction(totals.before, common),
    after: perFunction(totals.after, common),
  })
  const frames = common.table.frames.length
  return {
    profile: builder.build({ ...factsOf(before, after), unit }),
    before: sideOf(before, totals.before),
    after: sideOf(after, totals.after),
    stacks: changesOf(before, after, times, 'stacks', totals),
    functions: sliceOf(functions, 0, frames),
    inTheWay: sliceOf(functions, frames, frames * 2),
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
