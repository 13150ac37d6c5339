import type { Account } from '../profile/accounts.js'
import type { Micros, Profile, StackIndex, WaitCount } from '../profile/profile.js'
import { countUpTo } from '../profile/sorted.js'
import type { Finished } from '../sampler/window.js'
import type { NamedWaits } from './named-waits.js'
import type { Slice } from './slice.js'
import { WaitSpans } from './wait-spans.js'

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
  readonly #spans = new WaitSpans()
  readonly #isKnown: boolean
  readonly #segments: Slice['segments']
  /** Own segments so far. */
  readonly #own: number[] = []
  /** Since the last end. */
  #micros: Micros = 0
  /** The last wait, which may have a pause. */
  #last: Last | null = null

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
      const answer = this.#segments.answer[segment] ?? 0
      this.#last = { stack: waiting, answer, ...this.#waitUpTo(segment, micros) }
    } else if (this.#last?.stack === waiting) this.#last.micros += micros
  }

  /** Nobody knows what was waited for since the last end. */
  skip(): void {
    this.#micros = 0
  }

  /** An own segment is over. */
  ran(segment: number): void {
    this.#own.push(segment)
  }

  /** Those that were noted are counted, too. */
  finish(named: NamedWaits, profile: Profile): readonly WaitCount[] {
    named.countInto(this.#spans)
    this.#count()
    this.#last = null
    return this.#spans.finish(profile)
  }

  // --- internal ---

  #isPause(segment: number): boolean {
    const before = this.#own.at(-1)
    return before !== undefined && this.#segments.task[segment]! <= this.#segments.end[before]!
  }

  /** What was asked for before the last own segment has been under way for longer than since. */
  #waitUpTo(segment: number, sinceLast: Micros): { begin: number; micros: Micros } {
    const { start, end, since, ready, readyUpTo, settled } = this.#segments
    const own = this.#own
    const last = { begin: end[own.at(-1) ?? -1] ?? 0, micros: sinceLast }
    const asker = countUpTo(own, since[segment]!, (each) => start[each]!) - 1
    if (asker < 0 || asker >= own.length - 1) return last
    const begin = end[own[asker]!]!
    const called = readyUpTo[segment] === 1 ? Number.NaN : ready[segment]!
    const there = Number.isNaN(settled[segment]!) ? called : Math.max(called, settled[segment]!)
    const came = last.begin + sinceLast / 1000
    const micros = Math.round(((there < came ? there : came) - begin) * 1000)
    return micros > sinceLast ? { begin, micros } : last
  }

  #count(): void {
    if (this.#last !== null && this.#isKnown) {
      const { stack, begin, micros, answer } = this.#last
      this.#spans.add(stack, begin, micros, answer)
    }
  }
}

// --- internal ---

interface Last {
  readonly stack: StackIndex
  readonly begin: number
  readonly answer: number
  micros: Micros
}
