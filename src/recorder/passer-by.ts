import type { Arrival, Waiting } from '../sampler/connection.js'
import { methodName } from '../sampler/method-name.js'
import { AnnotatedPassing } from './annotated-passing.js'
import type { IncomingRequest, OutgoingResponse, RouteOf } from './request.js'

/** The requests of one mount that pass. */
export interface Crowd {
  readonly routeOf: RouteOf
  /** Keeps some of them after their end; null: nobody does. */
  readonly keeper: object | null
  /** What they wait for is of interest, and how they came. */
  readonly notesWaits: boolean
  over(passing: PasserBy, aborted: boolean): void
}

/** A request that is not recorded. Knows it until it is over. */
export class PasserBy extends AnnotatedPassing implements Waiting {
  request: IncomingRequest | null
  response: OutgoingResponse | null
  arrival: Arrival | null = null
  readonly crowd: Crowd

  constructor(request: IncomingRequest, response: OutgoingResponse, crowd: Crowd) {
    super()
    this.request = request
    this.response = response
    this.crowd = crowd
  }

  override get notesWaits(): boolean {
    return this.crowd.notesWaits
  }

  override title(): string {
    const { request } = this
    if (request === null) return ''
    const route = this.annotation?.route ?? this.crowd.routeOf(request)
    return `${methodName(request.method)} ${route}`.trim()
  }

  over(aborted: boolean): void {
    if (this.request === null) return
    try {
      this.crowd.over(this, aborted)
    } catch {
      // Ours, and not the app's to notice.
    }
    this.letGo()
  }

  /** Nobody has to be told of its end. */
  letGo(): void {
    this.request = null
    this.response = null
  }
}
