/**
 * `node --import profview/register app.js`: the requests of all HTTP servers of the process, with
 * no change to its code. Loaded into whatever Node runs, so until something serves this file is all
 * of it.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createRequire } from 'node:module'
import type { FastifyLike } from './routes-of-fastify.js'

type Servers = typeof import('./registered-servers.js')
type Fastify = typeof import('./routes-of-fastify.js')

const require = createRequire(import.meta.url)

/** What there is once for each thread, however often this is loaded. */
const SHARED = Symbol.for('profview.register.1')
/** In a program that is run: who watches its servers, loaded for the first. */
const OF_RUN = Symbol.for('profview.run-servers.1')
const shared = globalThis as { [SHARED]?: true; [OF_RUN]?: () => Servers }

/** A server is about to listen; nothing can have come to it yet. */
const LISTENS = 'tracing:net.server.listen:asyncStart'
/** A request of HTTP/1, just before the app is told: of a server that never listened itself. */
const REQUEST = 'http.server.request.start'

/** An instance of Fastify, to which nothing has been added. */
const FASTIFY = 'fastify.initialization'

const UNUSABLE =
  'requests are served unprofiled: not all files of profview can be loaded; install it anew'

let watchNew: Servers['watchServers'] | null = null

if (shared[SHARED] === undefined) {
  shared[SHARED] = true
  subscribe(LISTENS, listens)
  subscribe(REQUEST, serves)
  subscribe(FASTIFY, fastifyBegins)
}

// --- internal ---

function load(): Servers {
  return shared[OF_RUN]?.() ?? (require('./registered-servers.js') as Servers)
}

function listens(message: unknown): void {
  try {
    const { server } = message as { server: object }
    // Of a cluster's primary, or some other protocol.
    if (Object.getPrototypeOf(server) === process.getBuiltinModule('node:net').Server.prototype)
      return
    serves()
  } catch {
    // The app listens all the same.
  }
}

function serves(): void {
  try {
    watchNew ??= load().watchServers
    watchNew()
  } catch {
    warnOnce()
  } finally {
    unsubscribe(REQUEST, serves)
  }
}

/** Our files are gone, for one. */
function warnOnce(): void {
  unsubscribe(LISTENS, listens)
  try {
    process.emitWarning(UNUSABLE, 'ProfviewWarning')
  } catch {
    // Nobody can be told.
  }
}

function fastifyBegins(message: unknown): void {
  try {
    const { fastify } = message as { fastify: FastifyLike }
    ;(require('./routes-of-fastify.js') as Fastify).noteRoutesOf(fastify)
  } catch {
    // Its requests have no route, then.
  }
}
