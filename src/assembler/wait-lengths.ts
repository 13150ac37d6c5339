import type { Account } from '../profile/accounts.js'
import type { Micros, StackIndex, WaitCount } from '../profile/profile.js'
import { WaitCounts } from '../profile/wait-counts.js'
import type { Finished } from '../sampler/window.js'

/**
 * The waits of a recording whose awaits were followed, counted while its timeline is laid down. A
 * wait is what is between two own segments, and as long as what it waited for was not there: who
 * was in the way after that is `blocked`. Without hooks nobody knows what is one wait.
 */
export class WaitLengths {
  readonly #counts = new WaitCounts()
  readonly #isKnown: boolean
  #micros: Micros = 0

  constructor({ hasRunSegments, meta }: Finished) {
    this.#isKnown = hasRunSegments && meta.awaits
  }

  /** The timeline goes on. */
  add(account: Account, micros: Micros): void {
    if (account === 'await') this.#micros += micros
  }

  /** All since the last end was one wait at this `[await]`. */
  ended(waiting: StackIndex): void {
    if (this.#isKnown) this.#counts.addOne(waiting, this.#micros)
    this.#micros = 0
  }

  finish(): readonly WaitCount[] {
    return this.#counts.finish()
  }
}
