/**
 * When the event loop last looked for what had come in. A turn of the loop polls, runs what the
 * poll brought, and ends with its check phase, which an unref’d immediate notes that arms itself
 * again; it does not keep the loop from sleeping. Timers run right after the check, before the next
 * poll.
 *
 * Idle samples would not do: V8 calls native code between two callbacks idle as well.
 */
import { performance } from 'node:perf_hooks'
import { Float64Column, Int32Column } from '../profile/columns.js'
import { now } from './clock.js'
import { LongTurns } from './long-turns.js'
import { clearImmediate, isImmediate, setImmediate } from './node-timers.js'
import { hasLeft, whenLeaving } from './visit.js'

/** Turns that ended; see `Window`. */
export interface TurnColumns {
  readonly at: Float64Array
  readonly slept: Uint8Array
}

export class LoopTurns {
  /** The last check phase and the one before, ms; where none was seen, the start. */
  checkedAt: number
  checkedBefore: number
  /** Counts the turns. */
  turn = 0
  /** `sleptMs` of the turn that ended with the last check phase. */
  sleptBeforeMs = 0
  /** The immediate that will end the turn, which is nobody's callback. */
  armed: object = this
  #idleAtCheck: number
  /** What is known of it; a turn polls once. */
  #sleptMs = 0
  readonly long = new LongTurns()
  readonly #log = new TurnLog()
  readonly #check: () => void

  /** `nobody` runs a function as no context's; what it makes is not looked at by our hooks. */
  constructor(nobody: (fn: () => void) => void) {
    this.checkedAt = this.checkedBefore = now()
    this.#idleAtCheck = idleTime()
    this.#check = () => {
      try {
        this.#turnEnds()
      } catch {
        // The next turn may be seen to end again.
      }
    }
    nobody(() => this.#arm())
    whenLeaving(() => clearImmediate(this.armed as NodeJS.Immediate))
  }

  /** Has the loop slept since the last check phase? */
  get slept(): boolean {
    return this.sleptMs !== 0
  }

  /** How long at least; the sampler's signal wakes the loop, and only the time after it counts. */
  get sleptMs(): number {
    if (this.#sleptMs === 0) this.#sleptMs = idleTime() - this.#idleAtCheck
    return this.#sleptMs
  }

  /** All turns since the last time. */
  take(): TurnColumns {
    return this.#log.take()
  }

  // --- internal ---

  /** Each is made by the one before, and so is as much nobody's. */
  #arm(): void {
    if (hasLeft()) return
    const immediate: unknown = setImmediate(this.#check)
    // Else the app's timers are not Node's, and no turn is ever seen to end.
    if (isImmediate(immediate)) this.armed = immediate.unref()
  }

  #turnEnds(): void {
    const at = now()
    const idle = idleTime()
    this.sleptBeforeMs = idle - this.#idleAtCheck
    this.#idleAtCheck = idle
    this.#sleptMs = 0
    const from = this.checkedAt
    this.checkedBefore = from
    this.checkedAt = at
    this.long.ended(from, at, this.sleptBeforeMs)
    this.turn++
    this.#log.ended(at, this.sleptBeforeMs !== 0)
    this.#arm()
  }
}

/**
 * The turns in time order, of a run of short ones the first two and the last: so whoever comes, in
 * it or after it, has the check before the last one known within the run's length, and not a long
 * turn too early.
 */
export class TurnLog {
  #at = new Float64Column(256)
  #slept = new Int32Column(256)

  ended(at: number, slept: boolean): void {
    const last = this.#at.length - 1
    if (last >= 2 && at - this.#at.at(last - 2) < SHORT_RUN_MS) {
      this.#at.set(last, at)
      if (slept) this.#slept.set(last, 1)
    } else {
      this.#at.push(at)
      this.#slept.push(slept ? 1 : 0)
    }
  }

  take(): TurnColumns {
    const columns = { at: this.#at.finish(), slept: Uint8Array.from(this.#slept.finish()) }
    this.#at = new Float64Column(256)
    this.#slept = new Int32Column(256)
    return columns
  }
}

// --- internal ---

/** Of more than three turns within this time not every one is logged. */
const SHORT_RUN_MS = 0.5

const { nodeTiming } = performance
const idleTime = (): number => nodeTiming.idleTime
