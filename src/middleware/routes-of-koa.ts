/**
 * Routes of Koa. Its routers leave them on a context that the request does not know; our plugin is
 * given it, and where there is none the contexts are noted when Koa makes them.
 */
import type { IncomingRequest, RouteOf } from '../recorder/request.js'
import { apply } from '../sampler/async/method-patch.js'
import { ModulePatches, prototypeOf } from '../sampler/async/module-patches.js'
import { createTags } from '../sampler/async/object-tags.js'
import { writtenPath } from './route-places.js'

/** Of every Koa that has been loaded until now. */
export function noteContextsOfKoa(): void {
  if (isOn) return applications.look()
  isOn = true
  applications.enable()
}

export function noteContext(request: object, context: object): void {
  contexts.set(request, context)
}

/** Of @koa/router, koa-router and koa-mount, as long as the context lives. */
export const routeOfKoa: RouteOf = (request) => {
  try {
    const context = contexts.get(request)
    const route = writtenPath(context?._matchedRoute)
    return route === '' ? '' : mountOf(request, context!) + route
  } catch {
    // What the app has put there is no router's.
    return ''
  }
}

// --- internal ---

/** What routers and mounts leave on a context. */
interface Context {
  /** With the prefixes of the routers that it is in. */
  readonly _matchedRoute?: unknown
  readonly matched?: readonly { readonly path: unknown; match?(path: string): boolean }[]
  /** Of the app below which a router is; it sees the rest of the path only. */
  readonly mountPath?: string
}

const contexts = createTags<Context>()

/** What leads to the router that has the route; '' where that sees all of the path. */
function mountOf(request: IncomingRequest, { _matchedRoute, matched, mountPath }: Context): string {
  const [path = ''] = (request.originalUrl ?? request.url ?? '').split('?', 1)
  const layer = matched?.find((each) => each.path === _matchedRoute)
  const isBelow = layer !== undefined && layer.match?.(path) !== true
  if (!isBelow || typeof mountPath !== 'string') return ''
  // Of mounts in mounts the context tells the innermost.
  const innermost = mountPath.replace(/\/$/, '')
  for (let end = path.indexOf('/', 1); end !== -1; end = path.indexOf('/', end + 1)) {
    const prefix = path.slice(0, end)
    if (prefix.endsWith(innermost) && layer.match?.(path.slice(end)) === true) return prefix
  }
  return mountPath
}

let isOn = false
const applications = new ModulePatches([
  {
    path: /[\\/]koa[\\/]lib[\\/]application\.js$/,
    prototypeOf,
    methods: {
      createContext: (original, patch) =>
        function createContext(...args) {
          const context = apply(original, this, args) as { readonly req?: object } | undefined
          if (patch.active && context?.req) noteContext(context.req, context)
          return context
        },
    },
  },
])
