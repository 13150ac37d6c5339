/**
 * `?profile=html` and `?profile=dump`: the response's body is kept back until the dump is there,
 * which then goes out in its place. Where there is none in time, the response goes out as it is,
 * late.
 */
import { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { clearTimeout, setTimeout } from '../../sampler/node-timers.js'
import { quietly } from '../../sampler/quietly.js'
import type { BodyAsked } from '../gate/trigger.js'
import type { IncomingRequest, OutgoingResponse } from '../request.js'
import { headersOf, headWith, type Report } from './body-head.js'
import { type BodyMethods, Underneath } from './body-methods.js'

/** A response that has ended waits this long for its report, ms. */
const PATIENCE_MS = 5000
/** A larger body goes out as it is. */
const MAX_HELD_BYTES = 16 * 1024 * 1024

/**
 * Null where there is no body that could be replaced. Who makes responses without a connection
 * (adapters of serverless platforms) takes one that has ended for one that has been written.
 */
export function holdResponse(
  request: IncomingRequest,
  response: OutgoingResponse,
  body: BodyAsked = 'html',
): HeldResponse | null {
  if (request.method === 'HEAD' || response.headersSent) return null
  const isOfServer = request.socket instanceof Socket
  const isKnown = isOfServer && response instanceof ServerResponse && '_header' in response
  return isKnown ? new HeldResponse(response as HttpResponse, body) : null
}

/**
 * To the app the response is what it always is: its head is made at the first byte, and then
 * headers count as sent; after `end` it has ended. But nothing has reached the socket.
 */
export class HeldResponse implements BodyMethods {
  /**
   * The app has ended the response. Not called where the connection ended first, or nothing is held
   * any more.
   */
  onEnd: () => void = () => {}
  /** What comes in place of its own. */
  readonly body: BodyAsked
  readonly #response: HttpResponse
  readonly #underneath: Underneath
  #body: Buffer[] = []
  #bytes = 0
  #mustFlush = false
  #ending: Ending | null = null
  #released = false

  constructor(response: HttpResponse, body: BodyAsked) {
    this.body = body
    this.#response = response
    this.#underneath = new Underneath(response, this)
  }

  called(name: 'write' | 'end' | 'flushHeaders', args: readonly unknown[]) {
    if (name === 'write') return this.#holdWrite(args)
    return name === 'end' ? this.#holdEnd(args) : this.#holdHeaders()
  }

  /**
   * Sends the report in place of the body, or the response as it is. Only the first call counts.
   */
  release(report: Report | null): void {
    if (this.#released) return
    const ending = this.#letGo()
    try {
      if (this.#response.destroyed) return
      this.#response.finished = false
      if (report === null || ending === null) this.#sendBody(ending)
      else this.#sendReport(report, ending)
    } catch (error) {
      // The app is not there any more to be told.
      this.#response.destroy(error as Error)
    } finally {
      this.#body = []
    }
  }

  /** Nothing can be sent any more: the connection has ended. */
  over(): void {
    if (this.#released) return
    this.#letGo()
    this.#body = []
  }

  // --- internal ---

  #letGo(): Ending | null {
    this.#released = true
    this.#underneath.letGo()
    if (this.#ending !== null) clearTimeout(this.#ending.timer)
    return this.#ending
  }

  #holdWrite(args: readonly unknown[]): Done | null {
    const { chunk, encoding, callback } = readArguments(args)
    const content = isContent(chunk) ? bytesOf(chunk, encoding) : null
    // What is no content is for Node to refuse.
    if (content === null || !this.#canHold(content.length, false)) return null
    this.#keep(content)
    if (callback) process.nextTick(callback)
    return { result: true }
  }

  #holdEnd(args: readonly unknown[]): Done | null {
    const { chunk, encoding, callback } = readArguments(args)
    const isEmpty = chunk === undefined || chunk === null
    const content = isContent(chunk) ? bytesOf(chunk, encoding) : null
    if ((content === null && !isEmpty) || !this.#canHold(content?.length ?? 0, true)) return null
    if (content !== null) this.#keep(content)
    const timer = setTimeout(
      quietly(() => this.release(null)),
      PATIENCE_MS,
    )
    this.#ending = { hasChunk: content !== null, callback, timer }
    this.#response.finished = true
    process.nextTick(quietly(() => this.onEnd()))
    return { result: this.#response }
  }

  #holdHeaders(): Done | null {
    if (!this.#canHold(0, false)) return null
    this.#mustFlush = true
    return { result: undefined }
  }

  /**
   * Makes the head, as Node does at the first byte: then it is known whether there may be a report.
   */
  #canHold(length: number, isLast: boolean): boolean {
    const response = this.#response
    if (this.#released || this.#ending !== null || response.destroyed) return false
    if (response._header === null) {
      if (isLast) response._contentLength = length
      response.writeHead(response.statusCode)
    }
    const hasBody = typeof response._header === 'string' && response._hasBody
    // A part of something is no place for a report.
    const isWhole = response.statusCode !== 206
    if (!hasBody || !isWhole || this.#bytes + length > MAX_HELD_BYTES) this.release(null)
    return !this.#released
  }

  #keep(content: Buffer): void {
    this.#body.push(content)
    this.#bytes += content.length
  }

  #sendReport(report: Report, { callback }: Ending): void {
    const response = this.#response
    response._header = headWith(response._header!, headersOf(report, this.body))
    response._contentLength = report.bytes.length
    response.chunkedEncoding = false
    this.#underneath.call('end', report.bytes, callback)
  }

  /** The calls that the app has made so far. */
  #sendBody(ending: Ending | null): void {
    const last = ending?.hasChunk ? this.#body.pop() : undefined
    if (this.#mustFlush) this.#underneath.call('flushHeaders')
    for (const chunk of this.#body) this.#underneath.call('write', chunk)
    if (ending !== null) this.#underneath.call('end', last, ending.callback)
  }
}

// --- internal ---

/** What Node keeps of a response's head, under the same names since its first versions. */
interface HttpResponse extends ServerResponse {
  /** The head as text, once it is made. */
  _header: string | null
  _hasBody: boolean
  _contentLength: number | null
}

type Callback = () => void
/** What the app is given. */
type Done = { readonly result: unknown }
type Content = string | Uint8Array

interface Ending {
  readonly hasChunk: boolean
  readonly callback: Callback | undefined
  readonly timer: NodeJS.Timeout
}

interface Arguments {
  readonly chunk: unknown
  readonly encoding: BufferEncoding | undefined
  readonly callback: Callback | undefined
}

/** `(chunk, encoding, callback)`, each of which may be left out. */
function readArguments(args: readonly unknown[]): Arguments {
  const callback = args.find((arg) => typeof arg === 'function') as Callback | undefined
  const [chunk, encoding] = args.filter((arg) => typeof arg !== 'function')
  return {
    chunk,
    encoding: typeof encoding === 'string' ? (encoding as BufferEncoding) : undefined,
    callback,
  }
}

function isContent(chunk: unknown): chunk is Content {
  return typeof chunk === 'string' || chunk instanceof Uint8Array
}

/** A copy: the app may use its buffer again. */
function bytesOf(content: Content, encoding: BufferEncoding | undefined): Buffer {
  return typeof content === 'string' ? Buffer.from(content, encoding) : Buffer.from(content)
}
