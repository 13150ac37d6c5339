import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ProfilerCounts } from '../recorder/handling.js'
import type { ProfilerOptions } from '../recorder/options.js'
import { openRequests } from '../recorder/requests.js'
import { resolveOptions } from '../recorder/resolve-options.js'
import { restOfApp } from './rest-of-app.js'
import { noteContext, routeOfKoa } from './routes-of-koa.js'

export type { ProfilerOptions }

/** What is needed of Koa's context. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
}

export interface KoaProfiler {
  (context: KoaContext, next: () => Promise<unknown>): Promise<unknown>
  readonly counts: Readonly<ProfilerCounts>
}

/**
 * Middleware for Koa. Mount it first: what is mounted before it does not belong to its requests.
 *
 *     app.use(profiler())        // then: curl 'localhost:3000/users/7?profile=1'
 *
 * Callbacks of the options are given Node's request. Throws BAD_OPTION for an option that cannot be
 * right; after that it never throws, and where it cannot profile it calls `next`.
 */
export function profiler(options: ProfilerOptions = {}): KoaProfiler {
  const requests = openRequests(resolveOptions(options as ProfilerOptions<never>), routeOfKoa)
  return Object.assign(
    function profiler(context: KoaContext, next: () => Promise<unknown>): Promise<unknown> {
      noteContext(context.req, context)
      return restOfApp(requests, context.req, context.res, next)
    },
    { counts: requests.counts },
  )
}
