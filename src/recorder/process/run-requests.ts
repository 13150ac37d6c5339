/**
 * The requests of a program that is run: each has its name in the tree of the whole, and what it
 * waits for, too. Where a directory is given for it, each is kept as well.
 */
import { tellRefusal } from '../gate/refusals.js'
import { asksAtAll } from '../gate/trigger.js'
import { type Handling, type ProfilerCounts, tried } from '../handling.js'
import type { Settings } from '../options.js'
import { PassersBy } from '../passers-by.js'
import type { Recorder } from '../recorder.js'
import type { RouteOf } from '../request.js'
import { Requests } from '../requests.js'
import { resolveOptions } from '../resolve-options.js'
import { withRoutes } from '../routes.js'

export interface OfRun {
  readonly recorder: Recorder
  /** As it was given. */
  readonly interval: string | null
  /** Null: none is kept. */
  readonly requestsDir: string | null
}

export function requestsOfRun(run: OfRun, routeOf: RouteOf): Handling {
  const { recorder, interval, requestsDir } = run
  const settings = resolveOptions({
    ...(interval === null ? {} : { interval: Number(interval) }),
    // What it waits for is its own, not the program's: else the tree would lack it.
    ...(requestsDir === null ? {} : { dir: requestsDir, mode: 'all', awaits: true }),
  })
  if (requestsDir === null) return passing(recorder, settings, routeOf)
  // Neither captures nor a schedule: all is recorded already.
  const requests = new Requests(settings, withRoutes(routeOf, settings))
  requests.arm()
  return requests
}

// --- internal ---

function passing(recorder: Recorder, settings: Settings, routeOf: RouteOf): Handling {
  const passersBy = new PassersBy(recorder, withRoutes(routeOf, settings), null)
  const counts: ProfilerCounts = { profiled: 0, refused: 0, skipped: 0 }
  return {
    counts,
    handle: (request, response, next) => {
      if (tried(() => asksAtAll(request, settings))) {
        counts.refused++
        tellRefusal('run', settings)
      }
      passersBy.pass(request, response, next)
    },
  }
}
