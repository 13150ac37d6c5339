/**
 * Requests that are not recorded. Their samples have their number; at its end, each leaves its name
 * if a sample was taken meanwhile, and else nothing, unless it turns out to be worth a dump.
 */
import { now } from '../sampler/clock.js'
import type { FlightRecorder } from './flight-recorder.js'
import { type Crowd, PasserBy } from './passer-by.js'
import type { Recorder } from './recorder.js'
import type { IncomingRequest, OutgoingResponse, RouteOf } from './request.js'
import { isOver, onEnd } from './response/response-end.js'

export class PassersBy implements Crowd {
  readonly routeOf: RouteOf
  readonly keeper: FlightRecorder | null
  readonly #recorder: Recorder

  /** `keeper`: null where nobody is kept who has passed. */
  constructor(recorder: Recorder, routeOf: RouteOf, keeper: FlightRecorder | null) {
    this.#recorder = recorder
    this.routeOf = routeOf
    this.keeper = keeper
  }

  get notesWaits(): boolean {
    return this.keeper !== null || this.#recorder.waiters !== null
  }

  get isOpen(): boolean {
    return this.#recorder.sampler.passage.isOpen
  }

  /** Goes on with the rest of the app, whose exceptions are its own. */
  pass(request: IncomingRequest, response: OutgoingResponse, next: () => void): void {
    const passing = this.#begin(request, response)
    if (passing === null) next()
    else this.#recorder.sampler.passage.enter(passing, next)
  }

  over(passing: PasserBy, aborted: boolean): void {
    this.keeper?.settle(passing, aborted)
    this.#recorder.waiters?.over(passing)
    this.#recorder.sampler.passage.leave(passing)
  }

  // --- internal ---

  /** Null if nobody is interested. Never throws. */
  #begin(request: IncomingRequest, response: OutgoingResponse): PasserBy | null {
    try {
      const recorder = this.#recorder
      const { connections } = recorder.sampler
      if (!this.isOpen || recorder.known(request) !== null || isOver(request, response)) return null
      const passing = new PasserBy(request, response, this)
      if (this.notesWaits) {
        passing.startedAt = now()
        passing.arrival = connections.arrivalOf(request, response, passing.startedAt)
        const { arrival } = passing
        if (arrival !== null) recorder.waiters?.comes(passing, request, arrival)
      }
      if (connections.tellEnd(passing, request, response)) return passing
      recorder.seen.set(request, passing)
      recorder.sampler.own(request, passing)
      onEnd(request, response, (aborted) => passing.over(aborted))
      return passing
    } catch {
      return null
    }
  }
}
