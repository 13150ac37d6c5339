import { ProfileBuilder, ROOT_STACK } from '../profile/builder.js'
import { frameKey } from '../profile/frames.js'
import type { Frame, Profile } from '../profile/profile.js'
import { moveSamples } from '../transform/move-samples.js'
import type { SourceMap } from './map.js'
import { OriginalFunctions } from './original-function.js'

/** Why the map that there is of a file is not used. */
export type Unused = keyof typeof WHY

/** The map of a compiled file; null: there is none. */
export type MapFor = (file: string) => SourceMap | Unused | null

/**
 * The profile with the functions as they were written instead of as they were compiled: original
 * file, name and position, the recorded ones kept as `generated`. Frames of one original function
 * become one. What no map leads to stays as it is; the very same profile comes back where that is
 * everything. Time is conserved. `absent`: functions that the text does not have; `mapFor` may find
 * them.
 *
 *     r@dist/app.js:1:2043;e@dist/app.js:1:88 5
 *     =  handler@src/users.ts:12:23;load@src/db.ts:4:17 5
 */
export function mapProfile(
  profile: Profile,
  mapFor: MapFor,
  absent: ReadonlySet<Frame> = new Set(),
): Profile {
  const unused = new Map<string, Unused>()
  const files = new Map<string, SourceMap | null>()
  const mapOf = (file: string) => {
    let map = files.get(file)
    if (map === undefined) {
      const found = file === '' ? null : mapFor(file)
      if (typeof found === 'string') unused.set(file, found)
      map = typeof found === 'string' ? null : found
      files.set(file, map)
    }
    return map
  }
  const frames = profile.frames.map((frame) => {
    const map = frame.generated ? null : mapOf(frame.file)
    return map === null || absent.has(frame) ? frame : originalsOf(map).of(frame)
  })
  const warned = withWarnings(profile, unused)
  if (frames.every((frame, i) => frame === profile.frames[i])) return warned
  return onFrames(warned, frames)
}

// --- internal ---

const MOST_WARNINGS = 3
const WHY = {
  changed: 'has changed since the recording',
  other: 'is another text than the one that was recorded',
  unproven: 'may be another text than the one that was recorded',
}

/** A map is asked about the same functions by every dump. */
const known = new WeakMap<SourceMap, OriginalFunctions>()

function originalsOf(map: SourceMap): OriginalFunctions {
  let originals = known.get(map)
  if (originals === undefined) {
    originals = new OriginalFunctions(map)
    known.set(map, originals)
  }
  return originals
}

function onFrames(profile: Profile, frames: readonly Frame[]): Profile {
  // Mostly each is another function still, and the stacks stay as they are.
  if (new Set(frames.map(frameKey)).size === frames.length) return { ...profile, frames }
  const { frame, parent } = profile.stacks
  const builder = new ProfileBuilder()
  const frameOf = frames.map((each) => builder.frame(each))
  const stackOf = new Int32Array(frame.length)
  for (let i = ROOT_STACK + 1; i < frame.length; i++) {
    stackOf[i] = builder.stack(stackOf[parent[i]!]!, frameOf[frame[i]!]!)
  }
  return moveSamples(profile, builder, stackOf)
}

function withWarnings(profile: Profile, unused: ReadonlyMap<string, Unused>): Profile {
  if (unused.size === 0) return profile
  const lines = [...unused]
    .slice(0, MOST_WARNINGS)
    .map(([file, why]) => `${file} ${WHY[why]}: its source map is not used`)
  const more = unused.size - lines.length
  if (more > 0) lines.push(`nor are the source maps of ${more} more files`)
  const fresh = lines.filter((line) => !profile.warnings.includes(line))
  return fresh.length === 0 ? profile : { ...profile, warnings: [...profile.warnings, ...fresh] }
}
