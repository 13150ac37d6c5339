/** What has been sampled before anybody asked for it, as far as it is kept. */
import type { Owners } from './async/owners.js'
import type { BusySpan } from './busy-spans.js'
import { now } from './clock.js'
import type { Contexts } from './contexts.js'
import type { LabelCarrier } from './label-carrier.js'
import type { SpanFound } from './long-turns.js'
import type { LoopTurns } from './loop-turns.js'
import type { Queueing } from './queue-bound.js'
import { type Passing, Recording } from './recording.js'
import type { Recordings } from './recordings.js'
import type { Rotation } from './rotation.js'

export class Past {
  readonly #owners: Owners
  readonly #labels: Pick<LabelCarrier, 'acquire' | 'kind'>
  readonly #contexts: Contexts
  readonly #recordings: Recordings
  readonly #rotation: Rotation

  constructor(
    owners: Owners,
    labels: Pick<LabelCarrier, 'acquire' | 'kind'>,
    contexts: Contexts,
    recordings: Recordings,
    rotation: Rotation,
  ) {
    this.#owners = owners
    this.#labels = labels
    this.#contexts = contexts
    this.#recordings = recordings
    this.#rotation = rotation
  }

  /**
   * From now on the last `ms` can be looked back on: whoever has passed then may be recalled.
   * Where labels need the hooks, they stay on: switching them at each request would cost more.
   */
  keep(ms: number): void {
    if (this.#recordings.pastMs === 0) {
      this.#owners.acquire(now())
      this.#labels.acquire()
    }
    this.#recordings.keepPast(ms)
  }

  /** How much of the last `ms` can be looked back on, ms. */
  reachMs(ms: number): number {
    return this.#recordings.reachMs(ms)
  }

  /** From now on whoever it is is told of each time that the loop did not look for so long. */
  watchStalls(ms: number, found: SpanFound): void {
    this.#rotation.turns.long.watch(ms, this.#labels.kind === 'slot', found)
  }

  /** When the loop last looked, and how long it has slept since then, ms; and the turn before. */
  get turn(): Pick<LoopTurns, 'checkedAt' | 'checkedBefore' | 'sleptMs' | 'sleptBeforeMs'> {
    return this.#rotation.turns
  }

  /** How long the loop has not looked, ms. */
  get busyMs(): number {
    const { checkedAt, sleptMs } = this.turn
    return now() - checkedAt - sleptMs
  }

  /** From within a stretch that does not end: whoever watches is told of it at once. */
  tellOpen(): void {
    const { turns } = this.#rotation
    turns.long.tellOpen(turns.checkedAt, now(), turns.sleptMs)
    this.#rotation.flush()
    // Whoever was told may have recalled it.
    this.#rotation.flush()
  }

  /** The process ends, and with it the turn: whoever watches is told of all that was long. */
  tellLast(): void {
    const { turns } = this.#rotation
    turns.long.ended(turns.checkedAt, now(), turns.sleptMs)
    if (turns.long.areOpen) this.#rotation.flush()
  }

  /** Of the thread from now on, of which nothing is recorded. */
  unknownThread(title: () => string): Recording {
    return new Recording(this.#contexts.newId(), title, 'owners')
  }

  /** When the last turn ended that was as long as one, asleep or not; ms. */
  get stalledAt(): number {
    return this.#rotation.turns.long.endedAt
  }

  /** A recording of what somebody did who has passed, until then. */
  recall(
    { id, startedAt }: Passing,
    title: () => string,
    queueing: Queueing | null,
    endedAt: number,
    isUrgent = false,
  ): Recording {
    const recording = new Recording(id, title, 'labels', startedAt)
    recording.isUrgent = isUrgent
    recording.queueing = queueing
    return this.#ended(recording, endedAt)
  }

  /** A recording of the whole thread, of whoever's code each sample is. */
  recallThread(title: () => string, { from, to }: BusySpan): Recording {
    return this.#ended(new Recording(this.#contexts.newId(), title, 'owners', from), to)
  }

  // --- internal ---

  #ended(recording: Recording, endedAt: number): Recording {
    recording.endedAt = endedAt
    this.#rotation.machine.read()
    this.#contexts.add(recording)
    this.#recordings.addEnded(recording)
    this.#rotation.schedule()
    return recording
  }
}
