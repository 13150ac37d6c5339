/**
 * Below which patterns each route is mounted, from requests that were watched: a request that was
 * not has the path alone, which must not be told.
 */

/** The pattern below which a watched request has matched the route. */
export function learnMount(route: object, pattern: string): void {
  const known = mounts.get(route)
  if (known === undefined) mounts.set(route, [pattern])
  else if (known.length < MOST && !known.includes(pattern)) known.push(pattern)
}

/**
 * The pattern of a mount path (`/users/7` → `/users/:id`); null where it is not known. A request
 * that is answered above its route's router has no path left: then it is the one there is.
 */
export function mountOf(route: object, path: string, app: object | undefined): string | null {
  if (path === '' && !mounts.has(route) && isOf(app, route)) learnMount(route, '')
  const known = mounts.get(route)
  if (known === undefined) return null
  const found = known.find((pattern) => fits(pattern, path))
  if (found !== undefined) return found
  return path === '' && known.length === 1 ? known[0]! : null
}

// --- internal ---

/** A route that is mounted at more places than this is not told of all. */
const MOST = 8

const mounts = new WeakMap<object, string[]>()

/** What is needed of an app of Express 4 and 5. */
interface App {
  readonly router?: Router | undefined
  readonly _router?: Router | undefined
}

interface Router {
  readonly stack?: readonly { readonly route?: object }[]
}

/** Is it a route of the app itself, and of no router of it? */
function isOf(app: App | undefined, route: object): boolean {
  // Asked for its `router`, Express 4 throws.
  const stack = (app?._router ?? app?.router)?.stack
  return Array.isArray(stack) && stack.some((layer) => layer.route === route)
}

/** Segment by segment; parameters stand for any text, as a whole or within a segment. */
function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split('/')
  const found = path.split('/')
  return (
    wanted.length === found.length &&
    wanted.every((segment, i) => segment.includes(':') || segment === found[i])
  )
}
