/** One request as a client sends it: on a connection of its own, with when it was sent. */
import { once } from 'node:events'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { codeOf, ProfviewError } from '../../errors.js'
import { printable, printableReason } from '../../printable.js'

export interface Sending {
  readonly url: URL
  readonly method: string
  /** As they are written, one after the other. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array | null
  readonly timeoutMs: number
  /** A larger answer is cut off: only dumps are looked at. */
  readonly mostBytes: number
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  /** From the first byte sent to the last one received, ms. */
  readonly tookMs: number
}

/** Rejects with `IO`, one line: what is wrong with the connection or the answer. */
export async function send(sending: Sending): Promise<Answer> {
  const ending = new AbortController()
  const timer = setTimeout(() => ending.abort(), sending.timeoutMs)
  let socket: Socket | null = null
  try {
    socket = await connected(sending.url, ending.signal)
    return await exchange(sending, socket, ending.signal)
  } catch (error) {
    const isLate = ending.signal.aborted
    throw failed(sending, isLate ? `no answer in ${sending.timeoutMs / 1000} s` : reasonOf(error))
  } finally {
    clearTimeout(timer)
    socket?.destroy()
  }
}

// --- internal ---

/** Connected first, so that what is said to be the time of sending is it. */
async function connected(url: URL, signal: AbortSignal): Promise<Socket> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isTls = url.protocol === 'https:'
  const port = Number(url.port) || (isTls ? 443 : 80)
  const isName = !/^[\d.]+$|:/.test(host)
  const socket = isTls
    ? connectTls({ host, port, ALPNProtocols: ['http/1.1'], ...(isName && { servername: host }) })
    : connectTcp({ host, port })
  try {
    await once(socket, isTls ? 'secureConnect' : 'connect', { signal })
  } catch (error) {
    socket.destroy()
    throw error
  }
  return socket
}

async function exchange(sending: Sending, socket: Socket, signal: AbortSignal): Promise<Answer> {
  const { url, method, headers, body, mostBytes } = sending
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const request: ClientRequest = send({
    createConnection: () => socket,
    host: url.hostname,
    port: url.port,
    path: `${url.pathname}${url.search}`,
    method,
    signal,
    setHost: false,
  })
  const named = new Map<string, string[]>()
  for (const [name, value] of headers) named.set(name, [...(named.get(name) ?? []), value])
  for (const [name, values] of named) {
    request.setHeader(name, values.length === 1 ? values[0]! : values)
  }
  const startedAt = performance.now()
  request.setHeader('x-profview-sent', String(Math.round(nowMs() * 1000)))
  const answered = once(request, 'response') as Promise<[IncomingMessage]>
  request.end(body ?? undefined)
  const [response] = await answered
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > mostBytes) throw new Error('the answer is larger than --max-memory allows')
    chunks.push(chunk)
  }
  const tookMs = performance.now() - startedAt
  if (!response.complete) throw new Error('the answer was cut off')
  const { statusCode: status = 0, headers: got } = response
  return { status, headers: got, body: Buffer.concat(chunks), tookMs }
}

/** By the wall clock, finer than `Date.now`, which the app goes by. */
function nowMs(): number {
  const now = performance.timeOrigin + performance.now()
  const wall = Date.now()
  // The wall clock may have been set since the process started.
  return Math.abs(now - wall) < 2 ? now : wall
}

function failed({ url, method }: Sending, reason: string): ProfviewError {
  // Neither name and password nor the query are for a log.
  const where = printable(`${method} ${url.origin}${url.pathname}`)
  return new ProfviewError('IO', `${where}: ${reason}`, { path: url.origin })
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there (ECONNREFUSED)',
  ENOTFOUND: 'there is no host of this name (ENOTFOUND)',
  EAI_AGAIN: 'no host of this name can be found now (EAI_AGAIN)',
  ECONNRESET: 'the connection was closed without an answer (ECONNRESET)',
  EPIPE: 'the connection was closed without an answer (EPIPE)',
}

/** OpenSSL's words for a certificate of one's own making, or of one's company. */
const UNTRUSTED = /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET|VERIFY)_)/

function reasonOf(error: unknown): string {
  const code = codeOf(error)
  if (REASONS[code] !== undefined) return REASONS[code]
  if (/^HPE_/.test(code)) return `it does not answer in HTTP (${code})`
  if (code === 'EPROTO' || /^ERR_SSL/.test(code)) return `it does not speak TLS (${code})`
  if (UNTRUSTED.test(code)) {
    return `nobody known signed its certificate (${code}): trust it by NODE_EXTRA_CA_CERTS=<file>`
  }
  // Of several addresses that were tried.
  const [first] = (error as { errors?: unknown[] }).errors ?? []
  return first === undefined ? printableReason(error) : reasonOf(first)
}
