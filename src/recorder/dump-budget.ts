import { tellLimit } from './gate/refusals.js'
import type { ProfilerCounts } from './handling.js'
import type { Settings } from './options.js'
import type { Recorder } from './recorder.js'

/**
 * The dumps that one mount may still begin, as far as is known in its thread: the writer has the
 * last word, who counts those of all processes. What this thread alone has begun keeps a flood
 * from it.
 */
export class DumpBudget {
  readonly #settings: Settings
  readonly #counts: ProfilerCounts
  #minute = 0
  #begunInMinute = 0
  /** Until then the directory gets no dump more, whoever else writes there; `performance.now()`. */
  #fullUntil = 0

  constructor(settings: Settings, counts: ProfilerCounts) {
    this.#settings = settings
    this.#counts = counts
  }

  /** One more, for a request that was asked for by its client, or chosen; false: there is none. */
  take(recorder: Recorder, isAsked: boolean): boolean {
    const minute = Math.floor(performance.now() / 60_000)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#begunInMinute = 0
    }
    if (!recorder.sampler.isRunning) return false
    const isFull =
      this.#begunInMinute >= this.#settings.limits.perMinute || performance.now() < this.#fullUntil
    if (isFull || !recorder.takesMore) {
      tellLimit(isFull ? 'perMinute' : 'behind', isAsked, this.#settings)
      return false
    }
    this.#begunInMinute++
    this.#counts.profiled++
    return true
  }

  /** It was not kept after all: nobody wanted it any more, or the directory had too many. */
  readonly giveBack = (againInMs: number): void => {
    this.#begunInMinute--
    this.#counts.profiled--
    if (againInMs === 0) return
    this.#counts.skipped++
    this.#fullUntil = performance.now() + againInMs
  }
}
