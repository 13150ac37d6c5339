import {
  Function as PprofFunction,
  Label as PprofLabel,
  Location as PprofLocation,
  Profile as PprofProfile,
  Sample as PprofSample,
  StringTable,
} from 'pprof-format'
import { ProfviewError } from '../../errors.js'
import { Float64Column } from '../../profile/columns.js'
import { PairTable } from '../../profile/pair-table.js'
import type { Labels, Profile, Unit } from '../../profile/profile.js'

/** The value beside the count: its name, its unit, and what one of the model's units is in it. */
const VALUES: Record<Unit, readonly [type: string, unit: string, factor: bigint] | null> = {
  microseconds: ['wall', 'nanoseconds', 1000n],
  bytes: ['space', 'bytes', 1n],
  samples: null,
}

/**
 * Writes pprof's profile.proto, not compressed: equal stacks with equal labels are one sample with
 * the values `samples/count` and `wall/nanoseconds` (`space/bytes`; only the count where the model
 * counts). A function is a frame, so that functions of one name and file stay apart. Throws
 * `BAD_INPUT` for negative weights.
 */
export function writePprof(profile: Profile): Uint8Array {
  const strings = new StringTable()
  const value = VALUES[profile.unit]
  const types = [['samples', 'count'] as const, ...(value === null ? [] : [value])]
  const valueTypes = types.map(([type, unit]) => ({
    type: strings.dedup(type),
    unit: strings.dedup(unit),
  }))
  const startedAt = Date.parse(profile.sources[0]?.startedAt ?? '')
  const interval = intervalOf(profile)
  const sums = sumSamples(profile)
  const file = new PprofProfile({
    sampleType: valueTypes,
    defaultSampleType: valueTypes.at(-1)!.type,
    ...(interval === 0 ? {} : { periodType: valueTypes.at(-1)!, period: BigInt(interval) * 1000n }),
    sample: toSamples(profile, sums, strings),
    ...toLocations(profile, strings),
    timeNanos: Number.isNaN(startedAt) ? 0 : BigInt(startedAt) * 1_000_000n,
    durationNanos: profile.unit === 'microseconds' ? BigInt(sums.total) * 1000n : 0,
    stringTable: strings,
  })
  return file.encode()
}

// --- internal ---

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

function toSamples(profile: Profile, sums: Sums, strings: StringTable): PprofSample[] {
  const { frame, parent } = profile.stacks
  const value = VALUES[profile.unit]
  const labels = profile.labelSets.map((set) => toLabels(set, strings))
  const samples: PprofSample[] = []
  for (let row = 0; row < sums.keys.size; row++) {
    const locationId: number[] = []
    let stack = sums.keys.first.at(row)
    // The root is a location only where it has time of its own: a sample needs one.
    do {
      locationId.push(frame[stack]! + 1)
      stack = parent[stack]!
    } while (stack > 0)
    const weight = sums.weights.at(row)
    samples.push(
      new PprofSample({
        locationId,
        value: value === null ? [weight] : [sums.counts.at(row), BigInt(weight) * value[2]],
        label: labels[sums.keys.second.at(row)]!,
      }),
    )
  }
  return samples
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
    const key = strings.dedup(name)
    const [, num, unit] = QUANTITY.exec(value) ?? []
    const text = unit === undefined ? { str: strings.dedup(value) } : null
    labels.push(
      new PprofLabel({ key, ...(text ?? { num: Number(num), numUnit: strings.dedup(unit!) }) }),
    )
  }
  return labels
}

/** Frame `i` is location and function `i + 1`. */
function toLocations({ frames }: Profile, strings: StringTable) {
  const location = frames.map(
    ({ line, column }, i) =>
      new PprofLocation({ id: i + 1, line: [{ functionId: i + 1, line, column }] }),
  )
  const functions = frames.map(({ name, file, line }, i) => {
    const text = strings.dedup(name)
    const filename = strings.dedup(file)
    return new PprofFunction({ id: i + 1, name: text, systemName: text, filename, startLine: line })
  })
  return { location, function: functions }
}
