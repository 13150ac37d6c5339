import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ProfilerOptions } from '../recorder/options.js'
import type { IncomingRequest } from '../recorder/request.js'
import { openRequests } from '../recorder/requests.js'
import { resolveOptions } from '../recorder/resolve-options.js'
import { createTags } from '../sampler/async/object-tags.js'

export type { ProfilerOptions }

/**
 * Plugin for Fastify 4 and 5. Register it first: hooks run in the order in which they were added.
 *
 *     app.register(profiler)     // then: curl 'localhost:3000/users/7?profile=1'
 *
 * It is for the whole app, also where a part of it registers it. Callbacks of the options are given
 * Node's request. Fails with BAD_OPTION for an option that cannot be right; after that it never
 * throws.
 */
export const profiler = Object.assign(register, {
  /** Its hook is for what is outside of a scope of its own, too. */
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'profview',
})

// --- internal ---

function register(app: object, options: ProfilerOptions, done: (error?: Error) => void): void {
  try {
    const { prefix: _prefix, logLevel: _level, logSerializers: _, ...own } = options as OfFastify
    const requests = openRequests(resolveOptions(own as ProfilerOptions<never>), routeOf)
    const onRequest: OnRequest = ({ raw, routeOptions }, reply, next) => {
      routes.set(raw, routeOptions?.url ?? '')
      requests.handle(raw, reply.raw, next)
    }
    ;(app as FastifyInstance).addHook('onRequest', onRequest)
    done()
  } catch (error) {
    done(error as Error)
  }
}

/** What Fastify lets anybody give with a plugin's own options. */
interface OfFastify extends ProfilerOptions {
  readonly prefix?: unknown
  readonly logLevel?: unknown
  readonly logSerializers?: unknown
}

interface FastifyInstance {
  addHook(name: 'onRequest', hook: OnRequest): unknown
}

/** Takes a callback and is not `async`: the rest of the app runs inside of it. */
type OnRequest = (request: FastifyRequest, reply: FastifyReply, next: () => void) => void

interface FastifyRequest {
  readonly raw: IncomingMessage
  /** Known before the hooks; no `url` where nothing has matched. */
  readonly routeOptions?: { readonly url?: string }
}

interface FastifyReply {
  readonly raw: ServerResponse
}

const routes = createTags<string>()

function routeOf(request: IncomingRequest): string {
  return routes.get(request) ?? ''
}
