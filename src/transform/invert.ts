import { ProfileBuilder, ROOT_STACK } from '../profile/builder.js'
import type { Profile } from '../profile/profile.js'
import { moveSamples } from './move-samples.js'

/** Levels of callers that are kept: more than anyone reads, few enough for stacks of any depth. */
const DEFAULT_LEVELS = 256

/**
 * Turns every stack upside down: under the root come the functions in which time was spent, under
 * each of them its callers. Callers beyond `levels` are left out. Time is conserved.
 *
 *     main;a;b 3, main;b 2   =  b;a;main 3, b;main 2
 */
export function invertProfile(profile: Profile, levels = DEFAULT_LEVELS): Profile {
  const { frame, parent } = profile.stacks
  const builder = new ProfileBuilder()
  const frameOf = profile.frames.map((each) => builder.frame(each))
  const stackOf = new Int32Array(frame.length).fill(-1)
  for (const stack of profile.samples.stack) {
    if (stackOf[stack] !== -1) continue
    let inverted = ROOT_STACK
    for (let i = stack, level = 0; i > ROOT_STACK && level < levels; i = parent[i]!, level++) {
      inverted = builder.stack(inverted, frameOf[frame[i]!]!)
    }
    stackOf[stack] = inverted
  }
  return moveSamples(profile, builder, stackOf)
}
