/**
 * Requests of which only the end shows whether they are worth keeping: each is a labelled neighbour
 * and no more, until it turns out slow or failed, and is then recalled from what the sampler
 * remembers.
 */

import { createTags } from '../sampler/async/object-tags.js'
import type { Neighbour } from '../sampler/recording.js'
import type { Settings } from './options.js'
import { PROCESS_ENDED, type Recorder } from './recorder.js'
import type { IncomingRequest, OutgoingResponse, WatchRoute } from './request.js'
import { RequestSubject, titleOf } from './request-subject.js'

export class FlightRecorder {
  readonly #recorder: Recorder
  readonly #settings: Settings
  readonly #watchRoute: WatchRoute
  /** One more dump may be written. */
  readonly #mayKeep: () => boolean
  readonly #flying = new Set<Flight>()

  constructor(
    recorder: Recorder,
    settings: Settings,
    watchRoute: WatchRoute,
    mayKeep: () => boolean,
  ) {
    this.#recorder = recorder
    this.#settings = settings
    this.#watchRoute = watchRoute
    this.#mayKeep = mayKeep
    recorder.sampler.keepPast(settings.limits.durationMs)
    recorder.beforeExit(() => this.#landAll())
  }

  board(request: IncomingRequest, response: OutgoingResponse): Neighbour {
    const title = titleOf(request.method ?? '', this.#watchRoute(request))
    const neighbour = this.#recorder.sampler.introduce(title)
    const flight = { recorder: this, request, response, neighbour }
    this.#flying.add(flight)
    flights.set(response, flight)
    // One function for all requests, and nothing made for each: most of them leave nothing.
    response.on('finish', landed)
    response.on('close', landed)
    return neighbour
  }

  /** The request has ended, or the process does. */
  land(flight: Flight, caveats: readonly string[] = []): void {
    const { request, response, neighbour } = flight
    if (!this.#flying.delete(flight)) return
    const subject = new RequestSubject(request, response, this.#watchRoute(request), this.#settings)
    const elapsedMs = performance.now() - neighbour.startedAt
    const isWorthIt = elapsedMs >= this.#settings.slowMs! || subject.status >= 500
    if (!isWorthIt || !this.#mayKeep()) return this.#recorder.sampler.dismiss(neighbour)
    subject.startedAt = new Date(Date.now() - elapsedMs)
    subject.aborted = !response.writableFinished
    subject.caveats.push(...caveats)
    subject.label(request)
    this.#recorder.recall(neighbour, subject)
  }

  // --- internal ---

  #landAll(): void {
    for (const flight of this.#flying) {
      this.land(flight, [PROCESS_ENDED])
    }
  }
}

// --- internal ---

interface Flight {
  readonly recorder: FlightRecorder
  readonly request: IncomingRequest
  readonly response: OutgoingResponse
  readonly neighbour: Neighbour
}

const flights = createTags<Flight>()

function landed(this: OutgoingResponse): void {
  try {
    this.removeListener('finish', landed)
    this.removeListener('close', landed)
    const flight = flights.get(this)
    flight?.recorder.land(flight)
  } catch {
    // Ours, and not the app's to notice.
  }
}
