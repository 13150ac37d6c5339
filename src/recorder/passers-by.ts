/**
 * Requests while nobody is recorded, where labelling their samples costs next to nothing: so that
 * profiles can say whose code kept the loop busy before they began.
 */
import { Passing } from '../sampler/passage.js'
import type { Recorder } from './recorder.js'
import type { IncomingRequest, OutgoingResponse, RouteOf } from './request.js'
import { RequestTitle } from './request-subject.js'
import { isOver } from './response.js'

export class PassersBy {
  readonly #recorder: Recorder
  readonly #routeOf: RouteOf
  readonly #ended: (this: OutgoingResponse) => void

  constructor(recorder: Recorder, routeOf: RouteOf) {
    this.#recorder = recorder
    this.#routeOf = routeOf
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
    const passing = new PasserBy(request, this.#routeOf)
    this.#recorder.known.set(request, passing)
    response.on('close', this.#ended)
    return passing
  }
}

// --- internal ---

class PasserBy extends Passing {
  readonly #title: RequestTitle

  constructor(request: IncomingRequest, routeOf: RouteOf) {
    super()
    this.#title = new RequestTitle(request, routeOf)
  }

  override title(): string {
    return this.#title.text()
  }

  override end(): void {
    if (this.isContinued) this.#title.freeze()
    else this.#title.drop()
  }
}
