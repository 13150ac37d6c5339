/** Routes of Next, which keeps what it has matched on the request. */
import type { RouteOf } from '../recorder/request.js'

/** `/users/[id]`; '' also of other frameworks. */
export const routeOfNext: RouteOf = (request) => {
  try {
    const { match, invokeOutput } = (request as { [META]?: Meta })[META] ?? {}
    const pathname = match?.definition?.pathname
    if (typeof pathname !== 'string') return ''
    if (!STAND_INS.has(pathname)) return pathname
    return typeof invokeOutput === 'string' && !STAND_INS.has(invokeOutput) ? invokeOutput : ''
  } catch {
    // Not what Next has put there.
    return ''
  }
}

// --- internal ---

const META = Symbol.for('NextInternalRequestMeta')

/** What Next matches instead of a page that has failed, or where there is none. */
const STAND_INS: ReadonlySet<string> = new Set(['/404', '/500', '/_error', '/_not-found'])

interface Meta {
  readonly match?: { readonly definition?: { readonly pathname?: unknown } }
  /** The page that the path led to, whatever became of it. */
  readonly invokeOutput?: unknown
}
