import type { Captured } from './call-sites.js'
import type { Wait } from './waits.js'

/** Of frames. */
const DEPTH = 128

/** Kept, since an app may replace or delete it, and an exception in a hook ends the process. */
const { captureStackTrace } = Error

/** Remembers where we are, if the context and the thread can afford it. */
export function captureStack(wait: Wait, isAwait = false): void {
  const { captures } = wait.context
  if (!captures.take(isAwait)) return
  const captured: Captured = {}
  const limit = Error.stackTraceLimit
  // Where the app has frozen `Error`, assignments throw, and an exception in a hook ends the
  // process.
  Reflect.set(Error, 'stackTraceLimit', DEPTH)
  captureStackTrace(captured)
  Reflect.set(Error, 'stackTraceLimit', limit)
  wait.captured = captured
  captures.hold(wait)
}

/** What a new wait continues: of those whose stack was left out, what they continue themselves. */
export function heldBy(parent: Wait): Wait {
  const above = parent.parent
  return parent.captured !== null || above === null || above.isEachTime ? parent : above
}
