import type { IncomingMessage, ServerResponse } from 'node:http'

/** What is needed of a request; Express, Connect and plain `http` all have it. */
export interface IncomingRequest extends IncomingMessage {
  originalUrl?: string
  baseUrl?: string
  route?: { readonly path?: unknown }
  params?: unknown
}

export type OutgoingResponse = ServerResponse

export type Next = (error?: unknown) => void
