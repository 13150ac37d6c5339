import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ProfilerCounts } from '../recorder/handling.js'
import type { ProfilerOptions } from '../recorder/options.js'
import type { IncomingRequest } from '../recorder/request.js'
import { openRequests } from '../recorder/requests.js'
import { resolveOptions } from '../recorder/resolve-options.js'
import { createTags } from '../sampler/async/object-tags.js'
import { restOfApp } from './rest-of-app.js'

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
  const requests = openRequests(resolveOptions(options as ProfilerOptions<never>), routeOf)
  return Object.assign(
    function profiler(context: KoaContext, next: () => Promise<unknown>): Promise<unknown> {
      contexts.set(context.req, context)
      return restOfApp(requests, context.req, context.res, next)
    },
    { counts: requests.counts },
  )
}

// --- internal ---

/** What @koa/router (and koa-router) and koa-mount leave on the context. */
interface RoutedContext extends KoaContext {
  /** With the prefixes of the routers that it is in. */
  readonly _matchedRoute?: string | RegExp
  readonly matched?: readonly { readonly path: unknown; match?(path: string): boolean }[]
  /** Of the app below which a router is; it sees the rest of the path only. */
  readonly mountPath?: string
}

const contexts = createTags<RoutedContext>()

function routeOf(request: IncomingRequest): string {
  try {
    const { _matchedRoute: route, matched, mountPath } = contexts.get(request) ?? {}
    if (route === undefined) return ''
    const [path] = (request.originalUrl ?? request.url ?? '').split('?', 1)
    const isOfAll = matched?.some((layer) => layer.path === route && layer.match?.(path!))
    return `${isOfAll === false ? (mountPath ?? '') : ''}${route}`
  } catch {
    // What the app has put there is no router's.
    return ''
  }
}
