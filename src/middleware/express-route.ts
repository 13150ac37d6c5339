/**
 * The route pattern of a request (`/users/:id`) and never the path itself: a path holds what dumps
 * must not (names, ids, tokens). The request knows its route and its path, and the app's own
 * routers which layers, mounted where, lead such a path to the route: nothing has to be noted while
 * the request lasts.
 */

import type { IncomingRequest } from '../recorder/request.js'
import { placeOf, type Route, writtenPath } from './route-places.js'
import { lead, patternOf } from './router-tree.js'
import { type RoutedRequest, startsOf, type Whereabouts, whereaboutsOf } from './whereabouts.js'

/** As the recorder asks for it. */
export function routeOf(request: IncomingRequest): string {
  try {
    const { route, baseUrl, params } = request as RoutedRequest
    if (typeof route === 'object' && route !== null) {
      // Of a framework that mounts nothing.
      if (!Object.hasOwn(request, 'baseUrl')) return writtenPath(route.path)
      const at = whereaboutsOf(request)
      const place = placeOf(route as Route, at)
      if (place === null) return `*${writtenPath(route.path)}`
      // It has left the route, and was answered where something else is mounted.
      const taken = place.taken(at.path)
      const isElsewhere = taken >= 0 && at.baseUrl.length > taken
      return (isElsewhere ? patternBelow(at, params, false) : null) ?? place.pattern(at.path)
    }
    if (route === undefined && baseUrl) {
      return patternBelow(whereaboutsOf(request), params, true) ?? ''
    }
  } catch {
    // What the app has put there is no router's.
  }
  return ''
}

// --- internal ---

/**
 * Below which pattern the request was answered by what no route is: `/static` of
 * `app.use('/static', serve)`. Several layers may lead there; the last one has set the parameters.
 * Null where none is found, or it is only for errors and such do not count.
 */
function patternBelow(at: Whereabouts, params: unknown, countErrors: boolean): string | null {
  const { path, baseUrl, apps } = at
  const search = { path, route: null, apps, strays: [] }
  for (const start of startsOf(at)) {
    let best: string | null = null
    let least = Number.POSITIVE_INFINITY
    lead(start, search, ({ handle }, { ways, taken }) => {
      if (taken !== baseUrl.length) return false
      if (!countErrors && typeof handle === 'function' && handle.length > 3) return false
      const pattern = patternOf(ways, path)
      const last = ways.at(-1)?.pattern(path) ?? ''
      const difference = strangers(last, params) * MANY + parametersIn(pattern).length
      if (difference < least) {
        least = difference
        best = pattern
      }
      return false
    })
    if (best !== null) return best
  }
  return null
}

/** More parameters than any path has. */
const MANY = 1000

/** How many parameters are in one of the two only; those of routers around are merged at most. */
function strangers(pattern: string, params: unknown): number {
  const names = parametersIn(pattern)
  const given = Object.keys(params ?? {})
  const missing = names.filter((name) => !given.includes(name))
  return missing.length + given.filter((name) => !names.includes(name)).length
}

function parametersIn(pattern: string): string[] {
  return Array.from(pattern.matchAll(/[:*](\w+)/g), ([, name]) => name!)
}
