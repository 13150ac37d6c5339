import type { ProfviewError } from '../../errors.js'
import type { ProfileBuilder } from '../../profile/builder.js'
import type { DumpMeta, Profile, StackIndex, WaitCount } from '../../profile/profile.js'
import { UNITS, type Unit } from '../../profile/units.js'
import { isAwait, WaitCounts } from '../../profile/wait-counts.js'
import { withTexts } from '../../profile/warnings.js'
import { bad } from '../shared/bad.js'
import {
  dumpOf,
  isContainer,
  isRecord,
  PROFVIEW_KEY,
  sourceOf,
  waitsIn,
  withoutFiles,
} from '../shared/dump-meta.js'
import { asWritten } from '../shared/dump-meta-check.js'
import { type FileWait, toFileWait } from '../shared/dump-waits.js'

/** What a `.cpuprofile` of ours knows besides V8's keys. */
export interface ProfviewKey {
  /** null: take the request's or the file's name. */
  readonly name: string | null
  readonly unit: Unit
  readonly timeline: boolean
  readonly sources: readonly DumpMeta[]
  readonly warnings: readonly string[]
  /** Runs over the file's samples: `count, set, count, set, …`. */
  readonly labelRuns: readonly number[]
  readonly labelSets: readonly (readonly (readonly [string, string])[])[]
  readonly waits: readonly FileWait[]
  /** Keys of a container that we do not know. Those of a dump are among its facts. */
  readonly unknown?: Readonly<Record<string, unknown>>
}

/** Checks the value of `$profview`. Throws `BAD_INPUT` or `NEWER_VERSION` with the place. */
export function readProfviewKey(value: unknown): ProfviewKey {
  const dump = dumpOf(value)
  const labels = readSampleLabels((value as Record<string, unknown>).sampleLabels)
  if (dump !== null) {
    const facts = { unit: 'microseconds', timeline: true, warnings: [] } as const
    const { meta, waits } = dump
    return { ...facts, name: null, sources: [meta], ...labels, waits }
  }
  if (!isContainer(value)) throw notOurs(PROFVIEW_KEY)
  const { name, unit, timeline, sources, warnings = [] } = value
  if (typeof name !== 'string') throw notOurs(`${PROFVIEW_KEY}.name`)
  if (!isUnit(unit)) throw notOurs(`${PROFVIEW_KEY}.unit`)
  if (typeof timeline !== 'boolean') throw notOurs(`${PROFVIEW_KEY}.timeline`)
  if (!Array.isArray(sources)) throw notOurs(`${PROFVIEW_KEY}.sources`)
  if (!Array.isArray(warnings) || warnings.some((each) => typeof each !== 'string')) {
    throw notOurs(`${PROFVIEW_KEY}.warnings`)
  }
  return {
    name,
    unit,
    timeline,
    warnings,
    sources: sources.map((source, i) => sourceOf(source, `${PROFVIEW_KEY}.sources[${i}]`)),
    ...labels,
    waits: waitsIn(value),
    unknown: Object.fromEntries(Object.entries(value).filter(([key]) => !KNOWN.has(key))),
  }
}

/**
 * The value of `$profview` for a profile: a dump's own facts for a recording, else a container with
 * the same facts as a list of `sources`, less the dumps' files: many dumps repeat them. Each dump
 * keeps its version, and a container is of the latest of its dumps. `labelRuns` are those of the
 * samples as they are written, `nodeOf` their stacks as ids of nodes.
 */
export function toProfviewKey(
  profile: Profile,
  labelRuns: readonly number[],
  nodeOf: (stack: StackIndex) => number,
): object {
  const { sources, labelSets, name, unit, timeline, warnings } = profile
  const isLabelled =
    labelRuns.some((set, i) => i % 2 === 1 && set !== 0) ||
    profile.waits.some(({ labelSet }) => labelSet !== 0)
  const sampleLabels = { sets: labelSets.map((set) => [...set]), runs: labelRuns }
  const extra = isLabelled ? { sampleLabels } : {}
  const waits = profile.waits.map((wait) => toFileWait(wait, nodeOf))
  const isOld = sources.length > 0 && sources.every(({ version }) => version === 1) && !waits.length
  const own = isOld ? {} : { waits }
  const [only] = sources
  const isDump = sources.length === 1 && timeline && unit === 'microseconds'
  if (only !== undefined && isDump && isOld === (only.version === 1)) {
    const meta = { ...only, warnings: withTexts(only.warnings, warnings) }
    return { ...asWritten(meta, own.waits), ...extra }
  }
  const remarks = warnings.length > 0 ? { warnings } : {}
  const dumps = sources.map((source) => asWritten(withoutFiles(source)))
  const facts = { name, unit, timeline, sources: dumps, ...own, ...remarks }
  return { ...profile.unknown, version: isOld ? 1 : 2, kind: 'profile', ...facts, ...extra }
}

/** The file's waits on the stacks of the profile; the number of those that have no place there. */
export function placeWaits(
  key: ProfviewKey,
  profile: Profile,
  stackOf: (node: number) => StackIndex,
  builder: ProfileBuilder,
): { waits: readonly WaitCount[]; lost: number } {
  const placed = new WaitCounts()
  let lost = 0
  key.waits.forEach((wait, i) => {
    const stack = stackOf(wait.node)
    const labels = wait.labels === undefined ? [] : key.labelSets[wait.labels]
    if (labels === undefined) throw notOurs(`${PROFVIEW_KEY}.waits[${i}].labels`)
    if (isAwait(profile, stack)) placed.add(stack, builder.labelSet(labels), wait)
    else lost++
  })
  return { waits: placed.finish(), lost }
}

/** The label set of each of the file's samples, as indexes of the builder. */
export function expandLabels(
  key: ProfviewKey,
  sampleCount: number,
  builder: ProfileBuilder,
): Int32Array {
  const ours = key.labelSets.map((labels) => builder.labelSet(labels))
  const column = new Int32Array(sampleCount)
  let at = 0
  for (let i = 0; i + 1 < key.labelRuns.length; i += 2) {
    const set = ours[key.labelRuns[i + 1]!]
    if (set === undefined) throw notOurs(`${PROFVIEW_KEY}.sampleLabels.runs[${i + 1}]`)
    const end = Math.min(sampleCount, at + key.labelRuns[i]!)
    column.fill(set, at, end)
    at = end
  }
  return column
}

// --- internal ---

/** Of a container. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['version', 'kind', 'name', 'unit', 'timeline', 'sources', 'warnings'],
  ...['waits', 'sampleLabels', 'sha256'],
])

function isUnit(value: unknown): value is Unit {
  return UNITS.some((unit) => unit === value)
}

function readSampleLabels(value: unknown): Pick<ProfviewKey, 'labelRuns' | 'labelSets'> {
  if (value === undefined) return { labelRuns: [], labelSets: [] }
  const place = `${PROFVIEW_KEY}.sampleLabels`
  if (!isRecord(value)) throw notOurs(place)
  const { sets, runs } = value
  if (!Array.isArray(sets)) throw notOurs(`${place}.sets`)
  const isPair = (pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && pair.every((text) => typeof text === 'string')
  sets.forEach((set, i) => {
    if (!Array.isArray(set) || !set.every(isPair)) throw notOurs(`${place}.sets[${i}]`)
  })
  const isCount = (count: unknown) => Number.isSafeInteger(count) && (count as number) >= 0
  if (!Array.isArray(runs) || runs.length % 2 !== 0 || !runs.every(isCount)) {
    throw notOurs(`${place}.runs`)
  }
  return { labelRuns: runs, labelSets: sets }
}

function notOurs(place: string): ProfviewError {
  return bad(place, 'is not as profview writes it')
}
