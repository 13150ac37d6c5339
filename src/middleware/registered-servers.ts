/** The requests of all servers of this thread, by the environment's options alone. */
import { ServerRequests } from '../recorder/server-requests.js'
import { routeOfAny } from './routes-of-any.js'
import { noteContextsOfKoa } from './routes-of-koa.js'

/** At the first call, and again when servers may have come that were not there. */
export function watchServers(): void {
  requests ??= new ServerRequests(routeOfAny)
  requests.watch()
  noteContextsOfKoa()
}

// --- internal ---

let requests: ServerRequests | null = null
