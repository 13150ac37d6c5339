import type { ProfilerCounts } from '../recorder/handling.js'
import type { ProfilerOptions } from '../recorder/options.js'
import type { OutgoingResponse } from '../recorder/request.js'
import { openRequests } from '../recorder/requests.js'
import { resolveOptions } from '../recorder/resolve-options.js'
import { routeOf } from './express-route.js'
import type { RoutedRequest } from './whereabouts.js'

export type Next = (error?: unknown) => void

/**
 * What options are mostly asked about a request; `profiler<express.Request>(…)` knows all of it.
 * Elsewhere than in Express, name the type that is there.
 */
export interface ExpressRequest extends RoutedRequest {
  get(header: string): string | undefined
  readonly path: string
  readonly query: unknown
  readonly ip?: string | undefined
}

/** Options whose callbacks are given a request of Express. */
export type ExpressOptions<Request = ExpressRequest> = ProfilerOptions<Request>

export interface ProfilerMiddleware {
  (request: RoutedRequest, response: OutgoingResponse, next: Next): void
  readonly counts: Readonly<ProfilerCounts>
}

/**
 * Middleware for Express and everything Connect-shaped. Mount it first.
 *
 *     app.use(profiler())        // then: curl 'localhost:3000/users/7?profile=1'
 *
 * Throws BAD_OPTION for an option that cannot be right; after that it never throws, and where it
 * cannot profile it calls `next`.
 */
export function profiler<Request = ExpressRequest>(
  options: ExpressOptions<Request> = {},
): ProfilerMiddleware {
  const requests = openRequests(resolveOptions(options as ProfilerOptions<never>), routeOf)
  return Object.assign(
    function profiler(request: RoutedRequest, response: OutgoingResponse, next: Next): void {
      requests.handle(request, response, next)
    },
    { counts: requests.counts },
  )
}
