import type { Account } from '../profile/accounts.js'
import type { Micros, StackIndex, WaitCount } from '../profile/profile.js'
import { countUpTo } from '../profile/sorted.js'
import { WaitCounts } from '../profile/wait-counts.js'
import type { Finished } from '../sampler/window.js'
import type { NamedWaits } from './named-waits.js'
import type { Slice } from './slice.js'

/**
 * The waits of a recording whose awaits were followed, counted while its timeline is laid down. A
 * wait ends with an own segment, and is as long as what it waited for was not there: who was in the
 * way after that is `blocked`. It began with the end of the own segment that asked for it, so that
 * of several at once each has its own length. Without hooks a wait is known only where it was
 * noted.
 *
 *     asks for both ─┬─ one ────── goes on ─┐           one:   ──────
 *                    └─ the other ──────────┴ goes on   other: ─────────────
 */
export class WaitLengths {
  readonly #counts = new WaitCounts()
  readonly #isKnown: boolean
  readonly #segments: Slice['segments']
  /** Own segments so far. */
  readonly #own: number[] = []
  /** Since the last end. */
  #micros: Micros = 0
  /** The last wait, which may have a pause. */
  #last: { readonly stack: StackIndex; micros: Micros } | null = null

  constructor({ hasRunSegments, meta }: Finished, segments: Slice['segments']) {
    this.#isKnown = hasRunSegments && meta.awaits
    this.#segments = segments
  }

  /** The timeline goes on. */
  add(account: Account, micros: Micros): void {
    if (account === 'await') this.#micros += micros
  }

  /**
   * All since the last end was waited at this `[await]`, up to an own segment (-1: the end). Where
   * its code goes on in the very callback of the loop in which it ran before, among the ticks and
   * promises that follow it, that was a pause. Nobody waited once more; at the same `[await]` it is
   * the end of the same wait.
   */
  ended(waiting: StackIndex, segment: number): void {
    const micros = this.#micros
    this.#micros = 0
    if (!this.#isPause(segment)) {
      this.#count()
      this.#last = { stack: waiting, micros: Math.max(micros, this.#lengthOf(segment, micros)) }
    } else if (this.#last?.stack === waiting) this.#last.micros += micros
  }

  /** An own segment is over. */
  ran(segment: number): void {
    this.#own.push(segment)
  }

  /** Those that were noted are counted, too. */
  finish(named: NamedWaits): readonly WaitCount[] {
    named.countInto(this.#counts)
    this.#count()
    this.#last = null
    return this.#counts.finish()
  }

  // --- internal ---

  #isPause(segment: number): boolean {
    const before = this.#own.at(-1)
    return before !== undefined && this.#segments.task[segment]! <= this.#segments.end[before]!
  }

  /** What was asked for before the last own segment has been under way for longer than since. */
  #lengthOf(segment: number, sinceLast: Micros): Micros {
    const { start, end, since, ready, readyUpTo, settled } = this.#segments
    const own = this.#own
    const asker = countUpTo(own, since[segment]!, (each) => start[each]!) - 1
    if (asker < 0 || asker >= own.length - 1) return sinceLast
    const delayedMs = start[segment]! - end[own.at(-1)!]! - sinceLast / 1000
    const known = readyUpTo[segment] === 1 ? Number.NaN : ready[segment]!
    const there = Math.max(known, Number.isNaN(settled[segment]!) ? known : settled[segment]!)
    const came = start[segment]! - delayedMs
    const until = there < came ? there : came
    return Math.round((until - end[own[asker]!]!) * 1000)
  }

  #count(): void {
    if (this.#last !== null && this.#isKnown) {
      this.#counts.addOne(this.#last.stack, this.#last.micros)
    }
  }
}
