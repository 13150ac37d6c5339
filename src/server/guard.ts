import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/** Where the server listens, and the first segment of every path it answers. */
export interface Door {
  readonly host: string
  readonly port: number
  readonly secret: string
}

/**
 * The status with which to turn a request away before anything else looks at it, or 0 to let it in.
 *
 * A page of any web site can send requests to the loopback interface, and through DNS rebinding
 * even read the answers: the Host header is the only witness of the name the browser believes in.
 * The secret in the path keeps out the other users of the machine.
 */
export function refusalOf(request: IncomingMessage, door: Door): number {
  if (!isOurHost(request.rawHeaders, door)) return 403
  const url = request.url ?? ''
  if (request.headers['sec-fetch-site'] === 'cross-site' && !opensPage(request, door)) return 403
  if (request.method !== 'GET' && request.method !== 'HEAD') return 405
  if (!url.startsWith('/')) return 400
  return hasSecret(url, door.secret) ? 0 : 404
}

// --- internal ---

/** As `open` has the browser do it, from a file: the whole page, in a tab of its own. */
function opensPage({ method, headers, url }: IncomingMessage, { secret }: Door): boolean {
  const isTab = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  return isTab && method === 'GET' && url === `/${secret}/`
}

function isOurHost(rawHeaders: readonly string[], door: Door): boolean {
  // `request.headers` shows one Host where the client sent two.
  const hosts: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() === 'host') hosts.push(rawHeaders[i + 1]!)
  }
  return hosts.length === 1 && isAllowed(hosts[0]!, door)
}

function isAllowed(host: string, { host: bound, port }: Door): boolean {
  if (host === `127.0.0.1:${port}` || host === `[::1]:${port}` || host === `localhost:${port}`) {
    return true
  }
  if (bound === '127.0.0.1' || bound === '::1' || bound === 'localhost') return false
  if (host === `${bound}:${port}` || host === `[${bound}]:${port}`) return true
  if (bound !== '0.0.0.0' && bound !== '::') return false
  // Asked to listen everywhere: any address will do, but no name, since names can be rebound.
  const address = /^\[?([^\]]*)\]?:(\d+)$/.exec(host)
  return address !== null && isIP(address[1]!) !== 0 && Number(address[2]) === port
}

function hasSecret(url: string, secret: string): boolean {
  const wanted = Buffer.from(`/${secret}`)
  const given = Buffer.from(url)
  if (given.length < wanted.length) return false
  if (!timingSafeEqual(given.subarray(0, wanted.length), wanted)) return false
  const next = url[wanted.length]
  return next === undefined || next === '/' || next === '?'
}
