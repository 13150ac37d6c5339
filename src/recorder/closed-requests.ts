import { closedBy } from './gate.js'
import type { Continue, Handling, ProfilerCounts } from './handling.js'
import type { Settings } from './options.js'
import { tellRefusal } from './refusals.js'
import type { IncomingRequest, OutgoingResponse } from './request.js'
import { asksAtAll } from './trigger.js'

/**
 * Where no trigger is ever honoured: nothing is armed or counted, the first trigger is told of, and
 * after it none is looked for.
 */
export class ClosedRequests implements Handling {
  readonly counts: ProfilerCounts = { profiled: 0, refused: 0, skipped: 0 }
  readonly #settings: Settings
  #hasTold = false

  constructor(settings: Settings) {
    this.#settings = settings
  }

  handle(request: IncomingRequest, _response: OutgoingResponse, next: Continue): void {
    if (!this.#hasTold) this.#look(request)
    next()
  }

  #look(request: IncomingRequest): void {
    try {
      const refusal = closedBy(this.#settings)
      if (refusal === null || !asksAtAll(request, this.#settings)) return
      this.#hasTold = true
      tellRefusal(refusal, this.#settings)
    } catch {
      // Not what Node hands over as a request.
    }
  }
}
