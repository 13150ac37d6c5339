/**
 * From windows that are put together to those who need them: as long as nobody is kept whose code
 * is in it, a window stays here, and most are forgotten.
 */
import type { Steps } from '../profile/steps.js'
import type { Contexts } from './contexts.js'
import type { Recording } from './recording.js'
import type { Recordings } from './recordings.js'
import type { StackTable } from './stack-table.js'
import { BACKGROUND, type BareWindow, type StackTableDelta, type Window } from './window.js'

/** Where windows and ended recordings go. Calls must not throw. */
export interface SamplerListener {
  /** For people. */
  readonly warn?: (fact: string) => void
  /** Windows will come soon. */
  readonly expect?: () => Steps<void>
  /** Rows of the stack table that come before the next window's. */
  stacks(rows: StackTableDelta): void
  window(window: Window): void
  /** All windows up to the recording's end have been handed over. */
  ended(recording: Recording): void
}

/** Samples and segments that are kept here, about 15 MB: of more somebody else takes care. */
const MOST_ROWS = 200_000
/** So many frames at a time, since one takes a microsecond; see `StackTable.delta`. */
const ROWS_AT_ONCE = 250

export class HandOver {
  readonly #listener: SamplerListener
  readonly #recordings: Recordings
  readonly #contexts: Contexts
  readonly #labelsAll: boolean
  #held: Omit<Window, 'table'>[] = []

  /** `labelsAll`: somebody may need the contexts' names although nobody is recorded. */
  constructor(
    listener: SamplerListener,
    recordings: Recordings,
    contexts: Contexts,
    labelsAll: boolean,
  ) {
    this.#listener = listener
    this.#recordings = recordings
    this.#contexts = contexts
    this.#labelsAll = labelsAll
  }

  /**
   * The next window of the thread, which was taken then; `stacks` are the ones it means, and no
   * later one does if it `isLast`.
   */
  *steps(window: BareWindow, takenAt: number, stacks: StackTable, isLast = false): Steps<void> {
    this.#held = this.#held.filter(({ to }) => to >= window.keepFrom)
    const { inside } = this.#contexts
    this.#held.push({ ...window, titles: this.#contexts.titlesIn(window), inside })
    yield
    const isMuch = this.#held.reduce((rows, held) => rows + rowsOf(held), 0) > MOST_ROWS
    const isAwaited = this.#recordings.areWaiting || this.#recordings.areStreamed
    if (!isAwaited && !isMuch && !isLast) return
    if (this.#listener.expect !== undefined) yield* this.#listener.expect()
    while (stacks.unsent > ROWS_AT_ONCE) {
      this.#listener.stacks(stacks.delta(ROWS_AT_ONCE))
      yield
    }
    for (const held of this.#held.splice(0)) {
      this.#listener.window({ ...held, table: stacks.delta() })
      yield
    }
    for (const recording of this.#recordings.takeEnded(takenAt)) {
      this.#listener.ended(recording)
      if (recording.id !== BACKGROUND) this.#contexts.handedOver(recording)
      recording.letGo()
      yield
    }
    if (!this.#recordings.needSamples && !this.#labelsAll) this.#contexts.clear()
  }

  /** What is here is of no use any more. */
  forget(): void {
    this.#held = []
  }
}

// --- internal ---

function rowsOf({ sampleTime, segmentStart, waitBegin }: BareWindow): number {
  return sampleTime.length + segmentStart.length + waitBegin.length
}
