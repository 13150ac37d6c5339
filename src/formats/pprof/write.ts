import {
  Function as PprofFunction,
  Label as PprofLabel,
  Location as PprofLocation,
  Profile as PprofProfile,
  StringTable,
} from 'pprof-format'
import { ProfviewError } from '../../errors.js'
import { ACCOUNTS } from '../../profile/accounts.js'
import { Float64Column } from '../../profile/columns.js'
import { REQUEST_LABEL } from '../../profile/labels.js'
import { PairTable } from '../../profile/pair-table.js'
import type { Labels, Profile } from '../../profile/profile.js'
import { accountOfStacks } from '../../profile/stack-accounts.js'
import { markInTheWay, namesBeforeMarks } from '../shared/in-the-way.js'
import { pathSizes, requireWritable } from '../shared/path-sizes.js'
import { nameWithPlace } from './anonymous.js'
import { type SampleValue, sampleValues } from './sample-values.js'
import { encodeSamples, type PprofSample } from './samples.js'

/**
 * Writes pprof's profile.proto, not compressed: equal stacks with equal labels are one sample. Of
 * our dumps, samples have the CPU time that is the requests' own as a value, and their account as a
 * label. A function is a frame, so that functions of one name and file stay apart; who was in the
 * way is marked, and goes by the name without the mark as `system_name`. Throws `BAD_INPUT` for
 * negative weights.
 */
export function writePprof(profile: Profile): Uint8Array {
  const strings = new StringTable()
  const accounts = accountsOf(profile)
  const values = sampleValues(profile, accounts)
  const valueTypes = values.map(({ type, unit }) => ({
    type: strings.dedup(type),
    unit: strings.dedup(unit),
  }))
  const startedAt = Date.parse(profile.sources[0]?.startedAt ?? '')
  const interval = intervalOf(profile)
  const sums = sumSamples(profile)
  const marked = markInTheWay(profile)
  requireWritable(sizeOf(sums, marked))
  const samples = encodeSamples(marked, toSamples(marked, sums, values, accounts, strings))
  const file = new PprofProfile({
    sampleType: valueTypes,
    defaultSampleType: valueTypes.at(-1)!.type,
    ...(interval === 0 ? {} : { periodType: valueTypes.at(-1)!, period: BigInt(interval) * 1000n }),
    ...toLocations(marked, namesBeforeMarks(profile, marked), strings),
    timeNanos: Number.isNaN(startedAt) ? 0 : BigInt(startedAt) * 1_000_000n,
    durationNanos: profile.unit === 'microseconds' ? BigInt(sums.total) * 1000n : 0,
    stringTable: strings,
  })
  const facts = file.encode()
  const bytes = new Uint8Array(facts.length + samples.length)
  // In front, so that of a file that is cut the strings are missing, and nobody reads it.
  bytes.set(samples)
  bytes.set(facts, samples.length)
  return bytes
}

// --- internal ---

const ACCOUNT_LABEL = 'account'

/** Of each stack of our dumps; null where nobody kept accounts. */
function accountsOf(profile: Profile): Uint8Array | null {
  const isOurs = profile.sources.length > 0 && profile.unit === 'microseconds'
  return isOurs ? accountOfStacks(profile) : null
}

/** Between two samples, where all recordings have the same, µs; else 0. */
function intervalOf({ sources, unit }: Profile): number {
  const intervals = new Set(sources.map(({ intervalMicros }) => intervalMicros))
  const [interval] = intervals
  return unit === 'microseconds' && intervals.size === 1 ? interval! : 0
}

interface Sums {
  /** Pairs of stack and label set. */
  readonly keys: PairTable
  readonly counts: Float64Column
  readonly weights: Float64Column
  total: number
}

function sumSamples({ samples }: Profile): Sums {
  const sums: Sums = {
    keys: new PairTable(),
    counts: new Float64Column(),
    weights: new Float64Column(),
    total: 0,
  }
  for (let i = 0; i < samples.stack.length; i++) {
    const weight = samples.weight[i]!
    if (weight < 0) {
      throw new ProfviewError('BAD_INPUT', 'a difference cannot be written: it has negative times')
    }
    const row = sums.keys.intern(samples.stack[i]!, samples.labelSet[i]!)
    if (row === sums.weights.length) {
      sums.counts.push(0)
      sums.weights.push(0)
    }
    sums.counts.set(row, sums.counts.at(row) + 1)
    sums.weights.set(row, sums.weights.at(row) + weight)
    sums.total += weight
  }
  return sums
}

/** About what the stacks of the samples take. */
function sizeOf({ keys }: Sums, { stacks }: Profile): number {
  const sizes = pathSizes(stacks, (frame) => (frame < 127 ? 1 : frame < 16_383 ? 2 : 3))
  let size = 0
  for (let row = 0; row < keys.size; row++) size += sizes[keys.first.at(row)]!
  return size
}

function* toSamples(
  { labelSets, sources }: Profile,
  { keys, counts, weights }: Sums,
  values: readonly SampleValue[],
  accounts: Uint8Array | null,
  strings: StringTable,
): Generator<PprofSample> {
  const dumpLabels = labelsOfDumps(sources)
  const labels = labelSets.map((set) => toLabels(withDumpLabels(set, dumpLabels), strings))
  const names = accounts === null ? [] : ACCOUNTS
  const accountLabels = names.map((name) => toLabel(ACCOUNT_LABEL, name, strings))
  for (let row = 0; row < keys.size; row++) {
    const leaf = keys.first.at(row)
    const ofRow = values.map(({ of }) => of(counts.at(row), weights.at(row), leaf))
    const set = keys.second.at(row)
    const label = [...labels[set]!]
    const account = accounts?.[leaf]
    // Whoever says so already has it from here.
    if (account !== undefined && labelSets[set]!.get(ACCOUNT_LABEL) !== names[account]) {
      label.push(accountLabels[account]!)
    }
    yield { leaf, values: ofRow, labels: label }
  }
}

/** By the dump's id; the only one's under '' as well: its samples need not say whose they are. */
function labelsOfDumps(sources: Profile['sources']): ReadonlyMap<string, Labels> {
  const labels = new Map(sources.map(({ id, labels }) => [id, new Map(Object.entries(labels))]))
  const [only] = labels.values()
  return labels.size === 1 ? labels.set('', only!) : labels
}

/** With what its dump says of the request (`trace_id`, `span_id`). Its own labels stay. */
function withDumpLabels(set: Labels, dumpLabels: ReadonlyMap<string, Labels>): Labels {
  const labels = dumpLabels.get(set.get(REQUEST_LABEL) ?? '')
  return labels === undefined ? set : new Map([...labels, ...set])
}

/** `12 bytes`: a number as the reader writes it, with a unit that pprof knows. */
const QUANTITY =
  /^(0|[1-9]\d{0,14}) (bytes|kilobytes|megabytes|nanoseconds|microseconds|milliseconds|seconds|count)$/

/** Texts, for `-tagfocus route=/users`; quantities stay numbers, for `-tagfocus 1kb:2mb`. */
function toLabels(set: Labels, strings: StringTable): PprofLabel[] {
  const labels: PprofLabel[] = []
  for (const [name, value] of set) {
    // pprof has no label without a name or a value, and its encoder stumbles over an empty one.
    if (name === '' || value === '') continue
    labels.push(toLabel(name, value, strings))
  }
  return labels
}

function toLabel(name: string, value: string, strings: StringTable): PprofLabel {
  const key = strings.dedup(name)
  const [, num, unit] = QUANTITY.exec(value) ?? []
  if (unit === undefined) return new PprofLabel({ key, str: strings.dedup(value) })
  return new PprofLabel({ key, num: Number(num), numUnit: strings.dedup(unit) })
}

/** Frame `i` is location and function `i + 1`. */
function toLocations({ frames }: Profile, systemNames: readonly string[], strings: StringTable) {
  const location = frames.map(
    ({ line, column }, i) =>
      new PprofLocation({ id: i + 1, line: [{ functionId: i + 1, line, column }] }),
  )
  const functions = frames.map((frame, i) => {
    const { file, line } = frame
    return new PprofFunction({
      id: i + 1,
      name: strings.dedup(nameWithPlace(frame)),
      // Of a name that is not the same `go tool pprof` does not take parentheses away as C++'s.
      systemName: strings.dedup(systemNames[i]!),
      filename: strings.dedup(file),
      startLine: line,
    })
  })
  return { location, function: functions }
}
