import type { IncomingMessage, ServerResponse } from 'node:http'

/** What is needed of a request, of whatever framework. */
export interface IncomingRequest extends IncomingMessage {
  /** The address as it came in, where a router shortens `url`. */
  originalUrl?: string
}

export type OutgoingResponse = ServerResponse

/**
 * The route pattern of a request as far as it is known now (`/users/:id`), never the path itself;
 * '' while none has matched. May be asked at any time and often, the last time at the request's
 * end. Never throws, and keeps nothing of the request.
 */
export type RouteOf = (request: IncomingRequest) => string
