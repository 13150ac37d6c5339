import { closedBy } from './gate/gate.js'
import { tellRefusal } from './gate/refusals.js'
import { asksAtAll } from './gate/trigger.js'
import type { Continue, Handling, ProfilerCounts } from './handling.js'
import type { Settings } from './options.js'
import type { Told } from './process/thread-stretch.js'
import type { Recorder } from './recorder.js'
import type { IncomingRequest, OutgoingResponse } from './request.js'

/** Requests that have their names in whatever is recorded. */
export interface Named extends Handling {
  arm(): Recorder | null
}

/**
 * Where no trigger is ever honoured: nothing is armed or counted, the first trigger is told of, and
 * after it none is looked for. While the whole thread is recorded, requests pass by their names.
 */
export class ClosedRequests implements Handling, Told {
  readonly counts: ProfilerCounts = { profiled: 0, refused: 0, skipped: 0 }
  readonly #settings: Settings
  readonly #make: () => Named
  #named: Named | null = null
  #awake = 0
  #hasTold = false

  constructor(settings: Settings, make: () => Named) {
    this.#settings = settings
    this.#make = make
  }

  wake(): Recorder | null {
    this.#awake++
    this.#named ??= this.#make()
    return this.#named.arm()
  }

  rest(): void {
    this.#awake--
  }

  handle(request: IncomingRequest, response: OutgoingResponse, next: Continue): void {
    if (!this.#hasTold) this.#look(request)
    if (this.#awake > 0) this.#named!.handle(request, response, next)
    else next()
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
