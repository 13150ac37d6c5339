/** What requests of HTTP clients are called: by method and host, never by their path. */

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
  return `fetch ${method} ${new URL(origin).host}`
}

/** `HTTP GET api.example.com`, `HTTP GET unix /run/docker.sock` */
export function httpText(request: HttpRequest): string {
  const { method, host, socketPath } = request
  if (typeof socketPath === 'string') return `HTTP ${method} unix ${socketPath}`
  return `HTTP ${method} ${request.getHeader('host') ?? host}`
}
