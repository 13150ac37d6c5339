/**
 * How much of a whole thread is followed: each segment costs about 3 µs of the thread's time and
 * some memory, so that bursts are followed, and what goes on like that only now and then.
 */

/** Segments that may come at once, and in the long run, each ms. */
const BURST = 30_000
const PER_MS = 10
/** Of windows; doubled each time, and halved with each window that brings few. */
const LONGEST_REST = 64

export class Pace {
  /** Segments that may come in this window, were it over at once. */
  #allowance = BURST
  #windowFrom = 0
  #nextRest = 1
  /** Windows until it has rested. */
  #left = 0

  get isResting(): boolean {
    return this.#left > 0
  }

  /** `segments` since the window began. */
  isTooFast(segments: number, at: number): boolean {
    const beyond = segments - this.#allowance
    return beyond > 0 && beyond > (at - this.#windowFrom) * PER_MS
  }

  rest(): void {
    this.#left = this.#nextRest
    this.#nextRest = Math.min(LONGEST_REST, 2 * this.#nextRest)
  }

  stop(): void {
    this.#left = 0
  }

  /** True if it has rested for long enough. */
  windowEnds(segments: number, at: number): boolean {
    const earned = (at - this.#windowFrom) * PER_MS
    this.#allowance = Math.min(BURST, this.#allowance + earned - segments)
    this.#windowFrom = at
    if (this.#left > 0) return --this.#left === 0
    if (this.#allowance === BURST) this.#nextRest = Math.max(1, this.#nextRest / 2)
    return false
  }
}
