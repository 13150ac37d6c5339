import { now } from './clock.js'
import type { Recording } from './recording.js'

/** A thread's recordings: those under way, and those whose last window is still to come. */
export class Recordings {
  readonly active = new Set<Recording>()
  /** Active recordings that tell whose each sample is. */
  tellingApart = 0
  /** Whose a sample is of who passes is told, too. */
  namesPassers = false
  /** How far back bystanders can be recalled, ms. */
  pastMs = 0
  #pastFrom = Number.POSITIVE_INFINITY
  #ended: Recording[] = []

  begin(recording: Recording): void {
    this.active.add(recording)
    if (tellsApart(recording)) this.tellingApart++
  }

  /** False if it has ended before. */
  end(recording: Recording): boolean {
    if (!this.active.delete(recording)) return false
    if (tellsApart(recording)) this.tellingApart--
    this.#ended.push(recording)
    return true
  }

  /** One that was nobody's until it had ended. */
  addEnded(recording: Recording): void {
    this.#ended.push(recording)
  }

  /** Takes out those that had ended by then. */
  takeEnded(by: number): Recording[] {
    const ended = this.#ended.filter(({ endedAt }) => endedAt <= by)
    this.#ended = this.#ended.filter(({ endedAt }) => endedAt > by)
    return ended
  }

  /** Some recording waits for its last window. */
  get areWaiting(): boolean {
    return this.#ended.length > 0
  }

  /** Somebody may be waiting for the profile of one of them. */
  get areUrgent(): boolean {
    return this.#ended.some(({ isUrgent }) => isUrgent)
  }

  /** Each window is handed over at once. */
  get areStreamed(): boolean {
    for (const { isStreamed } of this.active) if (isStreamed) return true
    return false
  }

  /** Somebody needs what is sampled. */
  get areKept(): boolean {
    return this.active.size > 0 || this.areWaiting
  }

  /** The same, or may need it later. */
  get needSamples(): boolean {
    return this.areKept || this.pastMs > 0
  }

  /** Nobody asks whose a sample is. */
  get isQuiet(): boolean {
    return this.tellingApart === 0 && this.pastMs === 0 && !this.namesPassers
  }

  /** From now on. */
  keepPast(ms: number): void {
    this.#pastFrom = Math.min(this.#pastFrom, now())
    this.pastMs = Math.max(this.pastMs, ms)
  }

  /** How much of the last `ms` is kept, ms. */
  reachMs(ms: number): number {
    return Math.max(0, Math.min(ms, this.pastMs, now() - this.#pastFrom))
  }

  /** Nobody needs anything from before this time. */
  keepFrom(): number {
    let from = now() - this.pastMs
    for (const recording of this.active) from = Math.min(from, reachOf(recording))
    for (const recording of this.#ended) from = Math.min(from, reachOf(recording))
    return from
  }
}

// --- internal ---

function tellsApart({ detail }: Recording): boolean {
  return detail === 'awaits' || detail === 'labels' || detail === 'owners'
}

/** Where what its profile tells begins. */
function reachOf({ startedAt, queueing }: Recording): number {
  return Math.min(startedAt, queueing?.from ?? startedAt)
}
