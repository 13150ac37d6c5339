import { ProfileBuilder, ROOT_STACK } from '../profile/builder.js'
import type { Profile } from '../profile/profile.js'
import { movedTo, NOWHERE, type Passed, unchanged } from './pass.js'

/** Only the stacks that samples and waits need, with their frames; mostly all are needed. */
export function onUsedStacks(profile: Profile): Passed {
  const { frame, parent } = profile.stacks
  const used = new Uint8Array(frame.length)
  used[ROOT_STACK] = 1
  for (const stack of profile.samples.stack) used[stack] = 1
  for (const { stack } of profile.waits) used[stack] = 1
  for (let i = frame.length - 1; i > 0; i--) if (used[i]) used[parent[i]!] = 1
  if (!used.includes(0)) return unchanged(profile)
  const builder = new ProfileBuilder()
  const stackOf = new Int32Array(frame.length).fill(NOWHERE)
  stackOf[ROOT_STACK] = ROOT_STACK
  for (let i = ROOT_STACK + 1; i < frame.length; i++) {
    if (!used[i]) continue
    stackOf[i] = builder.stack(stackOf[parent[i]!]!, builder.frame(profile.frames[frame[i]!]!))
  }
  return movedTo(profile, builder, stackOf)
}
