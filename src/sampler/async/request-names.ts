/** What comes in for a server's request is called by whether somebody reads it. */
import { REST_OF_REQUEST } from '../window.js'

/** A request of Node's server, as far as it is asked. */
export interface ServerRequest {
  readonly headers?: Readonly<Record<string, unknown>>
  /** Of a stream of HTTP/2. */
  readonly endAfterHeaders?: boolean
  readonly _readableState?: { readonly flowing?: unknown; readonly readableListening?: unknown }
}

/** `request body` where there is one that is being read; no wait of its own otherwise. */
export function arrivalText(request: ServerRequest | null | undefined): string {
  const { headers, endAfterHeaders, _readableState: state } = request ?? {}
  const length = headers?.['content-length'] ?? headers?.['transfer-encoding']
  const hasBody = length !== undefined || endAfterHeaders === false
  const isRead = state?.flowing === true || state?.readableListening === true
  return hasBody && isRead ? 'request body' : REST_OF_REQUEST
}
