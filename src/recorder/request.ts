import type { IncomingMessage, ServerResponse } from 'node:http'

/** What is needed of a request, of whatever framework. */
export interface IncomingRequest extends IncomingMessage {
  /** The address as it came in, where a router shortens `url`. */
  originalUrl?: string
}

export type OutgoingResponse = ServerResponse

/**
 * Watches a request from now on and returns a function that tells its route pattern (`/users/:id`),
 * '' while none is known. It is called again at the request's end, for what only then is known.
 * Never throws. What is returned does not keep the request.
 */
export type WatchRoute = (request: IncomingRequest) => () => string

/**
 * Tells the route pattern of a request that has not been watched, at its end; '' where it has none.
 * Null: only watching one like it would tell. Never throws, and never tells the path itself.
 */
export type ReadRoute = (request: IncomingRequest) => string | null
