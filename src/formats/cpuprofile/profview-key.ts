import type { ProfviewError } from '../../errors.js'
import type { ProfileBuilder } from '../../profile/builder.js'
import type { DumpMeta, Profile, Unit } from '../../profile/profile.js'
import { withTexts } from '../../profile/warnings.js'
import { bad } from '../shared/bad.js'
import {
  dumpMetaOf,
  isContainer,
  isRecord,
  PROFVIEW_KEY,
  withoutFiles,
} from '../shared/dump-meta.js'
import { checkDumpMeta } from '../shared/dump-meta-check.js'

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
}

/** Checks the value of `$profview`. Throws `BAD_INPUT` or `NEWER_VERSION` with the place. */
export function readProfviewKey(value: unknown): ProfviewKey {
  const meta = dumpMetaOf(value)
  const labels = readSampleLabels((value as Record<string, unknown>).sampleLabels)
  if (meta !== null) {
    const facts = { unit: 'microseconds', timeline: true, warnings: [] } as const
    return { ...facts, name: null, sources: [meta], ...labels }
  }
  if (!isContainer(value)) throw notOurs(PROFVIEW_KEY)
  const { name, unit, timeline, sources, warnings = [] } = value
  if (typeof name !== 'string') throw notOurs(`${PROFVIEW_KEY}.name`)
  if (unit !== 'microseconds' && unit !== 'samples' && unit !== 'bytes') {
    throw notOurs(`${PROFVIEW_KEY}.unit`)
  }
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
    sources: sources.map((source, i) => checkDumpMeta(source, `${PROFVIEW_KEY}.sources[${i}]`)),
    ...labels,
  }
}

/**
 * The value of `$profview` for a profile: a dump's own facts for a recording, else a container with
 * the same facts as a list of `sources`, less the dumps' files: many dumps repeat them.
 * `labelRuns` are those of the samples as they are written.
 */
export function toProfviewKey(profile: Profile, labelRuns: readonly number[]): object {
  const { sources, labelSets, name, unit, timeline, warnings } = profile
  const isLabelled = labelRuns.some((set, i) => i % 2 === 1 && set !== 0)
  const sampleLabels = { sets: labelSets.map((set) => [...set]), runs: labelRuns }
  const extra = isLabelled ? { sampleLabels } : {}
  const [only] = sources
  if (only !== undefined && sources.length === 1 && timeline && unit === 'microseconds') {
    return { ...only, warnings: withTexts(only.warnings, warnings), ...extra }
  }
  const remarks = warnings.length > 0 ? { warnings } : {}
  const facts = { name, unit, timeline, sources: sources.map(withoutFiles), ...remarks }
  return { version: 2, kind: 'profile', ...facts, ...extra }
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
