import { ProfileBuilder, ROOT_STACK } from '../profile/builder.js'
import { Float64Column, Int32Column } from '../profile/columns.js'
import type { Profile, StackIndex } from '../profile/profile.js'
import { movedWaits } from '../profile/wait-counts.js'
import { movedTo, NOWHERE, type Passed, unchanged } from './pass.js'

/**
 * One call with everything below it, as if nothing had called it. The time of the rest is gone, and
 * so is the timeline; at the root the profile comes back as it is.
 *
 *     main;a;b 3, main;a 2, main;c 1   at main;a   =   a;b 3, a 2
 */
export function subtreeOf(profile: Profile, top: StackIndex): Passed {
  if (top === ROOT_STACK) return unchanged(profile)
  const { frame, parent } = profile.stacks
  const builder = new ProfileBuilder()
  const frameOf = new Int32Array(profile.frames.length).fill(-1)
  const stackOf = new Int32Array(frame.length).fill(NOWHERE)
  for (let i = top; i < frame.length; i++) {
    const above = i === top ? ROOT_STACK : stackOf[parent[i]!]!
    if (above === NOWHERE) continue
    const index = frame[i]!
    if (frameOf[index] === -1) frameOf[index] = builder.frame(profile.frames[index]!)
    stackOf[i] = builder.stack(above, frameOf[index]!)
  }
  const stack = new Int32Column()
  const weight = new Float64Column()
  const labelSet = new Int32Column()
  const { samples } = profile
  for (let i = 0; i < samples.stack.length; i++) {
    const to = stackOf[samples.stack[i]!]!
    if (to === NOWHERE) continue
    stack.push(to)
    weight.push(samples.weight[i]!)
    labelSet.push(samples.labelSet[i]!)
  }
  if (!profile.timeline && stack.length === samples.stack.length) {
    return movedTo(profile, builder, stackOf)
  }
  const { frames, stacks } = builder.build({ name: profile.name })
  const below = {
    ...profile,
    timeline: false,
    frames,
    stacks,
    samples: { stack: stack.finish(), weight: weight.finish(), labelSet: labelSet.finish() },
    // What is below the call has all of its waits there.
    waits: movedWaits(profile.waits, { frames, stacks }, stackOf),
  }
  return { profile: below, stackOf }
}
