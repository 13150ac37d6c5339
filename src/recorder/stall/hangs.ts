/** Stretches that do not end: each is told of while it lasts, if need be by the writer’s thread. */

import type { BusySpan } from '../../sampler/busy-spans.js'
import { hrtimeMs, now } from '../../sampler/clock.js'
import type { LongSpan } from '../../sampler/long-turns.js'
import { setTimeout } from '../../sampler/node-timers.js'
import { quietly } from '../../sampler/quietly.js'
import { newId } from '../../store/dump-name.js'
import { DEFAULT_LOGGER } from '../logger.js'
import type { Settings } from '../options.js'
import type { Recorder } from '../recorder.js'
import { countedStoreOf } from '../store-of.js'
import type { Subject } from '../subject.js'
import { idOfTold, SOON } from '../writer/beat-view.js'
import type { StoreAddress } from '../writer/messages.js'
import { Beat, isDebugged } from './beat.js'

export class Hangs {
  /** What the ids of those begin with of which this thread was not asked. */
  readonly seed = newId()
  readonly #recorder: Recorder
  readonly #hangMs: number
  readonly #store: StoreAddress
  readonly #tellsAtOnce: boolean
  readonly #expression: string
  readonly #beat = new Beat()
  /** Not recorded yet as a whole: the next may hang before it is. */
  readonly #told: { readonly id: string; readonly to: number }[] = []

  /** `key`: what whoever has this is found by, as `hangs()`. */
  constructor(recorder: Recorder, settings: Settings, key: symbol) {
    this.#recorder = recorder
    this.#hangMs = Math.max(settings.stallMs!, SHORTEST_MS)
    this.#store = countedStoreOf(settings)
    this.#tellsAtOnce = settings.logger === DEFAULT_LOGGER
    this.#expression = `globalThis[Symbol.for(${JSON.stringify(key.description)})].hangs()`
  }

  /** `unknown`: what is said where this thread cannot be asked. */
  watchSoon(unknown: () => Subject): void {
    setTimeout(
      quietly(() => this.#watch(unknown())),
      STARTED_MS,
    ).unref()
  }

  /** Runs while the thread is paused in the middle of anything: it must do without the loop. */
  tell(): string {
    try {
      const { past } = this.#recorder.sampler
      if (isDebugged()) return 'debugged'
      if (past.busyMs < this.#hangMs) return SOON
      const before = this.#told.length
      past.tellOpen()
      return this.#told.length > before ? 'told' : 'failed'
    } catch {
      return 'failed'
    }
  }

  /** It has been told of under this id, and will be again when it has ended. */
  isTold(id: string, { to }: BusySpan): void {
    this.#told.push({ id, to })
  }

  /** Under which the span has been told of, as long as it lasted; null: it has not been. */
  idOf({ from, to, goesOn }: LongSpan): string | null {
    const at = this.#told.findLastIndex((told) => from < told.to && to >= told.to)
    const { id } = this.#told[at] ?? { id: null }
    // Those before it have come to nothing.
    if (!goesOn) this.#told.splice(0, at + 1)
    if (id !== null) return id
    const shift = hrtimeMs() - now()
    const number = this.#beat.toldBetween(from + shift, to + shift)
    return number === null ? null : idOfTold(this.seed, number)
  }

  // --- internal ---

  #watch(unknown: Subject): void {
    const recording = this.#recorder.sampler.past.unknownThread(() => '')
    this.#beat.start()
    const signs = {
      beat: this.#beat.shared,
      hangMs: this.#hangMs,
      expression: this.#expression,
      origin: hrtimeMs() - now(),
      tellsAtOnce: this.#tellsAtOnce,
    }
    this.#recorder.watch(signs, recording, unknown, this.#store)
  }
}

// --- internal ---

/** What is shorter is told of when it has ended, ms. */
const SHORTEST_MS = 1000
/** An app that starts does so in one stretch. */
const STARTED_MS = 1000
