/** Who says what a request's route is, where the framework is not alone with it. */
import type { Settings } from './options.js'
import type { IncomingRequest, RouteOf } from './request.js'
import type { RoutePattern } from './route-patterns.js'

/** The app's `route(req)`, then the framework, then the patterns of `routes`. */
export function withRoutes(ofFramework: RouteOf, { route, routes }: Settings): RouteOf {
  if (route === null && routes === null) return ofFramework
  const said = route === null ? NO_ROUTE : (request: IncomingRequest) => saidOf(route, request)
  const matched = routes === null ? NO_ROUTE : (request: IncomingRequest) => match(routes, request)
  return (request) => said(request) || ofFramework(request) || matched(request)
}

/** A route as somebody gives it: one text, not too long. */
export function routeText(given: unknown): string {
  return typeof given === 'string' ? given.slice(0, LONGEST) : ''
}

// --- internal ---

const LONGEST = 500
const NO_ROUTE = () => ''

function saidOf(route: NonNullable<Settings['route']>, request: IncomingRequest): string {
  try {
    return routeText(route(request as never))
  } catch {
    // A failing callback costs its route only.
    return ''
  }
}

function match(routes: readonly RoutePattern[], request: IncomingRequest): string {
  try {
    const url = request.originalUrl ?? request.url ?? ''
    const end = url.search(/[?#]/)
    const path = end < 0 ? url : url.slice(0, end)
    return routes.find(({ fits }) => fits.test(path))?.pattern ?? ''
  } catch {
    // What the app has put there is no address.
    return ''
  }
}
