/**
 * What is made while no context runs: nobody's, unless the thread is followed as a whole. Then it
 * is the whole's, but for our own asynchronous work and all that comes of it.
 */
import { OURSELVES } from '../window.js'
import { Captures } from './captures.js'
import { Pace } from './pace.js'
import { PendingOperations } from './pending.js'
import { type RequestContext, Wait } from './waits.js'

const ourselves: RequestContext = {
  id: OURSELVES,
  title: () => '',
  follows: false,
  notesWaits: false,
  startedAt: 0,
  captures: Captures.NONE,
  ranMs: 0,
  ranAt: 0,
  blockedMs: 0,
  pending: PendingOperations.NONE,
  get root() {
    return OURS
  },
  answer: null,
  holder: null,
  answerHolder: null,
}

export const OURS = new Wait(ourselves, null)

export class Ownerless {
  readonly pace = new Pace()
  #whole: Wait | null = null
  #isAside = false
  /** Nobody looks at what the thread does since then, ms. */
  #unseenSince = Number.NaN

  /** From now on it continues this; true if it continued nothing before. */
  follow(whole: Wait): boolean {
    const isFirst = this.#whole === null
    this.#whole = whole
    return isFirst
  }

  /** True if it did until now. */
  unfollow(whole: Wait): boolean {
    if (this.#whole !== whole) return false
    const { isResting } = this.pace
    this.#whole = null
    this.pace.stop()
    return !isResting
  }

  get isFollowed(): boolean {
    return this.#whole !== null && !this.pace.isResting
  }

  /** True if it is too much to be followed from now on; `segments` since the window began. */
  tires(segments: number, at: number): boolean {
    if (!this.isFollowed || !this.pace.isTooFast(segments, at)) return false
    this.pace.rest()
    return true
  }

  /** The hooks go off. */
  closes(at: number): void {
    if (this.pace.isResting) this.#unseenSince = at
  }

  /** The start of what was not followed up to now, and is not yet told; NaN: nothing. */
  unseen(goesOn: boolean, at: number): number {
    const since = this.#unseenSince
    this.#unseenSince = goesOn && !Number.isNaN(since) ? at : Number.NaN
    return since
  }

  /** Until `leave`, or within `run`, what is made is ours. */
  enter(): void {
    this.#isAside = true
  }

  leave(): void {
    this.#isAside = false
  }

  run<T>(fn: () => T): T {
    const before = this.#isAside
    this.#isAside = true
    try {
      return fn()
    } finally {
      this.#isAside = before
    }
  }

  /** What something continues that is made now; `running`: the context's that runs. */
  parent(running: Wait | null): Wait | null {
    if (this.#isAside) return this.isFollowed ? OURS : null
    return running ?? (this.isFollowed ? this.#whole : null)
  }
}
