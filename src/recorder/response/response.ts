/** What a profiled response tells the client. */

import type { Trigger } from '../gate/trigger.js'
import type { IncomingRequest, OutgoingResponse } from '../request.js'
import { beforeHead } from './head-marks.js'

/** An entry of `Server-Timing`. */
export interface Timing {
  readonly name: string
  readonly ms: number
  /**
   * `blocked up to`, or what is in the time; '': it is what its name says, and sure. Browsers show
   * it in place of the name.
   */
  readonly note: string
}

/**
 * Adds `X-Profile-Id`, `Server-Timing` and, for a query trigger, `Cache-Control: no-store`, at the
 * last moment: a header set earlier would change how Node treats the ones that the app hands to
 * `writeHead`. Body and status stay as they are.
 */
export function markResponse(
  response: OutgoingResponse,
  id: string,
  trigger: Trigger,
  timings: () => readonly Timing[],
): void {
  if (response.headersSent) return
  let marked = false
  beforeHead(response, (args) => {
    if (marked || response.headersSent) return args
    try {
      const marking = mark(response, id, trigger, timings(), args)
      // Set on the response itself, they stay there if `writeHead` fails and is called again.
      marked = marking === args
      return marking
    } catch {
      // The app's own headers go out as they are.
      return args
    }
  })
}

/**
 * How long it took says nothing: a stream of events, or a connection that is no longer about HTTP.
 */
export function isOpenEnded(request: IncomingRequest, response: OutgoingResponse): boolean {
  const { upgrade } = request as { upgrade?: boolean }
  if (upgrade || request.method === 'CONNECT' || response.statusCode === 101) return true
  // What the app gives to `writeHead` may be in the text of the head alone.
  const { _header } = response as { _header?: unknown }
  return EVENT_STREAM.test(`content-type: ${response.getHeader('content-type')}\n${_header}`)
}

// --- internal ---

const EVENT_STREAM = /^content-type: *text\/event-stream\b/im

type Header = [name: string, value: unknown]

/**
 * The arguments of `writeHead` with our headers: in the form that the app chose, or set on the
 * response if it gave none.
 */
function mark(
  response: OutgoingResponse,
  id: string,
  trigger: Trigger,
  timings: readonly Timing[],
  args: readonly unknown[],
): readonly unknown[] {
  const given = args.at(-1)
  const hasHeaders = typeof given === 'object' && given !== null
  const headers = hasHeaders ? headersOf(given) : []
  const ours: Header[] = [['X-Profile-Id', id]]
  if (timings.length > 0) ours.push(timingOf(response, headers, timings))
  if (trigger === 'query') ours.push(['Cache-Control', 'no-store'])
  if (!hasHeaders) {
    for (const [name, value] of ours) response.setHeader(name, value as string)
    return args
  }
  const replaced = new Set(ours.map(([name]) => name.toLowerCase()))
  const kept = headers.filter(([name]) => !replaced.has(String(name).toLowerCase()))
  return [...args.slice(0, -1), inFormOf(given, [...kept, ...ours])]
}

/** The app's own timings, and ours after them. */
function timingOf(
  response: OutgoingResponse,
  headers: readonly Header[],
  timings: readonly Timing[],
): Header {
  const given = headers.filter(([name]) => String(name).toLowerCase() === 'server-timing')
  const name = given[0]?.[0] ?? 'Server-Timing'
  const theirs = given.length > 0 ? given.map(([, value]) => value) : [response.getHeader(name)]
  const ours = timings.map(({ name, ms, note }) => {
    const time = `${name};dur=${Math.max(0, ms).toFixed(1)}`
    return note === '' ? time : `${time};desc="${note}"`
  })
  return [name, [...theirs.flat().filter((value) => value !== undefined), ...ours].join(', ')]
}

/** `writeHead` takes an object, a flat array or an array of pairs. */
function headersOf(given: object): Header[] {
  if (!Array.isArray(given)) return Object.entries(given)
  if (Array.isArray(given[0])) return given.map(([name, value]) => [name, value])
  if (given.length % 2 !== 0) throw new TypeError('a name without a value')
  return Array.from({ length: given.length / 2 }, (_, i) => [given[2 * i], given[2 * i + 1]])
}

function inFormOf(given: object, headers: readonly Header[]): object {
  if (!Array.isArray(given)) return Object.fromEntries(headers)
  return Array.isArray(given[0]) ? [...headers] : headers.flat()
}
