import { ProfviewError } from '../../errors.js'
import { ProfileBuilder } from '../../profile/builder.js'
import { ANONYMOUS } from '../../profile/frames.js'
import type { FrameIndex, Profile, Unit } from '../../profile/profile.js'
import { baseName } from '../format.js'
import { bad } from '../shared/bad.js'
import { isRecord } from '../shared/dump-meta.js'
import { unmarkInTheWay } from '../shared/in-the-way.js'
import { decodeUtf8 } from '../shared/text.js'
import { ALL_TOGETHER } from './groups.js'
import { readEvented, readSampled } from './samples.js'

type Fields = Record<string, unknown>

/**
 * Reads versions 0.0.1 to 0.6.0, sampled and evented. Times of any unit become microseconds.
 * Several profiles become one, told apart by the label `profile`; the one that we write of all
 * together is left out, because its time is that of the others. Throws `BAD_INPUT` with the place,
 * and `MIXED_UNITS` if the profiles cannot be added up.
 */
export function readSpeedscope(bytes: Uint8Array, fileName: string): Profile {
  const file = parse(bytes)
  const builder = new ProfileBuilder()
  const frames = readFrames(file.shared, builder)
  const { profiles } = file
  if (!Array.isArray(profiles)) throw bad('profiles', 'is not a list')
  let unit: Unit | null = null
  let startMicros = 0
  const names = new Set<string>()
  const repeats = repeatsOthers(profiles)
  profiles.forEach((profile, i) => {
    if (repeats && i === 0) return
    const place = `profiles[${i}]`
    if (!isRecord(profile)) throw bad(place, 'is not an object')
    const scale = unitOf(profile.unit, `${place}.unit`)
    unit ??= scale.unit
    if (unit !== scale.unit) {
      throw new ProfviewError('MIXED_UNITS', `${place} counts ${scale.unit}, not ${unit}`)
    }
    const name = uniqueName(typeof profile.name === 'string' ? profile.name : '', names)
    const labelSet = profiles.length > 1 ? builder.labelSet([['profile', name]]) : 0
    const target = { builder, frames, scale: scale.factor, labelSet, place }
    if (profile.type === 'sampled') readSampled(profile, target)
    else if (profile.type === 'evented') readEvented(profile, target)
    else throw bad(`${place}.type`, 'is neither sampled nor evented')
    if (i === 0) startMicros = Math.round(Number(profile.startValue) * scale.factor)
  })
  const isTimeline = profiles.length === 1 && unit === 'microseconds'
  const read = builder.build({
    name: nameOf(file, profiles, fileName),
    unit: unit ?? 'microseconds',
    timeline: isTimeline,
    startMicros: isTimeline && Number.isSafeInteger(startMicros) ? startMicros : 0,
  })
  return unmarkInTheWay(read)
}

// --- internal ---

/** Factors to the unit of the model. */
const UNITS = new Map<string, { unit: Unit; factor: number }>([
  ['none', { unit: 'samples', factor: 1 }],
  ['bytes', { unit: 'bytes', factor: 1 }],
  ['nanoseconds', { unit: 'microseconds', factor: 1e-3 }],
  ['microseconds', { unit: 'microseconds', factor: 1 }],
  ['milliseconds', { unit: 'microseconds', factor: 1e3 }],
  ['seconds', { unit: 'microseconds', factor: 1e6 }],
])

function parse(bytes: Uint8Array): Fields {
  const text = decodeUtf8(bytes)
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (cause) {
    throw new ProfviewError('BAD_INPUT', 'the JSON is broken or cut short', { cause })
  }
  if (!isRecord(file)) throw bad('the file', 'is not an object')
  return file
}

function readFrames(shared: unknown, builder: ProfileBuilder): FrameIndex[] {
  const frames = isRecord(shared) ? shared.frames : undefined
  if (!Array.isArray(frames)) throw bad('shared.frames', 'is not a list')
  return frames.map((frame, i) => {
    if (!isRecord(frame)) throw bad(`shared.frames[${i}]`, 'is not an object')
    const { name, file, line, col } = frame
    return builder.frame({
      name: typeof name === 'string' && name !== '' ? name : ANONYMOUS,
      file: typeof file === 'string' ? file : '',
      line: position(line),
      column: position(col),
    })
  })
}

/** Is the first profile the sum of the others? Its name alone could be anybody's. */
function repeatsOthers(profiles: readonly unknown[]): boolean {
  const [first, ...others] = profiles
  if (others.length === 0 || !isRecord(first) || first.name !== ALL_TOGETHER) return false
  const total = totalOf(first)
  const rest = others.reduce<number>((sum, each) => sum + totalOf(each), 0)
  return Math.abs(total - rest) <= 1e-6 * Math.abs(total)
}

/** In the file's unit; NaN for what is no profile. */
function totalOf(profile: unknown): number {
  if (!isRecord(profile)) return Number.NaN
  if (!Array.isArray(profile.weights)) return Number(profile.endValue) - Number(profile.startValue)
  return profile.weights.reduce<number>((sum, weight) => sum + Number(weight), 0)
}

function position(value: unknown): number {
  return typeof value === 'number' && value > 0 && value === (value | 0) ? value : 0
}

function unitOf(unit: unknown, place: string): { unit: Unit; factor: number } {
  const known = UNITS.get(String(unit))
  if (known === undefined) throw bad(place, `is unknown (${String(unit).slice(0, 40)})`)
  return known
}

function uniqueName(name: string, taken: Set<string>): string {
  let unique = name
  for (let i = 2; taken.has(unique); i++) unique = `${name} (${i})`
  taken.add(unique)
  return unique
}

function nameOf(file: Fields, profiles: readonly unknown[], fileName: string): string {
  const [first] = profiles
  const candidates = [file.name, profiles.length === 1 && isRecord(first) ? first.name : '']
  const name = candidates.find((candidate) => typeof candidate === 'string' && candidate !== '')
  return typeof name === 'string' ? name : baseName(fileName)
}
