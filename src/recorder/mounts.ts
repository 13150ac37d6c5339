import { hasWriter } from './writer/writer-thread.js'

/** Whether the app has mounted a middleware of ours in this thread, of whichever copy. */
const SHARED = Symbol.for('profview.mounted.1')
const shared = globalThis as { [SHARED]?: true }

/**
 * From now on its options decide, and nobody else's; but a copy that was bundled, and can profile
 * nothing, is in nobody's way.
 */
export function noteMount(): void {
  if (hasWriter()) shared[SHARED] = true
}

export function hasMount(): boolean {
  return shared[SHARED] === true
}
