/** The requests of all servers of this thread, in a program that is run. */
import { type OfRun, requestsOfRun } from '../recorder/process/run-requests.js'
import { ServerRequests } from '../recorder/server-requests.js'
import { routeOfAny } from './routes-of-any.js'
import { noteContextsOfKoa } from './routes-of-koa.js'

/** What `watchServers` is of `registered-servers.ts`. */
export function watcherOf(run: OfRun): () => void {
  const requests = new ServerRequests(() => requestsOfRun(run, routeOfAny))
  return () => {
    // Also where the app itself decides about them.
    run.recorder.sampler.passage.open()
    requests.watch()
    noteContextsOfKoa()
  }
}
