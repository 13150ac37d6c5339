/** The requests of all servers of this thread, by the environment's options alone. */
import { handlingOf } from '../recorder/requests.js'
import { resolveOptions } from '../recorder/resolve-options.js'
import { ServerRequests } from '../recorder/server-requests.js'
import { routeOfAny } from './routes-of-any.js'
import { noteContextsOfKoa } from './routes-of-koa.js'

/** At the first call, and again when servers may have come that were not there. */
export function watchServers(): void {
  requests.watch()
  noteContextsOfKoa()
}

// --- internal ---

const requests = new ServerRequests(() => handlingOf(resolveOptions({}), routeOfAny))
