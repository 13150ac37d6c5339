/**
 * Routes of Fastify, where it is not our plugin that asks: routing is done when a request's first
 * hook is called.
 */
import type { RouteOf } from '../recorder/request.js'
import { createTags } from '../sampler/async/object-tags.js'

/** What is used of an instance of Fastify 4 or 5. */
export interface FastifyLike {
  addHook(name: 'onRequest', hook: FastifyHook): unknown
}

type FastifyHook = (request: FastifyRequestLike, reply: unknown, done: () => void) => void

export interface FastifyRequestLike {
  readonly raw: object
  readonly routeOptions?: { readonly url?: string | undefined }
}

/** Of a new instance, before anything is registered with it. */
export function noteRoutesOf(fastify: FastifyLike): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    noteRoute(request)
    done()
  })
}

export function noteRoute({ raw, routeOptions }: FastifyRequestLike): void {
  const { url } = routeOptions ?? {}
  if (typeof url === 'string') routes.set(raw, url)
}

/** '' also where none has matched. */
export const routeOfFastify: RouteOf = (request) => routes.get(request) ?? ''

// --- internal ---

const routes = createTags<string>()
