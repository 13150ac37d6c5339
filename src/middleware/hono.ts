import type { ProfilerCounts } from '../recorder/handling.js'
import type { ProfilerOptions } from '../recorder/options.js'
import type { IncomingRequest, OutgoingResponse } from '../recorder/request.js'
import { openRequests } from '../recorder/requests.js'
import { resolveOptions } from '../recorder/resolve-options.js'
import { createTags } from '../sampler/async/object-tags.js'
import { restOfApp } from './rest-of-app.js'

export type { ProfilerOptions }

/** What is needed of Hono's context. */
export interface HonoContext {
  /** @hono/node-server puts Node's request and response here, as `incoming` and `outgoing`. */
  readonly env: unknown
  readonly req: object
}

export interface HonoProfiler {
  (context: HonoContext, next: () => Promise<void>): Promise<void>
  readonly counts: Readonly<ProfilerCounts>
}

/**
 * Middleware for Hono on Node (@hono/node-server). Mount it first.
 *
 *     app.use(profiler())        // then: curl 'localhost:3000/users/7?profile=1'
 *
 * On another runtime, and for `app.request()`, there is no request of Node's: all pass through.
 * Callbacks of the options are given Node's request. Throws BAD_OPTION for an option that cannot be
 * right; after that it never throws, and where it cannot profile it calls `next`.
 */
export function profiler(options: ProfilerOptions = {}): HonoProfiler {
  const requests = openRequests(resolveOptions(options as ProfilerOptions<never>), routeOf)
  return Object.assign(
    async function profiler(context: HonoContext, next: () => Promise<void>): Promise<void> {
      const { incoming, outgoing } = (context.env ?? {}) as Bindings
      if (incoming === undefined || outgoing === undefined) return next()
      routed.set(incoming, context.req)
      // What it resolves to would be taken for a response.
      await restOfApp(requests, incoming, outgoing, next)
    },
    { counts: requests.counts },
  )
}

// --- internal ---

interface Bindings {
  readonly incoming?: IncomingRequest
  readonly outgoing?: OutgoingResponse
}

interface HonoRequest {
  /** Of the path: middleware and handlers, in the order in which they are called. */
  readonly matchedRoutes?: readonly { readonly path: string; readonly method: string }[]
  /** Of the last one that has been called. */
  readonly routeIndex?: number
}

const routed = createTags<HonoRequest>()

/** Middleware is for any method; where it answers itself, or nobody does, it is no route. */
function routeOf(request: IncomingRequest): string {
  try {
    const { matchedRoutes = [], routeIndex = 0 } = routed.get(request) ?? {}
    const route = matchedRoutes[routeIndex]
    const isMiddleware = route?.method === 'ALL' && /(^|\/)\*$/.test(route.path)
    return route === undefined || isMiddleware ? '' : route.path
  } catch {
    // Another Hono than this is about.
    return ''
  }
}
