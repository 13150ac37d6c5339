/**
 * Where a route is mounted. It does not know it itself, and a router may be mounted at several
 * places: the app's routers are searched once, and what was found is then held against the path.
 */

import { type Layer, type Way, waysOf } from './router-layers.js'
import { lead, patternOf, type Routed, restOf, type See, takenBy } from './router-tree.js'
import { lookForStrays, stopLooking, strayRouters } from './stray-routers.js'
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
  /** Asked about last, several times in a row. */
  #path: string | null = null
  #taken = -1

  constructor(ways: readonly Way[], last: readonly Way[], route: Route) {
    this.#ways = ways
    this.#last = last
    this.#route = route
  }

  /** How much of the path is taken before the route; -1 where it leads elsewhere. */
  taken(path: string): number {
    if (path !== this.#path) {
      this.#path = path
      this.#taken = takenBy(this.#ways, path)
    }
    return this.#taken
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
  const place = choose(places.get(route) ?? [], at) ?? findUnlessLost(route, at)
  if (place !== null) return place
  // The app may have changed the path meanwhile.
  const [known, other] = places.get(route) ?? []
  return other === undefined ? (known ?? null) : null
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

/** How often each route has not been found. */
const failures = new WeakMap<Route, number>()

/** After so many it is seldom looked for. */
const MOST_FAILURES = 8
const SELDOM = 64

function findUnlessLost(route: Route, at: Whereabouts): Place | null {
  const before = failures.get(route) ?? 0
  const place = before > MOST_FAILURES && before % SELDOM !== 0 ? null : find(route, at)
  if (place !== null) return place
  failures.set(route, before + 1)
  const isNowhere = places.get(route)?.length === 0
  if (isNowhere && before < MOST_FAILURES) lookForStrays([...startsOf(at), ...at.apps])
  return null
}

function find(route: Route, at: Whereabouts): Place | null {
  let found: Place[] = []
  const starts = [...startsOf(at)]
  for (const start of starts) {
    found = [...found, ...placesFrom(start, route, at)].slice(0, MOST_PLACES)
    const place = choose(found, at)
    if (place !== null) return remember(found, place, route)
  }
  const hidden = hiddenPlace(starts, route, at) ?? strayPlace(starts, route, at)
  if (hidden === null) return remember(found, null, route)
  // Where it has been left, several places may fit.
  const isThere = hidden.taken(at.path) === at.baseUrl.length
  return isThere ? remember([...found, hidden], hidden, route) : hidden
}

function remember(found: readonly Place[], place: Place | null, route: Route): Place | null {
  places.set(route, found)
  return place
}

function placesFrom(start: Routed, route: Route, { apps }: Whereabouts): Place[] {
  const found: Place[] = []
  const doubtful: Place[] = []
  lead(start, { path: null, route, apps, strays: [] }, (layer, { ways, isDoubtful }) => {
    if (!layer.route) return false
    const list = isDoubtful ? doubtful : found
    list.push(new Place(ways, waysOf(layer), route))
    return list.length >= MOST_PLACES
  })
  return [...found, ...doubtful]
}

/** Where the route’s router is in no other, but in some function that the path leads to. */
function hiddenPlace(starts: readonly Routed[], route: Route, at: Whereabouts): Place | null {
  const { path, baseUrl, apps } = at
  const last = ownWaysOf(route)
  let [best, most] = [null as Place | null, -1]
  const look = (ways: readonly Way[], taken: number) => {
    if (taken <= most || (baseUrl !== '' && taken !== baseUrl.length)) return
    const place = new Place(ways, last, route)
    if (place.isAimOf(path)) [best, most] = [place, taken]
  }
  look([], 0)
  for (const start of starts) {
    lead(start, { path, route: null, apps, strays: [] }, (_layer, { ways, taken, isOpaque }) => {
      if (isOpaque) look(ways, taken)
      return false
    })
  }
  return best
}

/** Where it is in a router that is in a router, and the one around is in some function. */
function strayPlace(starts: readonly Routed[], route: Route, at: Whereabouts): Place | null {
  const { path, baseUrl, apps } = at
  let found: Place | null = null
  const see: See = (layer, { ways, taken }) => {
    if (!layer.route || (baseUrl !== '' && taken !== baseUrl.length)) return false
    found = new Place(ways, waysOf(layer), route)
    return true
  }
  const strays = strayRouters(starts, apps)
  if (strays.length === 0) return null
  if (starts.some((start) => lead(start, { path, route, apps, strays }, see))) stopLooking()
  return found
}

/** Asked of a layer of our own, which the router's own class makes. */
function ownWaysOf(route: Route): readonly Way[] {
  const other = route.stack?.[0]
  if (other === undefined) return []
  const Made = other.constructor as new (path: unknown, options: object, fn: () => void) => Layer
  return waysOf(Object.assign(new Made(route.path, { end: true }, () => {}), { route }))
}

function join(mount: string, path: string): string {
  return path === '/' && mount !== '' ? mount : mount + path
}
