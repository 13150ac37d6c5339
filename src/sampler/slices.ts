/**
 * Our own work on the app's thread, a little at a time: however much there is, nobody waits long
 * for it, and it takes no more than a small share of anybody's time.
 *
 *     ▮ ················· ▮ ················· ▮     0.25 ms of every 20
 */
import { advance, finish, type Steps } from '../profile/steps.js'
import { now } from './clock.js'

/** Ours goes on for so long at a time, ms. */
const SLICE_MS = 0.25
/** A request of 25 ms meets one or two. Much work would last for long that way: then more, ms. */
const PAUSE_MS = 20
const PATIENT_MS = 200
const SHORT_PAUSE_MS = 5
/** Where the loop's turns are long, it gets this share of what pauses lasted longer, ms. */
const SHARE = SLICE_MS / SHORT_PAUSE_MS
const LONGEST_SLICE_MS = 1
/** After this time it has to come to an end, ms. */
const PATIENCE_MS = 1000
/**
 * Where what is not done yet is lost if the process is killed now: no pause is a long one, and from
 * each age (ms) on it goes on for longer (ms), up to half of the time.
 */
const HURRIED = [
  [300, 4],
  [200, 2],
  [100, 1],
] as const

export class Slices {
  readonly #later: (slice: () => void, ms: number) => void
  #steps: Steps<void> | null = null
  #startedAt = 0
  #dueAt = 0
  #isHurried = false

  /** `later` calls back after so many ms, or later. */
  constructor(later: (slice: () => void, ms: number) => void) {
    this.#later = later
  }

  get underWay(): boolean {
    return this.#steps !== null
  }

  /**
   * Begins after a pause; nothing may be under way. A step cannot be put off in its middle: it
   * should take microseconds.
   */
  start(steps: Steps<void>, isHurried = false): void {
    this.#steps = steps
    this.#isHurried = isHurried
    this.#startedAt = now()
    this.#pause(steps)
  }

  /** All that is left, at once. */
  finish(): void {
    const steps = this.#steps
    this.#steps = null
    if (steps !== null) finish(steps)
  }

  /** What is left will not be done. */
  stop(): void {
    this.#steps = null
  }

  // --- internal ---

  #pause(steps: Steps<void>): void {
    const at = now()
    const isPatient = !this.#isHurried && at - this.#startedAt < PATIENT_MS
    const pause = isPatient ? PAUSE_MS : SHORT_PAUSE_MS
    this.#dueAt = at + pause
    this.#later(() => this.#steps === steps && this.#slice(steps), pause)
  }

  #slice(steps: Steps<void>): void {
    const start = now()
    const length = SLICE_MS + Math.max(0, start - this.#dueAt) * SHARE
    const isLate = start - this.#startedAt > PATIENCE_MS
    const end =
      start + Math.max(this.#hurry(start), isLate ? length : Math.min(length, LONGEST_SLICE_MS))
    if (advance(steps, () => now() >= end) === undefined) this.#pause(steps)
    else this.#steps = null
  }

  #hurry(at: number): number {
    const age = at - this.#startedAt
    return this.#isHurried ? (HURRIED.find(([from]) => age >= from)?.[1] ?? 0) : 0
  }
}
