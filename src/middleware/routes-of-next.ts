/** Routes of Next, which keeps what it has matched on the request. */
import type { RouteOf } from '../recorder/request.js'

/** `/users/[id]`; '' also of other frameworks. */
export const routeOfNext: RouteOf = (request) => {
  try {
    const meta = (request as { [META]?: Meta })[META]
    const pathname = meta?.match?.definition?.pathname
    return typeof pathname === 'string' ? pathname : ''
  } catch {
    // Not what Next has put there.
    return ''
  }
}

// --- internal ---

const META = Symbol.for('NextInternalRequestMeta')

interface Meta {
  readonly match?: { readonly definition?: { readonly pathname?: unknown } }
}
