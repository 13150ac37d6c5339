import { type ProfileBuilder, ROOT_STACK } from '../../profile/builder.js'
import { ROOT, syntheticFrame } from '../../profile/frames.js'
import type { FrameIndex, StackIndex } from '../../profile/profile.js'

/**
 * The stack of these frames, root first. A leading `(root)`, which some writers keep, is our root.
 */
export function stackOf(builder: ProfileBuilder, frames: ArrayLike<FrameIndex>): StackIndex {
  const root = builder.frame(syntheticFrame(ROOT))
  let stack = ROOT_STACK
  for (let i = 0; i < frames.length; i++) {
    if (i > 0 || frames[0] !== root) stack = builder.stack(stack, frames[i]!)
  }
  return stack
}
