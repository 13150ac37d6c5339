import { ProfileBuilder, ROOT_STACK } from '../profile/builder.js'
import { largestBelow, stackTimes, totalWeight } from '../profile/calltree.js'
import { smallFrame } from '../profile/frames.js'
import type { Profile, StackIndex } from '../profile/profile.js'
import { movedTo, type Passed, unchanged } from './pass.js'

/**
 * Takes away every call whose total is under `share` (0 to 1) of the whole. Its time goes to the
 * caller; where several small calls of one caller are together not small, to a frame that stands
 * for them. Where weights have signs, a call also stays if one below it is large. Time is
 * conserved.
 *
 *     main;a 90, main;b 6, main;c 5, main;a;d 1   at 0.08
 *     =  main;a 91, main;[2 small calls] 11
 */
export function pruneProfile(
  profile: Profile,
  share: number,
  whole = Math.abs(totalWeight(profile)),
): Passed {
  const times = stackTimes(profile)
  const { total } = times
  const largest = largestBelow(times)
  const { frame, parent } = profile.stacks
  const least = whole * share
  const isSmall = (node: StackIndex) => largest[node] === 0 || largest[node]! < least
  if (!largest.some((_, node) => node > ROOT_STACK && isSmall(node))) {
    return unchanged(profile)
  }

  const builder = new ProfileBuilder(profile.frames)
  const smallCount = new Int32Array(frame.length)
  const smallTotal = new Float64Array(frame.length)
  for (let i = 1; i < frame.length; i++) {
    if (!isSmall(i) || total[i] === 0) continue
    smallCount[parent[i]!]!++
    smallTotal[parent[i]!]! += total[i]!
  }
  const stackOf = new Int32Array(frame.length)
  const kept = new Uint8Array(frame.length)
  kept[ROOT_STACK] = 1
  for (let i = 1; i < frame.length; i++) {
    const above = parent[i]!
    if (!kept[above]) {
      stackOf[i] = stackOf[above]!
    } else if (!isSmall(i)) {
      kept[i] = 1
      stackOf[i] = builder.stack(stackOf[above]!, frame[i]!)
    } else if (smallCount[above]! > 1 && Math.abs(smallTotal[above]!) >= least && total[i] !== 0) {
      const small = builder.frame(smallFrame(smallCount[above]!))
      stackOf[i] = builder.stack(stackOf[above]!, small)
    } else {
      stackOf[i] = stackOf[above]!
    }
  }
  return movedTo(profile, builder, stackOf)
}
