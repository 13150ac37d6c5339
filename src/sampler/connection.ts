/** What is remembered of a connection of HTTP/1, and of a request that it has brought. */
import type { QueueBound } from './queue-bound.js'

/** The loop was about to look, and found nothing; how long it slept then, and had by when. */
export interface Look {
  readonly at: number
  readonly sleptMs: number
  readonly endedBy: number
  /** What it brought is looked for. */
  readonly isOfSleep: boolean
}

/** Of the loop, when a request is seen: the same for all that one poll has brought. */
export interface Polled {
  readonly turn: number
  readonly sleptMs: number
  readonly checkedAt: number
  readonly look: Look | null
}

/** How a request came. */
export class Arrival {
  readonly seenAt: number
  readonly #polled: Polled
  readonly #look: Look | null
  readonly #answeredAt: number
  readonly #cameBy: number
  readonly #isOfBatch: boolean

  /** `look`: it came after that. `answeredAt`: nor did it before that answer was complete. */
  constructor(
    seenAt: number,
    polled: Polled,
    look: Look | null,
    answeredAt = Number.NEGATIVE_INFINITY,
    cameBy = seenAt,
    isOfBatch = false,
  ) {
    this.seenAt = seenAt
    this.#polled = polled
    this.#look = look
    this.#answeredAt = answeredAt
    this.#cameBy = cameBy
    this.#isOfBatch = isOfBatch
  }

  /** It had not come by then; null: no such time is known. */
  get from(): number | null {
    return this.#look === null ? null : Math.max(this.#look.at, this.#answeredAt)
  }

  get bound(): QueueBound {
    const { seenAt, from } = this
    const { sleptMs, checkedAt } = this.#polled
    return {
      seenAt,
      from,
      thenSleptMs: this.#look?.sleptMs ?? 0,
      thenEndedBy: this.#look?.endedBy ?? seenAt,
      isOfSleep: this.#look?.isOfSleep ?? false,
      sleptMs,
      checkedAt,
      cameBy: this.#cameBy,
      isOfBatch: this.#isOfBatch,
    }
  }
}

/** Somebody who has to know of a request's end. */
export interface Waiting {
  readonly request: object | null
  /** The response has been handed over completely or, if aborted, never will be. */
  over(aborted: boolean): void
}

export class Connection {
  /** In which turn it was accepted; null: before we looked, or not by this process's loop. */
  readonly acceptedTurn: number | null
  /** It had not come by then; null: not known. */
  readonly acceptedFrom: Look | null
  /** Requests that it has brought, the last one and the turn in which that was seen. */
  requests = 0
  request: object | null = null
  begunTurn = -1
  /** Its last answer was not complete by then. */
  answeredAt = Number.NEGATIVE_INFINITY
  /** It was seen to bring a request before the answer to the one before. */
  pipelines = false
  waiting: Waiting | null = null
  /** Who has decided about the request. */
  decider: object | null = null
  /** We are told when it closes. */
  isWatched = false

  constructor(acceptedTurn: number | null, acceptedFrom: Look | null) {
    this.acceptedTurn = acceptedTurn
    this.acceptedFrom = acceptedFrom
  }

  ends(aborted: boolean): void {
    const { waiting } = this
    this.waiting = null
    waiting?.over(aborted)
  }
}
