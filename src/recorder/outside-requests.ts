import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Runs a function in the asynchronous context in which this package was loaded. What is begun once
 * for all by some request would else keep that request's own stores for ever, and call the app's
 * `onProfile` in them.
 */
export const outsideRequests: <T>(fn: () => T) => T = AsyncLocalStorage.snapshot()
