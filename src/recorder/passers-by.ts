/**
 * Requests while nobody is recorded, where labelling their samples costs next to nothing: so that
 * profiles can say whose code kept the loop busy before they began.
 */
import { Passing } from '../sampler/passage.js'
import type { Recorder } from './recorder.js'
import type { IncomingRequest, OutgoingResponse, ReadRoute, WatchRoute } from './request.js'
import { titleOf } from './request-subject.js'
import { isOver } from './response.js'

/** One in so many requests may be watched, at most. */
const SELDOM = 8

export class PassersBy {
  readonly #recorder: Recorder
  readonly #watchRoute: WatchRoute
  readonly #readRoute: ReadRoute
  readonly #ended: (this: OutgoingResponse) => void
  /** Some route can be told only of requests that are watched, which costs more than all else. */
  #wantsToWatch = false
  #untilWatch = 0

  constructor(recorder: Recorder, watchRoute: WatchRoute, readRoute: ReadRoute) {
    this.#recorder = recorder
    this.#watchRoute = watchRoute
    this.#readRoute = readRoute
    // One function for all requests.
    const ended = function (this: OutgoingResponse) {
      try {
        this.removeListener('close', ended)
        const passing = recorder.known.get(this.req)
        if (passing instanceof Passing) recorder.sampler.passage.leave(passing)
      } catch {
        // Ours, and not the app's to notice.
      }
    }
    this.#ended = ended
  }

  /** Null where its end might not be told: behind another's answer, or after its own. */
  begin(request: IncomingRequest, response: OutgoingResponse): Passing | null {
    if (response.socket === null || response.req !== request) return null
    if (isOver(request, response)) return null
    const passing = this.#mayWatch()
      ? new WatchedPasserBy(titleOf(request.method ?? '', this.#watchRoute(request)))
      : new PasserBy(request, this)
    this.#recorder.known.set(request, passing)
    response.on('close', this.#ended)
    return passing
  }

  titleOf(request: IncomingRequest): string {
    const route = this.#readRoute(request)
    if (route === null) this.#wantsToWatch = true
    return `${request.method ?? ''} ${route ?? ''}`.trim()
  }

  // --- internal ---

  #mayWatch(): boolean {
    if (this.#untilWatch > 0) this.#untilWatch--
    if (!this.#wantsToWatch || this.#untilWatch > 0) return false
    this.#wantsToWatch = false
    this.#untilWatch = SELDOM
    return true
  }
}

// --- internal ---

/** Is asked for its title at its end; keeps the request until then. */
class PasserBy extends Passing {
  readonly #request: IncomingRequest
  readonly #all: PassersBy

  constructor(request: IncomingRequest, all: PassersBy) {
    super()
    this.#request = request
    this.#all = all
  }

  override title(): string {
    return this.#all.titleOf(this.#request)
  }
}

class WatchedPasserBy extends Passing {
  override readonly title: () => string

  constructor(title: () => string) {
    super()
    this.title = title
  }
}
