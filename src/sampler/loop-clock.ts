/**
 * When timers are due. Node counts in whole milliseconds of libuv's clock, which is found by asking
 * a timer of ours now and then: setting it anew reads that clock.
 */
import { ClockOffset } from './clock.js'
import { clearTimeout, setTimeout } from './node-timers.js'
import { whenLeaving } from './visit.js'

/** Known well enough, ms. */
const PRECISE = 0.1
/** Far beyond any process's life; it keeps none alive. */
const NEVER_MS = 2 ** 31 - 1

/** Node's timers, as far as we look at them. */
interface Timer {
  readonly _idleStart?: unknown
  readonly _idleTimeout?: unknown
}

export class LoopClock {
  readonly #probe: NodeJS.Timeout
  readonly #offset: ClockOffset

  /** `nobody` runs a function as no context's. */
  constructor(nobody: <T>(fn: () => T) => T) {
    this.#probe = nobody(() => setTimeout(() => {}, NEVER_MS).unref())
    whenLeaving(() => clearTimeout(this.#probe))
    this.#offset = new ClockOffset(() => {
      this.#probe.refresh()
      // Where Node does not say, nothing is ever known.
      return Number((this.#probe as Timer)._idleStart)
    })
  }

  /** One look at both clocks, if that may tell more; 0.4 µs. */
  observe(): void {
    if (!(this.#offset.uncertainty <= PRECISE)) this.#offset.observe()
  }

  /** When a timer that is about to run was due, `now()` ms; NaN where that cannot be told. */
  dueAt(timer: Timer): number {
    this.observe()
    return Number(timer._idleStart) + Math.trunc(Number(timer._idleTimeout)) - this.#offset.value
  }
}
