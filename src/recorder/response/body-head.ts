/** The head of a response whose body is the dump. */
import { basename } from 'node:path'
import type { BodyAsked } from '../gate/trigger.js'

/** What is sent in place of the body, and the dump's file. */
export interface Report {
  readonly bytes: Uint8Array
  readonly file: string
}

/**
 * The same status line and headers, those of the body apart. The report has its own policy in it.
 */
export function headWith(head: string, ours: readonly string[]): string {
  const [statusLine, ...lines] = head.trimEnd().split('\r\n')
  const kept = lines.filter((line) => {
    const name = line.slice(0, line.indexOf(':')).trim().toLowerCase()
    return !OF_THE_BODY.has(name) && !OF_A_CACHE.test(name)
  })
  return `${[statusLine, ...kept, ...ours].join('\r\n')}\r\n\r\n`
}

/** A browser keeps a dump as the file that it is; its name is of our making. */
export function headersOf({ bytes, file }: Report, body: BodyAsked): string[] {
  const type = body === 'html' ? 'text/html; charset=utf-8' : 'application/json'
  const name = basename(file)
  return [
    `Content-Type: ${type}`,
    `Content-Length: ${bytes.length}`,
    ...(body === 'html' ? [] : [`Content-Disposition: attachment; filename="${name}"`]),
    'Cache-Control: no-store',
    "Content-Security-Policy: frame-ancestors 'self'",
    'Cross-Origin-Resource-Policy: same-origin',
  ]
}

// --- internal ---

/** What the app said of its own body, or would have done with it. */
const OF_THE_BODY: ReadonlySet<string> = new Set([
  ...['content-type', 'content-length', 'content-encoding', 'content-disposition'],
  ...['content-range', 'content-language', 'content-location', 'content-md5', 'content-digest'],
  ...['repr-digest', 'digest', 'transfer-encoding', 'trailer', 'accept-ranges', 'etag'],
  ...['last-modified', 'expires', 'pragma', 'age', 'x-accel-expires', 'edge-control'],
  ...['link', 'refresh'],
  // In place of the body a proxy would send a file.
  ...['x-accel-redirect', 'x-sendfile', 'x-lighttpd-send-file', 'sourcemap', 'x-sourcemap'],
  ...['content-security-policy', 'content-security-policy-report-only'],
  // Who may read the app's own answer from another site may not read the report.
  ...['access-control-allow-origin', 'access-control-allow-credentials'],
  ...['access-control-expose-headers', 'cross-origin-resource-policy', 'timing-allow-origin'],
])

/** CDNs put their own before `no-store`: `CDN-Cache-Control`, `Surrogate-Control`. */
const OF_A_CACHE = /(^|-)(cache|surrogate)-control$/
