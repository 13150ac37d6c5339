import { clearTimeout } from './node-timers.js'
import { hasLeft, whenLeaving } from './visit.js'

/** Calls back at the soonest of the times that it has been given, once. */
export class DueTimer {
  readonly #begin: (due: () => void, at: number) => NodeJS.Timeout
  readonly #isDue: () => void
  #timer: NodeJS.Timeout | undefined
  #at = Number.POSITIVE_INFINITY

  constructor(begin: (due: () => void, at: number) => NodeJS.Timeout, isDue: () => void) {
    this.#begin = begin
    this.#isDue = isDue
    whenLeaving(() => clearTimeout(this.#timer))
  }

  at(at: number): void {
    if (at >= this.#at || hasLeft()) return
    clearTimeout(this.#timer)
    this.#at = at
    this.#timer = this.#begin(() => {
      this.#at = Number.POSITIVE_INFINITY
      this.#isDue()
    }, at)
  }
}
