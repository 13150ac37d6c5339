import type { IncomingRequest } from '../recorder/request.js'
import type { Routed } from './router-tree.js'

/** Where a request is in its app. */
export interface Whereabouts {
  /** All of its path, as the routers have it: the app may have changed it on the way. */
  readonly path: string
  /** What they have taken of it; '' outside of all that is mounted below a path. */
  readonly baseUrl: string
  /** The app in which it is, and those around it. */
  readonly apps: readonly Routed[]
  readonly request: IncomingRequest
}

/** A request of Express, or of a router that sets the same. */
export interface RoutedRequest extends IncomingRequest {
  baseUrl?: string
  route?: { readonly path?: unknown }
  params?: unknown
  readonly app?: unknown
}

export function whereaboutsOf(request: RoutedRequest): Whereabouts {
  const { baseUrl = '', url = '', app } = request
  const apps: Routed[] = []
  for (let at = app as Routed | undefined; at && !apps.includes(at); at = at.parent) apps.push(at)
  return { path: baseUrl + pathIn(url), baseUrl, apps, request }
}

/** Where its path may have begun: the outermost app, or what the server calls. */
export function startsOf({ apps, request }: Whereabouts): Set<Routed> {
  return new Set([...apps.slice(-1), ...apps.slice(0, 1), ...calledBy(request)])
}

// --- internal ---

function calledBy({ socket }: IncomingRequest): Routed[] {
  try {
    const { server } = socket as { server?: { listeners(event: string): unknown[] } }
    return (server?.listeners('request') ?? []) as Routed[]
  } catch {
    // Of HTTP/2, and gone.
    return []
  }
}

/** Of `/a/b?c`, and of `http://host/a/b?c`. */
function pathIn(url: string): string {
  const path = url.startsWith('/') ? url : url.replace(/^[^?]*?:\/\/[^/?]*/, '')
  const end = path.search(/[?#]/)
  return end < 0 ? path : path.slice(0, end)
}
