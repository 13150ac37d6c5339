import { type ProfileBuilder, ROOT_STACK } from '../../profile/builder.js'
import type { Int32Column } from '../../profile/columns.js'
import { ROOT, syntheticFrame } from '../../profile/frames.js'
import type { StackIndex } from '../../profile/profile.js'

/**
 * The stack of these frames, root first. A leading `(root)`, which some writers keep, is our root.
 */
export function stackOf(builder: ProfileBuilder, frames: Int32Column): StackIndex {
  const root = builder.frame(syntheticFrame(ROOT))
  let stack = ROOT_STACK
  for (let i = 0; i < frames.length; i++) {
    if (i > 0 || frames.at(0) !== root) stack = builder.stack(stack, frames.at(i))
  }
  return stack
}
