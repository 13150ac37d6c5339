/**
 * Other tools sum by name: speedscope's sandwich, an inverted tree, `go tool pprof -top`. There the
 * code of whoever was in the way would be added to the request's own, where both call the same
 * function, so it goes by another name.
 */
import { ProfileBuilder } from '../../profile/builder.js'
import { ANONYMOUS } from '../../profile/frames.js'
import type { Frame, Profile, StackIndex } from '../../profile/profile.js'
import { inTheWayStacks } from '../../profile/stack-waits.js'

/**
 * Marks who was in the way and all that ran for them. Stacks keep their indexes.
 *
 *     f;add 1, f;[blocked];GET /x;add 9
 *     =  f;add 1, f;[blocked];GET /x [in the way];add [in the way] 9
 */
export function markInTheWay(profile: Profile): Profile {
  return renameInTheWay(profile, (name) => name + MARK)
}

/**
 * The reverse, for what has been read. What is not below `[blocked]`, or has no mark, stays as it
 * is. Of a profile without waits.
 */
export function unmarkInTheWay(profile: Profile): Profile {
  if (!profile.frames.some(({ name }) => name.endsWith(MARK))) return profile
  return renameInTheWay(profile, (name) => {
    return name.endsWith(MARK) ? name.slice(0, -MARK.length) || ANONYMOUS : name
  })
}

/** For each frame of the marked profile its name in the profile. */
export function namesBeforeMarks(profile: Profile, marked: Profile): string[] {
  const names = marked.frames.map(({ name }) => name)
  const { frame } = marked.stacks
  for (let i = 1; i < frame.length; i++) {
    names[frame[i]!] = profile.frames[profile.stacks.frame[i]!]!.name
  }
  return names
}

// --- internal ---

const MARK = ' [in the way]'

/** O(stacks), no recursion: parents come first. */
function renameInTheWay(profile: Profile, rename: (name: string) => string): Profile {
  const inTheWay = inTheWayStacks(profile)
  if (!inTheWay.includes(1)) return profile
  const { frames, stacks, samples } = profile
  const renamed: Frame[] = []
  const frameAt = (stack: StackIndex): Frame => {
    const index = stacks.frame[stack]!
    const frame = frames[index]!
    if (inTheWay[stack] === 0) return frame
    renamed[index] ??= { ...frame, name: rename(frame.name) }
    return renamed[index]
  }
  const builder = new ProfileBuilder([frames[0]!])
  const stackOf = new Int32Array(stacks.frame.length)
  for (let i = 1; i < stackOf.length; i++) {
    stackOf[i] = builder.stack(stackOf[stacks.parent[i]!]!, builder.frame(frameAt(i)))
  }
  const built = builder.build({ name: profile.name })
  const stack = samples.stack.map((each) => stackOf[each]!)
  return { ...profile, frames: built.frames, stacks: built.stacks, samples: { ...samples, stack } }
}
