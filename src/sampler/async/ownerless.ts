/**
 * What is made while no context runs: nobody's, unless the thread is followed as a whole. Then it
 * is the program's, but for our own asynchronous work and all that comes of it.
 */
import { OURSELVES } from '../window.js'
import { Captures } from './captures.js'
import { Pace } from './pace.js'
import { PendingOperations } from './pending.js'
import { Program } from './program.js'
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
  readonly #pace = new Pace()
  readonly program = new Program()
  #followers = 0
  #isAside = false
  /** Nobody looks at what the thread does since then, ms. */
  #unseenSince = Number.NaN

  /** For one more recording it continues the program; true if it continued nothing before. */
  follow(): boolean {
    this.#followers++
    this.#decide()
    return this.#followers === 1
  }

  /** For one less; true if nobody follows it any more who did until now. */
  unfollow(): boolean {
    if (--this.#followers > 0) return false
    const { isResting } = this.#pace
    this.#pace.stop()
    this.#decide()
    this.program.pending.clear()
    return !isResting
  }

  /** As far as the thread can afford it. */
  get isFollowed(): boolean {
    return this.program.follows
  }

  /** It is, now or later on. */
  get isRecorded(): boolean {
    return this.#followers > 0
  }

  /** True if it is too much to be followed from now on; `segments` since the window began. */
  tires(segments: number, at: number): boolean {
    if (!this.isFollowed || !this.#pace.isTooFast(segments, at)) return false
    this.#pace.rest()
    this.#decide()
    return true
  }

  /** True if it is followed again from now on. */
  windowEnds(segments: number, at: number): boolean {
    const hasRested = this.#pace.windowEnds(segments, at)
    this.#decide()
    return hasRested
  }

  /** The hooks go off. */
  closes(at: number): void {
    if (this.#pace.isResting) this.#unseenSince = at
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
    return running ?? (this.isFollowed ? this.program.root : null)
  }

  // --- internal ---

  #decide(): void {
    this.program.follows = this.#followers > 0 && !this.#pace.isResting
  }
}
