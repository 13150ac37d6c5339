import { ANONYMOUS, frameKey } from '../profile/frames.js'
import type { Frame, Profile } from '../profile/profile.js'
import { onlyPairs } from './only-pairs.js'
import { type FileThere, sameFiles } from './same-files.js'
import { Shapes } from './shapes.js'

/**
 * The profile with its functions as another version of the code has them, which may lie in another
 * folder: neither that nor a line added above a function is a change of the function. Only where
 * there is no doubt: a function is the one of its name in the same file if each side has just one,
 * else the one that has moved by as many lines as those around it; and one that is in no such file
 * is the only one of its name that has a caller and a callee of the same names.
 *
 *     f@/home/a.js:10 3   with the places of   f@/ci/a.js:12 9
 *     =  f@/ci/a.js:12 3
 */
export function withFramesOf(other: Profile, profile: Profile): Profile {
  const fileThere = sameFiles(profile.frames, other.frames)
  const moved = profile.frames.map((frame) => inFile(frame, fileThere))
  const found = new Map<Frame, Frame>()
  pairInFiles(moved, other.frames, found)
  pairByShape({ ...profile, frames: moved }, other, found)
  return { ...profile, frames: moved.map((frame) => found.get(frame) ?? frame) }
}

// --- internal ---

function inFile(frame: Frame, fileThere: FileThere): Frame {
  const file = frame.file === '' ? null : fileThere(frame.file)
  return file === null || file === frame.file ? frame : { ...frame, file }
}

function pairInFiles(
  frames: readonly Frame[],
  others: readonly Frame[],
  found: Map<Frame, Frame>,
): void {
  const shifts = new Shifts()
  for (const [frame, other] of onlyPairs(frames, others, nameInFile)) {
    found.set(frame, other)
    shifts.add(frame, other.line - frame.line)
  }
  const byPlace = new Map(others.map((frame) => [frameKey(frame), frame]))
  for (const frame of frames) {
    if (frame.file === '' || found.has(frame)) continue
    const line = frame.line + shifts.at(frame)
    const other = byPlace.get(frameKey({ ...frame, line }))
    if (other !== undefined) found.set(frame, other)
  }
}

/** By how many lines functions have moved, file by file. */
class Shifts {
  readonly #byFile = new Map<string, { readonly line: number; readonly by: number }[]>()

  add({ file, line }: Frame, by: number): void {
    const shifts = this.#byFile.get(file)
    if (shifts === undefined) this.#byFile.set(file, [{ line, by }])
    else shifts.push({ line, by })
  }

  /** As the nearest one; what is the file's own code is at its beginning. */
  at({ file, line, column }: Frame): number {
    if (line <= 1 && column <= 1) return 0
    let nearest = 0
    let distance = Number.POSITIVE_INFINITY
    for (const shift of this.#byFile.get(file) ?? []) {
      const away = Math.abs(shift.line - line)
      if (away < distance) [nearest, distance] = [shift.by, away]
    }
    return nearest
  }
}

/** What has moved to another file, and kept its name, its callers and its callees. */
function pairByShape(profile: Profile, other: Profile, found: Map<Frame, Frame>): void {
  const taken = new Set(found.values())
  const left = profile.frames.filter((frame) => !found.has(frame))
  const right = other.frames.filter((frame) => !taken.has(frame))
  let shapes: Shapes | null = null
  for (const [frame, there] of onlyPairs(left, right, ownName)) {
    if (frame.file === there.file) continue
    shapes ??= new Shapes(profile, other)
    if (shapes.agree(frame.name)) found.set(frame, there)
  }
}

/** '': it is no function with a name and a file. */
function ownName({ name, file }: Frame): string {
  return file === '' || name === ANONYMOUS ? '' : name
}

function nameInFile(frame: Frame): string {
  const name = ownName(frame)
  return name === '' ? '' : `${name.length}:${name}${frame.file}`
}
