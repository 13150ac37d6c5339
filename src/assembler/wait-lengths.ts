import type { Account } from '../profile/accounts.js'
import type { Micros, StackIndex, WaitCount } from '../profile/profile.js'
import { WaitCounts } from '../profile/wait-counts.js'
import type { Finished } from '../sampler/window.js'
import type { NamedWaits } from './named-waits.js'

/**
 * The waits of a recording whose awaits were followed, counted while its timeline is laid down. A
 * wait is what is between two own segments, and as long as what it waited for was not there: who
 * was in the way after that is `blocked`. Without hooks one wait is known only where it was noted.
 */
export class WaitLengths {
  readonly #counts = new WaitCounts()
  readonly #isKnown: boolean
  /** Since the last end. */
  #micros: Micros = 0
  /** The last wait, which may have a pause. */
  #last: { readonly stack: StackIndex; micros: Micros } | null = null

  constructor({ hasRunSegments, meta }: Finished) {
    this.#isKnown = hasRunSegments && meta.awaits
  }

  /** The timeline goes on. */
  add(account: Account, micros: Micros): void {
    if (account === 'await') this.#micros += micros
  }

  /**
   * All since the last end was one wait at this `[await]`. `isPause`: its code goes on in the very
   * callback of the loop in which it ran before, among the ticks and promises that follow it.
   * Nobody waited once more; at the same `[await]` it is the end of the same wait.
   */
  ended(waiting: StackIndex, isPause: boolean): void {
    const micros = this.#micros
    this.#micros = 0
    if (!isPause) {
      this.#count()
      this.#last = { stack: waiting, micros }
    } else if (this.#last?.stack === waiting) this.#last.micros += micros
  }

  /** Those that were noted are counted, too. */
  finish(named: NamedWaits): readonly WaitCount[] {
    named.countInto(this.#counts)
    this.#count()
    this.#last = null
    return this.#counts.finish()
  }

  // --- internal ---

  #count(): void {
    if (this.#last !== null && this.#isKnown) {
      this.#counts.addOne(this.#last.stack, this.#last.micros)
    }
  }
}
