/**
 * The routers of an app, one below the other: a path is led through them as they would lead a
 * request.
 */

import { type Layer, type Way, waysOf } from './router-layers.js'

/** An app of Express 4 or 5, or a router. */
export interface Routed {
  readonly stack?: readonly Layer[]
  readonly router?: Routed
  readonly _router?: Routed
  /** The app below which this one is mounted, last of all. */
  readonly parent?: Routed
  readonly mountpath?: unknown
}

/** What is looked for, and where it may be. */
export interface Search {
  /** Null: any. */
  readonly path: string | null
  /** Null: what no route is. */
  readonly route: object | null
  /** Apps, some of which Express has mounted in a function that knows them. */
  readonly apps: readonly Routed[]
  /** Routers that may be in any function. */
  readonly strays: readonly Routed[]
}

/** Asked of each layer that is on the way, and no route but the one looked for; true: enough. */
export type See = (layer: Layer, at: Spot) => boolean

export interface Spot {
  /** Of the layers on the way here; of a layer that is no route, its own is the last. */
  readonly ways: readonly Way[]
  /** How much of the path they have taken. */
  readonly taken: number
  /** What the layer leads to is not to be seen: any function. */
  readonly isOpaque: boolean
  /** An app has led here that may be mounted elsewhere. */
  readonly isDoubtful: boolean
}

/** Goes through all layers, from the outermost app on. Has it been enough? */
export function lead(from: Routed, search: Search, see: See): boolean {
  return leadOn(search, see, from, NOWHERE, DEEPEST)
}

/** The router of an app, or what is one itself. */
export function routerOf(app: Routed): Routed | undefined {
  // Asked for its `router`, Express 4 throws.
  return app.stack ? app : (app._router ?? app.router)
}

/** How much of a path the ways take; -1 where they are not for it. */
export function takenBy(ways: readonly Way[], path: string): number {
  let taken = 0
  for (const way of ways) {
    const more = way.taken(restOf(path, taken))
    if (more < 0) return -1
    taken += more
  }
  return taken
}

/** As the app has written the ways, `*` for what cannot be told. */
export function patternOf(ways: readonly Way[], path: string): string {
  let pattern = ''
  let taken = 0
  for (const way of ways) {
    const rest = restOf(path, taken)
    pattern += way.pattern(rest) ?? '*'
    taken += Math.max(0, way.taken(rest))
  }
  return pattern
}

export function restOf(path: string, taken: number): string {
  return taken === 0 ? path : path.slice(taken) || '/'
}

// --- internal ---

const NOWHERE: Spot = { ways: [], taken: 0, isOpaque: false, isDoubtful: false }

/** Of routers in routers; one may be in itself. */
const DEEPEST = 16

function leadOn(search: Search, see: See, app: Routed, here: Spot, depth: number): boolean {
  const rest = search.path === null ? null : restOf(search.path, here.taken)
  for (const layer of stackOf(app)) {
    if (layer.route) {
      if (layer.route === search.route && fits(layer, rest) && see(layer, here)) return true
      continue
    }
    for (const way of waysOf(layer)) {
      const taken = rest === null ? 0 : way.taken(rest)
      if (taken < 0) continue
      const below = childOf(layer, app, search.apps)
      const there = further(here, way, taken, below, layer)
      if (see(layer, there) || leadInto(search, see, below, there, depth - 1)) return true
      // Of several ways, a path goes the first.
      if (rest !== null) break
    }
  }
  return false
}

function leadInto(
  search: Search,
  see: See,
  below: Routed | null,
  here: Spot,
  depth: number,
): boolean {
  if (depth < 0) return false
  if (below !== null) return leadOn(search, see, below, here, depth)
  // Any of them may be here. That one is in a function of another is not looked into.
  const alone = { ...search, strays: [] }
  return search.strays.some((stray) => leadOn(alone, see, stray, here, depth))
}

function fits(layer: Layer, path: string | null): boolean {
  return path === null || waysOf(layer).some((way) => way.taken(path) >= 0)
}

function further(here: Spot, way: Way, taken: number, below: Routed | null, layer: Layer): Spot {
  return {
    ways: [...here.ways, way],
    taken: here.taken + taken,
    isOpaque: below === null,
    isDoubtful: here.isDoubtful || (below !== null && !isAt(below, layer, way)),
  }
}

function childOf(layer: Layer, app: Routed, apps: readonly Routed[]): Routed | null {
  const { handle } = layer
  if (Array.isArray((handle as Routed | undefined)?.stack)) return handle as Routed
  const isApp = (other: Routed) =>
    other === handle || (layer.name === 'mounted_app' && other.parent === app)
  return apps.find(isApp) ?? null
}

/** Is that where the app below was mounted last? */
function isAt(below: Routed, { handle }: Layer, way: Way): boolean {
  if (below === handle) return true
  return [below.mountpath].flat().some((path) => {
    // A layer that does not know its pattern tells it of paths: this one, as if it were one.
    const written = String(path).replace(/\/$/, '')
    return written.toLowerCase() === way.pattern(written)?.toLowerCase()
  })
}

function stackOf(app: Routed): readonly Layer[] {
  const stack = routerOf(app)?.stack
  return Array.isArray(stack) ? stack : []
}
