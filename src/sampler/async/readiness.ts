/**
 * Since when what runs could have run. The loop brings callbacks, one after another; code that goes
 * on after a wait runs in one of them, or among the ticks and promises that follow it.
 *
 *     timer      since it was due
 *     immediate  since it was made
 *     the rest   since the loop's poll returned, if it slept: nothing had come in before. Otherwise
 *                it came in at some time since the poll before, which did not bring it
 */
import type { LoopClock } from '../loop-clock.js'
import type { LoopTurns } from '../loop-turns.js'
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from '../node-timers.js'
import type { RequestContext } from './waits.js'

/** What is asked of the clock of Node's timers. */
export type TimerClock = Pick<LoopClock, 'observe' | 'dueAt'>

/** What is asked of the loop's turns. */
export type Turns = Pick<
  LoopTurns,
  'turn' | 'checkedAt' | 'checkedBefore' | 'slept' | 'sleptBeforeMs' | 'armed'
>

/** The callback of the loop that runs, or ran last; NaN where none is known. Times in ms. */
export class Readiness {
  /** When it could have run, and when it did. */
  ready = Number.NaN
  task = Number.NaN
  /** 1: `ready` is the earliest that it may have been. */
  upTo: 0 | 1 = 0
  readonly #turns: Turns
  readonly #clock: TimerClock
  #taskTurn = -1
  /** First callback that the poll brought, in the last turn in which it brought any. */
  #polledAt = Number.NaN
  #polledTurn = -1
  /** The same of the turn just before that one; NaN if its poll brought nothing. */
  #polledBefore = Number.NaN
  /** The same of the last turn whose poll slept; what is closed after it is not what it brought. */
  #wokeAt = Number.NaN
  #wokeTurn = -1

  constructor(turns: Turns, clock: TimerClock) {
    this.#turns = turns
    this.#clock = clock
  }

  /** From now on callbacks are told of; the one that runs began before. */
  begin(at: number): void {
    this.#clock.observe()
    this.#polledAt = at
    this.#polledTurn = this.#turns.turn
    this.#polledBefore = Number.NaN
    if (this.#turns.slept) this.#wakes(at)
    this.#starts(at, at, 0)
  }

  /** The loop calls: `madeAt` is when the resource was made, NaN if that was not seen. */
  starts(resource: object, madeAt: number, at: number): void {
    if (resource instanceof Timeout) this.#starts(this.#timerReady(resource), at, 0)
    else if (resource instanceof Immediate) {
      if (Number.isNaN(madeAt)) this.#starts(this.#turns.checkedBefore, at, 1)
      else this.#starts(madeAt, at, 0)
    } else this.#polled(at)
  }

  /**
   * The context goes on, since `settled` if that is known: adds up how long it was held up. Where
   * what runs does not follow from the callback that was told of last, nothing is known.
   */
  resumes(context: RequestContext, at: number, settled: number): void {
    if (this.#turns.turn !== this.#taskTurn) {
      this.ready = this.task = Number.NaN
      this.upTo = 0
    } else if (context.follows) {
      const from = Math.max(context.ranAt, context.startedAt)
      const called = Math.max(from, this.task)
      const inTurn = Number.isNaN(settled) ? called : Math.max(called, settled)
      context.blockedMs += called - Math.max(from, this.ready) + at - inTurn
    }
  }

  // --- internal ---

  #starts(ready: number, at: number, upTo: 0 | 1): void {
    this.ready = Math.min(ready, at)
    this.task = at
    this.upTo = upTo
    this.#taskTurn = this.#turns.turn
  }

  /**
   * A timer that is due does not let the loop sleep, unless what ran until then was so long that
   * libuv's clock had stopped: it is read anew only after the poll, which sleeps as if the timer
   * were not due for long yet.
   */
  #timerReady(timer: object): number {
    const due = this.#clock.dueAt(timer)
    const { sleptBeforeMs } = this.#turns
    const woke = this.#wokeBefore()
    const hasSleptTill = sleptBeforeMs > 0 && due > woke - sleptBeforeMs - SLEPT_UNSEEN_MS
    return hasSleptTill ? Math.max(due, woke) : due
  }

  #polled(at: number): void {
    const { turn, slept, checkedAt } = this.#turns
    if (turn !== this.#polledTurn) {
      this.#polledBefore = turn === this.#polledTurn + 1 ? this.#polledAt : Number.NaN
      this.#polledTurn = turn
      this.#polledAt = at
    }
    // What came before in this turn closed something.
    if (slept && turn !== this.#wokeTurn) this.#wakes(at)
    if (slept) this.#starts(this.#wokeAt, at, 0)
    else this.#starts(Number.isNaN(this.#polledBefore) ? checkedAt : this.#polledBefore, at, 1)
  }

  /** The poll has slept, and this is the first that it brought. */
  #wakes(at: number): void {
    this.#polledAt = this.#wokeAt = at
    this.#wokeTurn = this.#turns.turn
  }

  /** When the loop woke in the turn that has just ended, at the latest. */
  #wokeBefore(): number {
    const { turn, checkedAt } = this.#turns
    return this.#wokeTurn === turn - 1 ? this.#wokeAt : checkedAt
  }
}

// --- internal ---

/** The sampler's signal wakes the loop, which goes on sleeping until a due time's whole ms. */
const SLEPT_UNSEEN_MS = 2

const Timeout = classOf(
  () => setTimeout(() => {}, 1),
  (made) => clearTimeout(made),
)
const Immediate = classOf(
  () => setImmediate(() => {}),
  (made) => clearImmediate(made),
)

/** Of what is made; where that is not Node's but a fake, nothing is of the class. */
function classOf<Made extends object>(
  make: () => Made,
  clear: (made: Made) => void,
): abstract new () => object {
  try {
    const made = make()
    clear(made)
    if (made.constructor !== Object) return made.constructor as new () => object
  } catch {
    // Half a fake.
  }
  return class Nothing {}
}
