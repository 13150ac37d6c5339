/**
 * Routes of Koa, where it is not our plugin that asks: its router leaves them on a context that the
 * request does not know.
 */
import type { RouteOf } from '../recorder/request.js'
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

/** Of @koa/router, as long as its context lives. */
export const routeOfKoa: RouteOf = (request) => {
  const context = contexts.get(request)
  if (context === null) return ''
  try {
    return writtenPath(context._matchedRoute)
  } catch {
    // Not what Koa has made.
    return ''
  }
}

// --- internal ---

interface Context {
  readonly req: object
  readonly _matchedRoute?: unknown
}

const contexts = createTags<Context>()

let isOn = false
const applications = new ModulePatches([
  {
    path: /[\\/]koa[\\/]lib[\\/]application\.js$/,
    prototypeOf,
    methods: {
      createContext: (original, patch) =>
        function createContext(...args) {
          const context = apply(original, this, args) as Context
          if (patch.active && context?.req) contexts.set(context.req, context)
          return context
        },
    },
  },
])
