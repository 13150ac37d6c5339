import { setTimeout } from 'node:timers'
import { now } from '../sampler/clock.js'
import { quietly } from '../sampler/quietly.js'

/** A request that has ended: it was seen at `startedAt`, and may have waited since `from`; ms. */
export interface Waited {
  readonly from: number
  readonly startedAt: number
}

/**
 * Of the requests that waited in one busy stretch of the loop, one is kept: the one that may have
 * waited longest, and of several the first that ended. Requests belong together as long as each may
 * have come before another one of them was seen:
 *
 *     ├───── from ─── seen ─┤                     one stretch
 *          ├─ from ─────────── seen ─┤
 *                                      ├─ from ── seen ─┤      the next one
 */
export class BusyStretches<Request extends Waited> {
  readonly #isComplete: (until: number) => boolean
  readonly #keep: (request: Request, others: number) => void
  readonly #timer: NodeJS.Timeout
  /** The last of them was seen. */
  #until = Number.NEGATIVE_INFINITY
  #openedAt = 0
  #longest: Request | null = null
  #others = 0

  /**
   * `isComplete`: nobody who was seen before `until` may still be one of them. Make it outside of
   * any request: the timer runs in the context it is made in.
   */
  constructor(
    isComplete: (until: number) => boolean,
    keep: (request: Request, others: number) => void,
  ) {
    this.#isComplete = isComplete
    this.#keep = keep
    this.#timer = setTimeout(
      quietly(() => this.#settle()),
      SETTLE_MS,
    ).unref()
  }

  /** True if it is the one that will be kept, as far as that is known. */
  add(request: Request): boolean {
    const isNext = request.from >= this.#until || now() - this.#openedAt > LONGEST_MS
    if (isNext) this.#open()
    else this.#others++
    this.#until = Math.max(this.#until, request.startedAt)
    const longest = this.#longest
    const isLongest = longest === null ? isNext : waitOf(request) > waitOf(longest)
    if (isLongest) this.#longest = request
    this.#timer.refresh()
    return isLongest
  }

  /** Whoever is kept is kept now. */
  close(): void {
    const longest = this.#longest
    this.#longest = null
    if (longest !== null) this.#keep(longest, this.#others)
  }

  // --- internal ---

  #open(): void {
    this.close()
    this.#openedAt = now()
    this.#others = 0
    this.#until = Number.NEGATIVE_INFINITY
  }

  #settle(): void {
    if (this.#longest === null) return
    if (this.#isComplete(this.#until) || now() - this.#openedAt > LONGEST_MS) this.close()
    else this.#timer.refresh()
  }
}

// --- internal ---

/** A stretch ends when for so long nobody more has turned out to have waited in it. */
const SETTLE_MS = 100
/** Where the loop never comes to rest, one is kept for each time of this length. */
const LONGEST_MS = 10_000

function waitOf({ from, startedAt }: Waited): number {
  return startedAt - from
}
