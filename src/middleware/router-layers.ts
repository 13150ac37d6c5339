/**
 * Layers of the routers of Express 4 and 5, and of the package `router`: where each begins, and how
 * the app has written that.
 */

import { type Matcher, patternOfProbes } from './probed-pattern.js'
import { isMade, writtenPattern } from './written-pattern.js'

export interface Layer {
  readonly route?: object | undefined
  readonly handle?: unknown
  /** Of `handle`, also where somebody has wrapped that since. */
  readonly name?: string
  /** Of Express 5: takes any path. */
  readonly slash?: boolean
  /** Of Express 5, one for each path of the layer. */
  readonly matchers?: readonly Matcher[]
  /** Of `router` 2.3 and later: as the app has written it. */
  readonly rawPath?: unknown
  /** Of Express 4, made from all its paths. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean }
  readonly keys?: readonly { readonly name: string | number }[]
}

/** One path of a layer; it may have several (`app.use(['/a', '/b'], …)`). */
export interface Way {
  /** How much of a path it takes; -1 where it is not for that path. */
  taken(path: string): number
  /** As the app has written it, for a path that it takes; null where that cannot be told. */
  pattern(path: string): string | null
}

/** Without side effects on the layer, which belongs to the app. */
export function waysOf(layer: Layer): readonly Way[] {
  let ways = known.get(layer)
  if (ways === undefined) {
    ways = makeWays(layer)
    known.set(layer, ways)
  }
  return ways
}

// --- internal ---

const known = new WeakMap<Layer, readonly Way[]>()

const ANY: Way = { taken: () => 0, pattern: () => '' }

function makeWays(layer: Layer): readonly Way[] {
  const { slash, matchers, rawPath, regexp, keys = [] } = layer
  const way = (match: Match, pattern: string | Way['pattern']) =>
    makeWay(match, pattern, !layer.route)
  if (slash || regexp?.fast_slash) return [ANY]
  if (regexp !== undefined) {
    let nextKey = 0
    return alternativesOf(regexp).map((alternative) => {
      const written = writtenPattern(alternative, () => keys[nextKey++]?.name ?? '')
      return way((path) => alternative.exec(path)?.[0], written ?? String(alternative))
    })
  }
  const paths = rawPath === undefined ? [] : [rawPath].flat(Number.POSITIVE_INFINITY)
  return (matchers ?? []).map((matcher, i) => {
    const path = paths[i]
    if (path instanceof RegExp) {
      const own = unshared(path)
      return way((path) => own.exec(path)?.[0], String(path))
    }
    const take = (path: string) => matcher(path) || undefined
    if (typeof path === 'string') return way((at) => take(at)?.path, path.replace(/\/+$/, ''))
    return way(
      (at) => take(at)?.path,
      (at) => patternOfProbes(matcher, at),
    )
  })
}

/** The part of a path that it takes. */
type Match = (path: string) => string | undefined

/** `isMount`: it takes what the path begins with, and not the whole of it. */
function makeWay(match: Match, pattern: string | Way['pattern'], isMount: boolean): Way {
  // Most are plain text.
  const literal = isMount && typeof pattern === 'string' && PLAIN.test(pattern) ? pattern : null
  return {
    taken(path) {
      if (literal !== null && path.startsWith(literal)) {
        const at = path[literal.length]
        if (at === undefined || at === '/') return literal.length
      }
      let text: string | undefined
      try {
        text = match(path)
      } catch {
        // What cannot be decoded is for nobody.
      }
      if (text === undefined) return -1
      if (!isMount) return path.length
      if (!path.startsWith(text)) return -1
      const length = text.endsWith('/') ? text.length - 1 : text.length
      return endsAt(path, text.length) || endsAt(path, length) ? length : -1
    },
    pattern: typeof pattern === 'string' ? () => pattern : pattern,
  }
}

const PLAIN = /^(?:\/[\w-]+)+$/

/** Express 4 takes what follows a dot for a path, too. */
function endsAt(path: string, at: number): boolean {
  return at === path.length || path[at] === '/' || path[at] === '.'
}

/** Express 4 has joined the sources of a list. */
function alternativesOf(regexp: RegExp): RegExp[] {
  const joined = /^\(\?:(\^.*)\)$/.exec(regexp.source)?.[1] ?? regexp.source
  const sources = joined.split(/\|(?=\^)/)
  // What the app has written itself is left in one piece.
  return sources.length > 1 && sources.every(isMade)
    ? sources.map((source) => unshared(new RegExp(source, regexp.flags)))
    : [unshared(regexp)]
}

/** One that remembers nothing of where it matched. */
function unshared(regexp: RegExp): RegExp {
  return new RegExp(regexp.source, regexp.flags.replace(/[gy]/g, ''))
}
