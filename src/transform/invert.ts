import { ProfileBuilder, ROOT_STACK } from '../profile/builder.js'
import type { Profile } from '../profile/profile.js'
import { moveSamples } from './move-samples.js'

/**
 * Turns every stack upside down: under the root come the functions in which time was spent, under
 * each of them its callers. Callers beyond `levels` are left out: 256, fewer where very many stacks
 * would become a tree larger than memory. Time is conserved.
 *
 *     main;a;b 3, main;b 2   =  b;a;main 3, b;main 2
 */
export function invertProfile(profile: Profile, levels = affordableLevels(profile)): Profile {
  const { frame, parent } = profile.stacks
  const builder = new ProfileBuilder(profile.frames)
  const stackOf = new Int32Array(frame.length).fill(-1)
  for (const stack of profile.samples.stack) {
    if (stackOf[stack] !== -1) continue
    let inverted = ROOT_STACK
    for (let i = stack, level = 0; i > ROOT_STACK && level < levels; i = parent[i]!, level++) {
      inverted = builder.stack(inverted, frame[i]!)
    }
    stackOf[stack] = inverted
  }
  return moveSamples(profile, builder, stackOf)
}

// --- internal ---

const MOST_LEVELS = 256
const FEWEST_LEVELS = 16
/** Stacks that the inverted tree may have. */
const BUDGET = 4_000_000

function affordableLevels({ stacks, samples }: Profile): number {
  const ends = new Uint8Array(stacks.frame.length)
  let count = 0
  for (const stack of samples.stack) {
    count += 1 - ends[stack]!
    ends[stack] = 1
  }
  const affordable = Math.floor(BUDGET / Math.max(1, count))
  return Math.min(MOST_LEVELS, Math.max(FEWEST_LEVELS, affordable))
}
