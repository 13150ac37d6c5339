import { ProfileBuilder, ROOT_STACK } from '../profile/builder.js'
import { stackTimes } from '../profile/calltree.js'
import { frameKinds } from '../profile/frames.js'
import type { FrameIndex, Profile, StackIndex, WaitCount } from '../profile/profile.js'
import { isBlocked, waitsOf } from '../profile/stack-waits.js'
import { finish, type Steps } from '../profile/steps.js'
import { movedWaits } from '../profile/wait-counts.js'
import { movedTo, NOWHERE, type Passed } from './pass.js'

/** More callers of a function than anybody misses. */
export const MOST_LEVELS = 256

/**
 * Turns every stack upside down: under the root come the functions in which time was spent, under
 * each of them its callers. What ran for others is under a `[blocked]` of its own, so that no
 * function has their time in its row: down to the next `[blocked]` it is who was in the way, below
 * that who waited. Callers beyond `levels` are left out: 256, fewer where very many stacks would
 * become a tree larger than memory. Time is conserved.
 *
 *     main;a;b 3, main;b 2   =  b;a;main 3, b;main 2
 *     main;[blocked];GET /x;b 4   =  [blocked];b;GET /x;[blocked];main 4
 */
export function invertProfile(profile: Profile, levels?: number): Passed {
  return finish(invertSteps(profile, levels))
}

/** The same, a part of the stacks at a time. */
export function* invertSteps(profile: Profile, levels = affordableLevels(profile)): Steps<Passed> {
  const { frame, parent } = profile.stacks
  const { blamed } = waitsOf(profile)
  const builder = new ProfileBuilder(profile.frames)
  const stackOf = new Int32Array(frame.length).fill(NOWHERE)
  const invert = (stack: StackIndex) => {
    const who = blamed[stack]!
    // Where nobody is named, it is the `[blocked]` itself.
    const blocked = who === -1 || isBlocked(profile, who) ? who : parent[who]!
    let inverted = blocked === -1 ? ROOT_STACK : builder.stack(ROOT_STACK, frame[blocked]!)
    for (let i = stack, level = 0; i > ROOT_STACK && level < levels; i = parent[i]!, level++) {
      inverted = builder.stack(inverted, frame[i]!)
    }
    stackOf[stack] = inverted
  }
  const { self, samples } = stackTimes(profile)
  // In the stacks' order, those without time behind the others: of equals the first is shown first,
  // and neither the order of the samples nor those without weight shall decide which that is.
  for (const hasTime of [true, false]) {
    for (let i = 0; i < self.length; i++) {
      if (hasTime ? self[i] !== 0 : self[i] === 0 && samples[i]! > 0) invert(i)
      if (i % STACKS_AT_A_TIME === STACKS_AT_A_TIME - 1) yield
    }
  }
  yield
  const inverted = movedTo(profile, builder, stackOf)
  const isOnTop = profile.waits.every(({ stack }) => parent[stack] === ROOT_STACK)
  if (inverted.profile === profile && isOnTop) return inverted
  return { ...inverted, profile: { ...inverted.profile, waits: waitsOnTop(profile, inverted) } }
}

/**
 * 1 for each stack of an inverted profile that stands for code of others, as `inTheWayStacks` has
 * it of one that is not inverted. O(stacks).
 */
export function inTheWayInverted(inverted: Profile): Uint8Array {
  const { frame, parent } = inverted.stacks
  const blocked = frameKinds(inverted.frames).map((kind) => kind === 'blocked')
  const inTheWay = new Uint8Array(parent.length)
  for (let i = 1; i < inTheWay.length; i++) {
    const above = parent[i]!
    const isBelowTop = parent[above] === ROOT_STACK && blocked[frame[above]!]
    inTheWay[i] = (isBelowTop || inTheWay[above] === 1) && !blocked[frame[i]!] ? 1 : 0
  }
  return inTheWay
}

/**
 * How many callers of each function an inverted tree of so many stacks has room for: not fewer than
 * `fewest`, which may then be more stacks.
 */
export function affordableLevels(
  { stacks, samples }: Profile,
  mostStacks = MOST_STACKS,
  fewest = FEWEST_LEVELS,
): number {
  const ends = new Uint8Array(stacks.frame.length)
  let count = 0
  for (const stack of samples.stack) {
    count += 1 - ends[stack]!
    ends[stack] = 1
  }
  const affordable = Math.floor(mostStacks / Math.max(1, count))
  return Math.min(MOST_LEVELS, Math.max(fewest, affordable))
}

// --- internal ---

const STACKS_AT_A_TIME = 4096
const MOST_STACKS = 4_000_000
const FEWEST_LEVELS = 16

/**
 * Below an `[await]` are now those who waited, and the waits of all of them are its own. Where it
 * has no time there is no such frame, and its waits are gone.
 */
function waitsOnTop(profile: Profile, { profile: inverted }: Passed): readonly WaitCount[] {
  const { frame, parent } = inverted.stacks
  const topOf = new Map<FrameIndex, StackIndex>()
  for (let i = 1; i < frame.length; i++) if (parent[i] === ROOT_STACK) topOf.set(frame[i]!, i)
  // Frames have kept their numbers.
  const stackOf = profile.stacks.frame.map((index) => topOf.get(index) ?? NOWHERE)
  return movedWaits(profile.waits, inverted, stackOf)
}
