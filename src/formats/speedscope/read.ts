import { ProfviewError } from '../../errors.js'
import { ProfileBuilder } from '../../profile/builder.js'
import { ANONYMOUS } from '../../profile/frames.js'
import type { FrameIndex, Profile } from '../../profile/profile.js'
import { baseName } from '../format.js'
import { bad } from '../shared/bad.js'
import type { ByteSource } from '../shared/byte-window.js'
import { isRecord } from '../shared/dump-meta.js'
import { unmarkInTheWay } from '../shared/in-the-way.js'
import { JsonScanner } from '../shared/json-scanner.js'
import { ALL_TOGETHER } from './groups.js'
import { readOne, type SpeedscopeProfile } from './profile.js'
import { SpeedscopeSamples } from './samples.js'

/**
 * Reads versions 0.0.1 to 0.6.0, sampled and evented. Times of any unit become microseconds.
 * Several profiles become one, told apart by the label `profile`; the one that we write of all
 * together is left out, because its time is that of the others. Throws `BAD_INPUT` with the place,
 * and `MIXED_UNITS` if the profiles cannot be added up.
 */
export function readSpeedscope(from: Uint8Array | ByteSource, fileName: string): Profile {
  const scanner = new JsonScanner(from)
  const builder = new ProfileBuilder()
  const samples = new SpeedscopeSamples()
  const profiles: SpeedscopeProfile[] = []
  let frames: FrameIndex[] | null = null
  let name: unknown = ''
  scanner.members((key) => {
    if (key === 'shared' && scanner.whole(() => scanner.atObject())) {
      scanner.members((inner) => {
        if (inner !== 'frames') return scanner.skipLong()
        frames = readFrames(scanner, builder)
        samples.frameCount = frames.length
      })
    } else if (key === 'profiles') readProfiles(scanner, samples, profiles)
    else if (key === 'name') name = scanner.whole(() => scanner.value())
    else scanner.skipLong()
  })
  scanner.end()
  if (frames === null) throw bad('shared.frames', 'is not a list')
  const unit = unitOf(profiles)
  const isTimeline = profiles.length === 1 && unit === 'microseconds'
  const [first] = profiles
  const facts = {
    name: [name, profiles.length === 1 ? first!.name : ''].find(isName) ?? baseName(fileName),
    unit,
    timeline: isTimeline,
    startMicros: isTimeline && Number.isSafeInteger(first!.startMicros) ? first!.startMicros : 0,
  }
  const labelSets = labelsOf(profiles, builder)
  return unmarkInTheWay(builder.build(facts, samples.finish(builder, frames, labelSets)))
}

// --- internal ---

function readProfiles(
  scanner: JsonScanner,
  samples: SpeedscopeSamples,
  profiles: SpeedscopeProfile[],
): void {
  const atObject = () => scanner.atObject()
  const next = () => scanner.nextElement()
  if (!scanner.whole(() => scanner.atArray())) throw bad('profiles', 'is not a list')
  if (!scanner.whole(() => scanner.enter())) return
  do {
    const place = `profiles[${profiles.length}]`
    if (!scanner.whole(atObject)) throw bad(place, 'is not an object')
    profiles.push(readOne(scanner, samples, profiles.length))
  } while (scanner.whole(next))
}

function readFrames(scanner: JsonScanner, builder: ProfileBuilder): FrameIndex[] {
  const frames: FrameIndex[] = []
  if (!scanner.whole(() => scanner.atArray())) throw bad('shared.frames', 'is not a list')
  scanner.elements((i) => {
    const frame = scanner.value()
    if (!isRecord(frame)) throw bad(`shared.frames[${i}]`, 'is not an object')
    const { name, file, line, col } = frame
    frames[i] = builder.frame({
      name: isName(name) ? name : ANONYMOUS,
      file: typeof file === 'string' ? file : '',
      line: position(line),
      column: position(col),
    })
  })
  return frames
}

function unitOf(profiles: readonly SpeedscopeProfile[]): Profile['unit'] {
  const unit = profiles[0]?.unit ?? 'microseconds'
  const other = profiles.findIndex((profile) => profile.unit !== unit)
  if (other !== -1) {
    const fact = `profiles[${other}] counts ${profiles[other]!.unit}, not ${unit}`
    throw new ProfviewError('MIXED_UNITS', fact)
  }
  return unit
}

/** The label set of each profile; -1 for the one that repeats the others. */
function labelsOf(profiles: readonly SpeedscopeProfile[], builder: ProfileBuilder): number[] {
  if (profiles.length === 1) return [0]
  const counts = new Map<string, number>()
  const taken = new Set<string>()
  const repeats = repeatsOthers(profiles)
  return profiles.map(({ name }, i) => {
    if (repeats && i === 0) return -1
    let unique = name
    let count = counts.get(name) ?? 1
    while (taken.has(unique)) unique = `${name} (${++count})`
    counts.set(name, count)
    taken.add(unique)
    return builder.labelSet([['profile', unique]])
  })
}

/** Is the first profile the sum of the others? Its name alone could be anybody's. */
function repeatsOthers([first, ...others]: readonly SpeedscopeProfile[]): boolean {
  if (others.length === 0 || first!.name !== ALL_TOGETHER) return false
  const rest = others.reduce((sum, { total }) => sum + total, 0)
  return Math.abs(first!.total - rest) <= 1e-6 * Math.abs(first!.total)
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function position(value: unknown): number {
  return typeof value === 'number' && value > 0 && value === (value | 0) ? value : 0
}
