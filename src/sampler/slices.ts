/**
 * Our own work on the app's thread, a little at a time: however much there is, nobody waits long
 * for it, and it takes no more than a small share of anybody's time.
 *
 *     slice ▮ pause ········· ▮ ········· ▮     0.25 ms of every 5
 */
import { now } from './clock.js'

/** Each step is what cannot be put off in its middle: it should take microseconds. */
export type Steps<Result> = Generator<void, Result>

/** Ours goes on for so long at a time, ms. */
const SLICE_MS = 0.25
const PAUSE_MS = 5
/**
 * Where turns of the loop are long, so that pauses are: this share of them, and up to this long,
 * ms.
 */
const SHARE = SLICE_MS / PAUSE_MS
const LONGEST_SLICE_MS = 1
/** After this time it has to come to an end, ms. */
const PATIENCE_MS = 1000

export class Slices {
  readonly #later: (slice: () => void, ms: number) => void
  #steps: Steps<void> | null = null
  #startedAt = 0
  #pausedAt = 0

  /** `later` calls back after so many ms, or later. */
  constructor(later: (slice: () => void, ms: number) => void) {
    this.#later = later
  }

  get underWay(): boolean {
    return this.#steps !== null
  }

  /** Begins after a pause; nothing may be under way. */
  start(steps: Steps<void>): void {
    this.#steps = steps
    this.#startedAt = now()
    this.#pause(steps)
  }

  /** All that is left, at once. */
  finish(): void {
    const steps = this.#steps
    this.#steps = null
    if (steps !== null) while (!steps.next().done);
  }

  /** What is left will not be done. */
  stop(): void {
    this.#steps = null
  }

  // --- internal ---

  #pause(steps: Steps<void>): void {
    this.#pausedAt = now()
    this.#later(() => this.#steps === steps && this.#slice(steps), PAUSE_MS)
  }

  #slice(steps: Steps<void>): void {
    const start = now()
    const share = (start - this.#pausedAt) * SHARE
    const isLate = start - this.#startedAt > PATIENCE_MS
    const end = start + Math.max(SLICE_MS, isLate ? share : Math.min(share, LONGEST_SLICE_MS))
    do {
      if (!steps.next().done) continue
      this.#steps = null
      return
    } while (now() < end)
    this.#pause(steps)
  }
}
