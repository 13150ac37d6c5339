/** Stretches that do not end: each is told of while it lasts, if need be by the writer’s thread. */
import { hrtimeMs, now } from '../../sampler/clock.js'
import type { BusySpan } from '../../sampler/long-turns.js'
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
  #told: { readonly id: string; readonly to: number } | null = null
  #toldByOthers = 0

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
      this.#told = null
      past.tellOpen()
      return this.#told === null ? 'failed' : 'told'
    } catch {
      return 'failed'
    }
  }

  /** It has been told of under this id, and will be again when it has ended. */
  isTold(id: string, { to }: BusySpan): void {
    this.#told = { id, to }
  }

  /** Under which the span has been told of, as long as it lasted; null: it has not been. */
  idOf({ from, to }: BusySpan): string | null {
    const { told } = this.#beat
    if (told !== this.#toldByOthers && to - from > this.#hangMs) {
      this.#toldByOthers = told
      return idOfTold(this.seed, told)
    }
    const isOurs = this.#told !== null && from < this.#told.to && to >= this.#told.to
    return isOurs ? this.#told!.id : null
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
