/**
 * What requests of HTTP clients are called: by method and the host that they go to, never by their
 * path or a header.
 */
import { methodName } from '../method-name.js'

/** Node's, as far as it is asked. */
export interface HttpRequest {
  readonly method: string
  readonly host: string
  readonly socketPath?: string
  getHeader(name: string): unknown
}

/** A request of `fetch`, or of undici. */
export interface FetchRequest {
  readonly method: string
  readonly origin: string | URL
}

/** `fetch GET api.example.com` */
export function fetchText({ method, origin }: FetchRequest): string {
  return `fetch ${methodName(method)} ${new URL(origin).host}`
}

/** `HTTP GET api.example.com`, `HTTP GET unix /run/docker.sock` */
export function httpText(request: HttpRequest): string {
  const method = methodName(request.method)
  if (typeof request.socketPath === 'string') return `HTTP ${method} unix ${request.socketPath}`
  return `HTTP ${method} ${hostOf(request)}`
}

// --- internal ---

/**
 * Node has made `Host` of host and port, unless the app gave one: a proxy may have that from its
 * client.
 */
function hostOf(request: HttpRequest): string {
  const { host } = request
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  const header = request.getHeader('host')
  const isOurs = typeof header === 'string' && header.startsWith(name)
  return isOurs && /^:\d{1,5}$/.test(header.slice(name.length)) ? header : name
}
