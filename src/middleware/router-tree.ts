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

/** Asked of every layer that the path leads to; true: no more need be asked. */
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

/**
 * Leads a path, or null for any, from the outermost app on. What is mounted by Express hides in a
 * function; it is one of `mounted`, if it is known.
 */
export function lead(
  from: Routed,
  path: string | null,
  mounted: readonly Routed[],
  see: See,
): boolean {
  return leadOn({ path, mounted, see }, from, NOWHERE, DEEPEST)
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

interface Search {
  readonly path: string | null
  readonly mounted: readonly Routed[]
  readonly see: See
}

const NOWHERE: Spot = { ways: [], taken: 0, isOpaque: false, isDoubtful: false }

/** Of routers in routers; one may be in itself. */
const DEEPEST = 16

function leadOn(search: Search, app: Routed, here: Spot, depth: number): boolean {
  const { path, mounted, see } = search
  const rest = path === null ? null : restOf(path, here.taken)
  for (const layer of stackOf(app)) {
    const ways = waysOf(layer)
    const way = rest === null ? ways[0] : ways.find((way) => way.taken(rest) >= 0)
    if (way === undefined) continue
    if (layer.route) {
      if (see(layer, here)) return true
      continue
    }
    const below = childOf(layer, app, mounted)
    const there = {
      ways: [...here.ways, way],
      taken: here.taken + (rest === null ? 0 : way.taken(rest)),
      isOpaque: below === null,
      isDoubtful: here.isDoubtful || (below !== null && !isAt(below, layer, way)),
    }
    if (see(layer, there)) return true
    if (below !== null && depth > 0 && leadOn(search, below, there, depth - 1)) return true
  }
  return false
}

function childOf(layer: Layer, app: Routed, mounted: readonly Routed[]): Routed | null {
  const { handle } = layer
  if (Array.isArray((handle as Routed | undefined)?.stack)) return handle as Routed
  const isApp = (other: Routed) =>
    other === handle || (layer.name === 'mounted_app' && other.parent === app)
  return mounted.find(isApp) ?? null
}

/** Is that where the app below was mounted last? */
function isAt(below: Routed, { handle }: Layer, way: Way): boolean {
  if (below === handle || below.mountpath === '/') return true
  return [below.mountpath].flat().some((path) => path === way.pattern(''))
}

function stackOf(app: Routed): readonly Layer[] {
  // Asked for its `router`, Express 4 throws.
  const stack = app.stack ?? (app._router ?? app.router)?.stack
  return Array.isArray(stack) ? stack : []
}
