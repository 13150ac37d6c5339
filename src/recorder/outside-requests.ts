import { AsyncResource } from 'node:async_hooks'
import { OURS } from '../sampler/async/ownerless.js'
import { waits } from '../sampler/async/resource-waits.js'

/**
 * Destroyed at once, as far as hooks are told, which changes nothing for us: whoever lists what is
 * still open (Jest's `--detectOpenHandles`) would else list this.
 */
const outside = new AsyncResource('profview', { requireManualDestroy: true }).emitDestroy()
// It is nothing that a program does which is followed as a whole.
waits.set(outside, OURS)

/**
 * Runs a function in the asynchronous context in which this package was loaded. What is begun once
 * for all by some request would else keep that request's own stores for ever, and call the app's
 * `onProfile` in them.
 */
export function outsideRequests<T>(fn: () => T): T {
  return outside.runInAsyncScope(fn)
}
