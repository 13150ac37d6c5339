import { ANONYMOUS } from '../profile/frames.js'
import type { Frame, Profile } from '../profile/profile.js'

/**
 * The profile with its functions at the places where another version of the code has them: a line
 * added above a function is not a change of the function. Only where name and file leave no doubt,
 * because each of the profiles has just one function of that name in that file.
 *
 *     f@a.js:10 3   with the places of   f@a.js:12 9
 *     =  f@a.js:12 3
 */
export function withFramesOf(other: Profile, profile: Profile): Profile {
  const there = onlyOnes(other.frames)
  const here = onlyOnes(profile.frames)
  const frames = profile.frames.map((frame) => {
    const name = nameOf(frame)
    return (here.get(name) && there.get(name)) || frame
  })
  return { ...profile, frames }
}

// --- internal ---

/** Functions by name and file; null for names that several have. */
function onlyOnes(frames: readonly Frame[]): Map<string, Frame | null> {
  const found = new Map<string, Frame | null>()
  for (const frame of frames) {
    if (frame.file === '' || frame.name === '' || frame.name === ANONYMOUS) continue
    const name = nameOf(frame)
    found.set(name, found.has(name) ? null : frame)
  }
  return found
}

function nameOf({ name, file }: Frame): string {
  return `${name.length}:${name}${file}`
}
