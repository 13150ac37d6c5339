import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
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
  (
    request: RoutedRequest | Http2ServerRequest,
    response: OutgoingResponse | Http2ServerResponse,
    next: Next,
  ): void
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
    function profiler(
      request: RoutedRequest | Http2ServerRequest,
      response: OutgoingResponse | Http2ServerResponse,
      next: Next,
    ): void {
      // What is read of them both have.
      requests.handle(request as RoutedRequest, response as OutgoingResponse, next)
    },
    { counts: requests.counts },
  )
}
