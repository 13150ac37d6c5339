import { capture } from './call-sites.js'
import type { Wait } from './waits.js'

/** Remembers where we are, if the context and the thread can afford it. */
export function captureStack(wait: Wait, isAwait = false): void {
  const { captures } = wait.context
  if (!captures.take(isAwait)) return
  wait.captured = capture()
  if (wait.captured !== null) captures.hold(wait)
}

/** What a new wait continues: of those whose stack was left out, what they continue themselves. */
export function heldBy(parent: Wait): Wait {
  const above = parent.parent
  return parent.captured !== null || above === null || above.isEachTime ? parent : above
}
