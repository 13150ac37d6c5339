/**
 * The span of OpenTelemetry in which a request is served. Its API keeps what it is under keys that
 * every copy of it shares, so nothing of it is loaded.
 */
import type { DumpLabels } from './labels.js'
import { routeText } from './routes.js'
import { isId } from './trace-labels.js'

export interface ServerSpan {
  readonly labels: DumpLabels
  /** As its instrumentation has found it by now; ''. */
  readonly route: string
}

/**
 * The span of what runs now, which is told the profile's id; null where there is none. The server's
 * own, where the instrumentation of HTTP has noted it: in a middleware, that of Express has a span
 * of the middleware's. Never throws.
 */
export function joinServerSpan(profileId: string): ServerSpan | null {
  try {
    const { context } = (globalThis as { [API]?: Api })[API] ?? {}
    const active = context?.active()
    const rpc = active?.getValue(RPC_METADATA) as { route?: unknown; span?: Span } | undefined
    const span = rpc?.span ?? (active?.getValue(SPAN) as Span | undefined)
    if (span === undefined) return null
    const { traceId, spanId } = span.spanContext()
    if (!isId(traceId) || !isId(spanId)) return null
    if (span.isRecording()) span.setAttribute('profview.profile_id', profileId)
    return { labels: { trace_id: traceId, span_id: spanId }, route: routeText(rpc?.route) }
  } catch {
    // Not what it was when this was written.
    return null
  }
}

// --- internal ---

interface Span {
  spanContext(): { traceId: string; spanId: string }
  isRecording(): boolean
  setAttribute(name: string, value: string): unknown
}

interface Api {
  readonly context?: { active(): { getValue(key: symbol): unknown } }
}

const API = Symbol.for('opentelemetry.js.api.1')
const RPC_METADATA = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA')
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN')
