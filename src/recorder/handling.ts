import type { IncomingRequest, OutgoingResponse } from './request.js'

/** What has happened to requests that asked to be profiled, in this worker. */
export interface ProfilerCounts {
  profiled: number
  /** The gate said no. */
  refused: number
  /** Over `limits.concurrent` or `limits.perMinute`, or no sampler. */
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
