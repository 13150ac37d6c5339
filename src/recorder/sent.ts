/** When a request was sent, by the word of a proxy or of our own client. */
import { narrow, type Queueing } from '../sampler/queue-bound.js'
import { strangerIn } from './gate/same-machine.js'
import type { Settings } from './options.js'
import type { IncomingRequest } from './request.js'

/** How long before its start a request was sent, ms: between the two. */
export interface SentAgo {
  readonly least: number
  readonly most: number
}

export interface Sent {
  /** By the header that `requestStart` names; null where there is none that can be right. */
  readonly proxy: SentAgo | null
  /** By `X-Profview-Sent`, which only a triggered request is asked for. */
  readonly client: SentAgo | null
  /** Client and process read the same clock, and nobody is in between. */
  readonly isDirect: boolean
}

/**
 * What a request says of it, `elapsed` ms after its start. Whatever cannot be right (another form,
 * in the future, long ago) is as if it were not there.
 */
export function sentOf(
  request: IncomingRequest,
  settings: Settings,
  isTriggered: boolean,
  elapsed = 0,
): Sent | null {
  const stamp = isTriggered ? request.headers[CLIENT_HEADER] : undefined
  const start = settings.requestStart === null ? undefined : request.headers[settings.requestStart]
  if (stamp === undefined && start === undefined) return null
  const now = Date.now() - elapsed
  return {
    proxy: typeof start === 'string' ? agoOf(readRequestStart(start), now) : null,
    client: typeof stamp === 'string' ? agoOf(readMicros(stamp), now) : null,
    isDirect: strangerIn(request) === null,
  }
}

/** The request came after it was sent, and before that where only this machine was in between. */
export function noteSent(queueing: Queueing, { proxy, client, isDirect }: Sent): void {
  const seen = queueing.seenAt
  if (proxy !== null) {
    narrow(queueing, seen - proxy.most, null)
    queueing.sentByProxy = seen - proxy.least
  }
  if (client !== null) narrow(queueing, seen - client.most, isDirect ? seen - client.least : null)
}

/** A point in time as somebody wrote it, epoch ms; cut off after `resolution` ms. */
export interface Written {
  readonly at: number
  readonly resolution: number
}

/**
 * `t=1764128465.123` (seconds), `1764128465123` (ms), `t=1764128465123456` (µs); the first of two.
 */
export function readRequestStart(text: string): Written | null {
  const [, whole, fraction = ''] = REQUEST_START.exec(text) ?? []
  if (whole === undefined) return null
  const unit = MS_BY_DIGITS.get(whole.length)
  if (unit === undefined) return null
  return { at: Number(`${whole}.${fraction}0`) * unit, resolution: unit / 10 ** fraction.length }
}

// --- internal ---

const CLIENT_HEADER = 'x-profview-sent'
const REQUEST_START = /^\s*(?:t=)?(\d+)(?:\.(\d{1,6}))?\s*(?:,|$)/
/** Seconds have ten digits until the year 2286. */
const MS_BY_DIGITS: ReadonlyMap<number, number> = new Map([
  [10, 1000],
  [13, 1],
  [16, 1e-3],
])
/** Two readings of one clock may be so far apart, ms: what is later is of another clock. */
const SAME_MS = 2
/** What was sent before that is a header that somebody kept, or another clock, ms. */
const OLDEST_MS = 60_000

function readMicros(text: string): Written | null {
  return /^\d{16}$/.test(text) ? { at: Number(text) / 1000, resolution: 1e-3 } : null
}

/** `now` is cut off after the millisecond. */
function agoOf(written: Written | null, now: number): SentAgo | null {
  if (written === null) return null
  const most = now + 1 - written.at
  if (most < -SAME_MS || most > OLDEST_MS) return null
  return { least: Math.max(0, now - written.at - written.resolution), most: Math.max(0, most) }
}
