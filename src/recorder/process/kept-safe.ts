/**
 * Recordings of which what is known shall outlive the process: the writer is told while they go on.
 */
import { now } from '../../sampler/clock.js'
import type { Recording } from '../../sampler/recording.js'
import type { Finished } from '../../sampler/window.js'
import type { Logger } from '../logger.js'
import type { Subject } from '../subject.js'
import type { SoFarMessage, StoreAddress, UnsafeAnswer } from '../writer/messages.js'

type FinishedOf = (recording: Recording, subject: Subject, to: number) => Finished

export class KeptSafe {
  readonly #isResting: (store: StoreAddress) => boolean
  readonly #subjects = new Map<Recording, Subject>()
  #unsafe: { readonly reason: string; readonly since: number } | null = null
  /** Who was told last that it is not, and why. */
  readonly #told = new Map<Logger | undefined, string>()

  /** `isResting`: nothing is written there now, and somebody else has told why. */
  constructor(isResting: (store: StoreAddress) => boolean) {
    this.#isResting = isResting
  }

  /** If it is one of them. */
  begins(recording: Recording, subject: Subject): void {
    if (!subject.keptSafe) return
    recording.isStreamed = true
    this.#subjects.set(recording, subject)
  }

  /** A window has been handed over, of the time until then. */
  *soFar(to: number, of: FinishedOf): Generator<SoFarMessage, void> {
    for (const [recording, subject] of this.#subjects) {
      const { store, keptSafe, logger } = subject
      if (recording.endedAt !== Number.POSITIVE_INFINITY) this.#subjects.delete(recording)
      else if (store === null || to <= recording.startedAt) continue
      else if (this.#isResting(store)) this.#unsafe = null
      else {
        this.#tell(logger)
        // Most apps never load it.
        const heap = process.getBuiltinModule('node:v8').getHeapStatistics()
        yield {
          type: 'soFar',
          recording: of(recording, subject, to),
          store,
          timeOrigin: performance.timeOrigin,
          heapBytes: heap.used_heap_size,
          mostHeapBytes: Math.min(heap.heap_size_limit, SET_HEAP_BYTES),
          isForNext: keptSafe === 'for-next',
        }
      }
    }
  }

  unsafe({ unsafe: reason }: UnsafeAnswer): void {
    this.#unsafe = { reason, since: now() }
  }

  // --- internal ---

  #tell(logger: Logger | undefined): void {
    // A dump that is refused meanwhile says more of it.
    if (this.#unsafe === null || now() - this.#unsafe.since < TELL_AFTER_MS) return
    const { reason } = this.#unsafe
    this.#unsafe = null
    if (this.#told.get(logger) === reason) return
    this.#told.set(logger, reason)
    logger?.warn(`profview: if this process were killed, this part of it would be lost: ${reason}`)
  }
}

// --- internal ---

const TELL_AFTER_MS = 500

/** Where the old generation has its limit, what V8 says is that and much of the young one. */
const SET_HEAP_BYTES = setHeapBytes([...process.execArgv, process.env.NODE_OPTIONS].join(' '))

function setHeapBytes(flags: string): number {
  const set = [...flags.matchAll(/--max[-_]old[-_]space[-_]size[= ](\d+)/g)].at(-1)
  return set === undefined ? Number.POSITIVE_INFINITY : Number(set[1]) * 2 ** 20
}
