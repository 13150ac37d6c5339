/** What a request says of itself by which it is found again in traces and logs. */
import type { IncomingRequest } from './request.js'

type TraceLabels = Readonly<Record<string, string>>

/**
 * `trace_id` and `span_id` of `traceparent` (the caller's span: the one in which it waits for this
 * request), and `request_id` of `x-request-id`. What has another form is as if it were not there.
 */
export function traceLabels({ headers }: IncomingRequest): TraceLabels {
  const { traceparent, 'x-request-id': requestId } = headers
  return {
    ...(typeof traceparent === 'string' ? readTraceparent(traceparent) : null),
    ...(typeof requestId === 'string' && REQUEST_ID.test(requestId)
      ? { request_id: requestId }
      : null),
  }
}

/**
 * W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header: what a later version
 * says beyond the first is not read.
 */
export function readTraceparent(text: string): TraceLabels | null {
  const [, version, trace, span, more] = TRACEPARENT.exec(text) ?? []
  if (version === undefined || version === 'ff' || (version === '00' && more !== '')) return null
  return isId(trace!) && isId(span!) ? { trace_id: trace!, span_id: span! } : null
}

/** All zeros say that there is none. */
export function isId(hex: string): boolean {
  return /^(?:[\da-f]{16}|[\da-f]{32})$/.test(hex) && !/^0*$/.test(hex)
}

// --- internal ---

const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}((?:-.*)?)$/
/** UUIDs, ULIDs and what proxies make: no sentence, and no single word. */
const REQUEST_ID = /^(?=.*\d)[\w.:=+/-]{1,128}$/
