import type { RunLog } from './async/run-log.js'
import type { Wait } from './async/waits.js'
import type { Contexts } from './contexts.js'
import type { NativeSampler } from './native.js'
import { Bystander } from './recording.js'
import type { Recordings } from './recordings.js'

/** A request while nobody is recorded: its samples have a name, and that is all. */
export abstract class Passing {
  id = 0
  /** Samples that had been taken when it began. */
  sampled = 0
  #bystander: Bystander | null = null

  abstract title(): string

  /** Its request has ended, and shall not be kept. */
  abstract end(): void

  /** Its title may be asked for after its end. */
  get isContinued(): boolean {
    return this.#bystander !== null
  }

  /** Of use if somebody begins to be recorded meanwhile. */
  get root(): Wait {
    this.#bystander ??= new Bystander(this.id, () => this.title(), 0)
    return this.#bystander.root
  }
}

/**
 * Where samples carry labels by themselves, those of all requests do, for about 2 µs a request:
 * what kept the loop busy before somebody was recorded has a name, then.
 */
export class Passage {
  readonly #native: NativeSampler
  readonly #contexts: Contexts
  readonly #recordings: Recordings
  readonly #log: RunLog

  constructor(native: NativeSampler, contexts: Contexts, recordings: Recordings, log: RunLog) {
    this.#native = native
    this.#contexts = contexts
    this.#recordings = recordings
    this.#log = log
  }

  /** Nobody is recorded, for whom more would have to be known. */
  get isOpen(): boolean {
    return this.#native.labels.kind === 'frame' && this.#recordings.isQuiet
  }

  /** Goes on with a server's request. */
  enter(passing: Passing, next: () => void): void {
    passing.id = this.#contexts.newId()
    passing.sampled = this.#native.sampled()
    this.#contexts.add(passing)
    this.#native.labels.enter(passing.id)
    next()
  }

  /** It has ended. Where no sample was taken since it began, none is its own. */
  leave(passing: Passing): void {
    const isSeen = this.#log.active || this.#native.sampled() !== passing.sampled
    if (isSeen) this.#contexts.keepTitle(passing)
    else this.#contexts.forget(passing)
    passing.end()
  }
}
