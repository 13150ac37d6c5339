/**
 * Where a route is mounted. It does not know it itself, and a router may be mounted at several
 * places: the app's routers are searched once, and what was found is then held against the path.
 */

import { type Layer, type Way, waysOf } from './router-layers.js'
import { lead, patternOf, type Routed, restOf, takenBy } from './router-tree.js'
import { startsOf, type Whereabouts } from './whereabouts.js'

export interface Route {
  readonly path?: unknown
  readonly stack?: readonly Layer[]
}

export class Place {
  /** Of the layers through which the route is reached. */
  readonly #ways: readonly Way[]
  /** Of the route itself. */
  readonly #last: readonly Way[]
  readonly #route: Route
  #pattern: string | null = null

  constructor(ways: readonly Way[], last: readonly Way[], route: Route) {
    this.#ways = ways
    this.#last = last
    this.#route = route
  }

  /** How much of the path is taken before the route; -1 where it leads elsewhere. */
  taken(path: string): number {
    return takenBy(this.#ways, path)
  }

  /** Does all of the path lead to the route? */
  isAimOf(path: string): boolean {
    const taken = this.taken(path)
    return taken >= 0 && this.#last.some((way) => way.taken(restOf(path, taken)) >= 0)
  }

  pattern(path: string): string {
    this.#pattern ??= join(patternOf(this.#ways, path), writtenPath(this.#route.path))
    return this.#pattern
  }
}

/** Null where nothing is known of how the request has come to the route. */
export function placeOf(route: Route, at: Whereabouts): Place | null {
  const known = places.get(route) ?? []
  const place = choose(known, at) ?? find(route, at)
  // The app may have changed the path meanwhile.
  return place ?? (known.length === 1 ? known[0]! : null)
}

/** A path of the app's as a text. */
export function writtenPath(path: unknown): string {
  if (typeof path === 'string') return path
  if (path instanceof RegExp) return String(path)
  return Array.isArray(path) ? path.map(writtenPath).join('|') : ''
}

// --- internal ---

const places = new WeakMap<Route, readonly Place[]>()

/** Of one route. */
const MOST_PLACES = 64

/** The one in which the request is, or else, if it has left its route, that it was in. */
function choose(known: readonly Place[], { path, baseUrl }: Whereabouts): Place | null {
  const isThere = (place: Place) => place.taken(path) === baseUrl.length
  if (known.length === 1 && isThere(known[0]!)) return known[0]!
  const aims = known.filter((place) => place.isAimOf(path))
  return aims.find(isThere) ?? aims[0] ?? known.find(isThere) ?? null
}

function find(route: Route, at: Whereabouts): Place | null {
  let found: Place[] = []
  for (const start of startsOf(at)) {
    found = [...found, ...placesFrom(start, route, at)].slice(0, MOST_PLACES)
    const place = choose(found, at)
    if (place === null) continue
    places.set(route, found)
    return place
  }
  const hidden = hiddenPlace(route, at)
  if (hidden !== null || found.length > 0) places.set(route, hidden === null ? found : [hidden])
  return hidden
}

function placesFrom(start: Routed, route: Route, { apps }: Whereabouts): Place[] {
  const found: Place[] = []
  const doubtful: Place[] = []
  lead(start, null, apps, (layer, { ways, isDoubtful }) => {
    if (layer.route !== route) return false
    const list = isDoubtful ? doubtful : found
    list.push(new Place(ways, waysOf(layer), route))
    return list.length >= MOST_PLACES
  })
  return [...found, ...doubtful]
}

/** Where the route’s router is in no other, but in some function that the path leads to. */
function hiddenPlace(route: Route, at: Whereabouts): Place | null {
  const { path, baseUrl } = at
  const last = ownWaysOf(route)
  if (last === null) return null
  for (const start of startsOf(at)) {
    let found: Place | null = null
    lead(start, path, at.apps, ({ route: other }, { ways, taken, isOpaque }) => {
      if (other || !isOpaque || (baseUrl !== '' && taken !== baseUrl.length)) return false
      const place = new Place(ways, last, route)
      if (place.isAimOf(path)) found = place
      return found !== null
    })
    if (found !== null) return found
  }
  const alone = new Place([], last, route)
  return baseUrl === '' && alone.isAimOf(path) ? alone : null
}

/** Asked of a layer of our own, which the router's own class makes. */
function ownWaysOf(route: Route): readonly Way[] | null {
  const other = route.stack?.[0]
  if (other === undefined) return null
  const Made = other.constructor as new (path: unknown, options: object, fn: () => void) => Layer
  return waysOf(Object.assign(new Made(route.path, { end: true }, () => {}), { route }))
}

function join(mount: string, path: string): string {
  return path === '/' && mount !== '' ? mount : mount + path
}
