/**
 * In which stretches of its waits a request could have gone on, and the loop was busy with others.
 *
 *     from          ready        task       settled       to
 *      │  not there yet │  delayed │  others'   │  delayed  │
 *      └── await ───────┴─ blocked ┴─ await ────┴─ blocked ─┘
 *
 * `task` is the loop's callback in which it goes on, `ready` when that could have run, `settled`
 * when the promise was settled that resumes it. Where nobody noted those, it could have gone on
 * since the loop last looked for what had come in. What delayed it only while it waited for
 * something else as well is an upper bound.
 */
import { countUpTo } from '../profile/sorted.js'
import { type Finished, IDLING } from '../sampler/window.js'
import type { ThreadStacks } from './logical-stacks.js'
import { delayedAside } from './side-waits.js'
import type { Slice } from './slice.js'

export interface Delay {
  readonly from: number
  readonly to: number
  /** It may have been shorter: when it could have gone on is not known. */
  readonly isUpTo: boolean
  /** The loop did not sleep meanwhile. */
  readonly isBusy: boolean
}

export class Delays {
  readonly #segments: Slice['segments']
  readonly #turns: Slice['turns']
  readonly #times: readonly number[]
  /** Indexes of the idle samples. */
  readonly #idle: readonly number[]
  readonly #knowsSettled: boolean
  /** Segments whose delays may have cost nothing; null: nobody knows what else was waited for. */
  readonly #aside: ReadonlySet<number> | null

  constructor({ contextId, start, meta }: Finished, { kind }: ThreadStacks, slice: Slice) {
    const { time, stack } = slice.samples
    this.#segments = slice.segments
    this.#turns = slice.turns
    this.#times = time
    this.#idle = stack.flatMap((each, i) => (kind[each] === IDLING ? [i] : []))
    this.#knowsSettled = meta.awaits
    const delayedMs = (from: number, to: number, segment: number) =>
      this.#delays(from, to, segment, to).reduce((sum, delay) => sum + delay.to - delay.from, 0)
    this.#aside = meta.awaits ? delayedAside(contextId, start, slice.segments, delayedMs) : null
  }

  /**
   * Of the wait that the segment ends; -1: it ended with the recording. `ranAt`: the segment's code
   * ran then for sure, where its beginning is a guess. In time order.
   */
  of(from: number, to: number, segment: number, ranAt = to): Delay[] {
    const delays = this.#delays(from, to, segment, ranAt)
    // Nothing else is waited for at the recording's end.
    const isAside = this.#aside?.has(segment) ?? segment !== -1
    return isAside ? delays.map((each) => ({ ...each, isUpTo: true })) : delays
  }

  // --- internal ---

  #delays(from: number, to: number, segment: number, ranAt: number): Delay[] {
    const task = this.#segments.task[segment] ?? Number.NaN
    if (Number.isNaN(task)) return [this.#sinceLooked(from, to, ranAt)]
    const settled = this.#segments.settled[segment]!
    const called = Math.max(from, task)
    const isUnsure = Number.isNaN(settled) && !this.#knowsSettled && from < task
    return [
      {
        from: Math.max(from, this.#segments.ready[segment]!),
        to: task,
        isUpTo: this.#segments.readyUpTo[segment] === 1,
        isBusy: true,
      },
      {
        from: Number.isNaN(settled) ? called : Math.max(called, settled),
        to,
        isUpTo: isUnsure,
        isBusy: true,
      },
    ].filter((delay) => delay.to > delay.from)
  }

  /**
   * If the loop has slept in the turn in which it went on, what it waited for came meanwhile. If
   * not, it came after the turn before had looked, or after it had slept.
   */
  #sinceLooked(from: number, to: number, ranAt: number): Delay {
    const { at, slept } = this.#turns
    // No check phase is within a callback.
    const next = countUpTo(at, ranAt)
    const last = at[next - 1] ?? Number.NEGATIVE_INFINITY
    const before = at[next - 2] ?? Number.NEGATIVE_INFINITY
    const woke = this.#wokeBefore(to)
    if (slept[next] === 1 && woke > last)
      return { from: Math.max(from, woke), to, isUpTo: false, isBusy: false }
    // Without its turns, all that is known of the loop is when it did nothing.
    const hasSlept = slept[next - 1] === 1 || next < 2
    const since = hasSlept ? Math.max(before, woke) : before
    return { from: Math.max(from, since), to, isUpTo: true, isBusy: false }
  }

  /** The end of the last idle run before a time: half-way to the sample that follows it. */
  #wokeBefore(time: number): number {
    const idle = this.#idle[countUpTo(this.#idle, time, (i) => this.#times[i]!) - 1]
    if (idle === undefined) return Number.NEGATIVE_INFINITY
    const at = this.#times[idle]!
    return Math.min(time, (at + (this.#times[idle + 1] ?? at)) / 2)
  }
}
