/**
 * A developer at the same machine: nobody who came through a proxy, a CDN or a page of another
 * site. What only forwards bytes looks the same and cannot be told: for development only.
 */
import type { IncomingRequest } from '../request.js'
import { unnoted } from '../socket-ends.js'

/** Why it may be somebody else. */
export type Stranger = 'peer' | 'http' | 'proxy' | 'host' | 'site'

/** Null for a request that was sent on this machine, as far as that can be seen. */
export function strangerIn(request: IncomingRequest): Stranger | null {
  try {
    return strangerOrNull(request)
  } catch {
    // Not what Node hands over as a request.
    return 'http'
  }
}

// --- internal ---

function strangerOrNull(request: IncomingRequest): Stranger | null {
  const { headers, rawHeaders, httpVersion } = request
  if (!LOOPBACK_PEER.test(unnoted(request, 'remoteAddress') ?? '')) return 'peer'
  // A bare `proxy_pass` speaks 1.0; only to a proxy is a whole address sent in place of a path.
  if (httpVersion !== '1.1' && httpVersion !== '2.0') return 'http'
  if (!(request.originalUrl ?? request.url ?? '').startsWith('/')) return 'http'
  for (const name in headers) if (OF_A_PROXY.test(name)) return 'proxy'
  // A name that resolves to this machine may be anybody's (DNS rebinding).
  const hosts = hostsIn(rawHeaders)
  const isOne = hosts.length === 1 || (httpVersion === '2.0' && hosts.length === 2)
  if (!isOne || !hosts.every((host) => LOOPBACK_HOST.test(host))) return 'host'
  const site = headers['sec-fetch-site']
  if (site !== undefined && !SITES.has(site)) return 'site'
  // Not every browser says for localhost which site it is; an image of another one has no origin.
  const isOfSite = [headers.origin, headers.referer].some(
    (page) => page !== undefined && !LOOPBACK_PAGE.test(page),
  )
  return isOfSite ? 'site' : null
}

const LOOPBACK_PEER = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/
const LOOPBACK = /(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?/.source
const LOOPBACK_HOST = new RegExp(`^${LOOPBACK}$`, 'i')
/** The origin of a page, or its whole address. */
const LOOPBACK_PAGE = new RegExp(`^[a-z][a-z0-9+.-]*://${LOOPBACK}(/|$)`, 'i')

/** Not of another one: `none` is typed by hand; of another port here comes `same-site`. */
const SITES: ReadonlySet<unknown> = new Set(['none', 'same-origin', 'same-site'])

/**
 * What proxies and CDNs add. They have many names for the client's address, which end alike:
 * CF-Connecting-IP, True-Client-IP, X-Azure-SocketIP, CloudFront-Viewer-Address, X-Remote-Addr.
 */
const OF_A_PROXY = new RegExp(
  [
    '^(forwarded|cdn-loop|front-end-https|x-amzn-trace-id|x-cloud-trace-context|x-varnish)$',
    '^(proxy-connection|max-forwards|surrogate-capability|x-scheme|x-nginx-proxy)$',
    '^(x-forwarded|x-original-|x-envoy-|x-azure-|x-appengine-|x-vercel-|x-nf-|x-amz-cf-|x-arr-)',
    '^(cf-|cloudfront-|fastly-|fly-|akamai-|x-akamai-|x-sucuri-|ngrok-|tailscale-|x-railway-)',
    '(^|-)(via|cdn)$',
    // A certificate that a proxy has seen.
    '^(x-)?(ssl|client-cert)(-|$)',
    '(^|-)(client|socket|real|remote)?ip(v[46])?$',
    '(^|-)addr(ess)?$',
  ].join('|'),
)

/**
 * HTTP/2 has `:authority`, and may have both. `request.headers` shows one `Host` where the client
 * sent two.
 */
function hostsIn(rawHeaders: readonly string[]): string[] {
  const hosts: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    if (name === 'host' || name === ':authority') hosts.push(rawHeaders[i + 1]!)
  }
  return hosts
}
