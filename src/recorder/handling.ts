import { setImmediate } from '../sampler/node-timers.js'
import type { IncomingRequest, OutgoingResponse } from './request.js'

/** What has happened to requests that asked to be profiled, in this worker. */
export interface ProfilerCounts {
  profiled: number
  /** The gate said no. */
  refused: number
  /** Over a limit, no sampler, or a directory that takes no dumps. */
  skipped: number
}

/** Goes on with the rest of the app. What it throws is the app's. */
export type Continue = () => void

/** What a middleware hands its requests to. */
export interface Handling {
  readonly counts: ProfilerCounts
  /** Calls `next`, now or when the gate has decided. Throws what `next` throws. */
  handle(request: IncomingRequest, response: OutgoingResponse, next: Continue): void
}

/** Null where it fails: what the app has made of its request is not Node's. */
export function tried<T>(ask: () => T): T | null {
  try {
    return ask()
  } catch {
    return null
  }
}

/** What the app throws shall be an exception, as it is without us, and no rejection. */
export async function decideLate(
  allowed: Promise<boolean>,
  decide: (allowed: boolean) => void,
): Promise<void> {
  let isAllowed = false
  try {
    isAllowed = await allowed
  } catch {}
  try {
    decide(isAllowed)
  } catch (error) {
    setImmediate(() => {
      throw error
    })
  }
}
