/**
 * Requests of which only the end shows whether they are worth keeping: each passes under a number,
 * and is recalled from what the sampler remembers if it turns out slow or failed.
 */

import type { Kept, Warning } from '../profile/profile.js'
import { PROCESS_ENDED } from '../profile/warnings.js'
import { now } from '../sampler/clock.js'
import { type Queueing, queueingOf } from '../sampler/queue-bound.js'
import { BusyStretches, type Waited } from './busy-stretches.js'
import type { Settings } from './options.js'
import { PasserBy } from './passer-by.js'
import type { Recorder } from './recorder.js'
import type { RouteOf } from './request.js'
import { RequestSubject, RequestTitle } from './request-subject.js'
import { isOpenEnded } from './response/response.js'
import { noteSent, sentOf } from './sent.js'

/** Dumps that may still be written. */
export interface Budget {
  take(): boolean
  /** What was taken is not needed, or not to be had for so long, ms. */
  giveBack(againInMs: number): void
}

export class FlightRecorder {
  readonly #recorder: Recorder
  readonly #settings: Settings
  readonly #slowMs: number
  readonly #routeOf: RouteOf
  readonly #budget: Budget
  readonly #stretches: BusyStretches<Queuer>

  constructor(recorder: Recorder, settings: Settings, routeOf: RouteOf, budget: Budget) {
    this.#recorder = recorder
    this.#settings = settings
    this.#slowMs = settings.slowMs!
    this.#routeOf = routeOf
    this.#budget = budget
    this.#stretches = new BusyStretches(
      (until) => this.#allEnded(until),
      (queuer, others) => this.#keepOneOf(queuer, others),
    )
    recorder.sampler.past.keep(settings.limits.durationMs)
    recorder.beforeExit(() => this.#settleAll())
  }

  /** The request has ended, or the process does. */
  settle(passing: PasserBy, aborted: boolean, warnings: readonly Warning[] = []): void {
    const { request, response, startedAt } = passing
    if (request === null || response === null) return
    const endedAt = now()
    const isSlow = endedAt - startedAt >= this.#slowMs && !isOpenEnded(request, response)
    if (isSlow || Number(response.statusCode) >= 500) {
      if (!this.#budget.take()) return
      const subject = this.#subjectOf(passing, isSlow ? 'slow' : 'status', aborted, warnings)
      const queueing = this.#queueingOf(passing, endedAt)
      return this.#recall(passing, subject, queueing, endedAt)
    }
    if (this.#settings.requestStart === null) {
      // Nobody else knows of a time before: most requests end here, with nothing made for them.
      const from = passing.arrival?.from ?? startedAt
      if (endedAt - from < this.#slowMs) return
    }
    const queueing = this.#queueingOf(passing, endedAt)
    const from = queueing === null ? null : queuedFrom(queueing, startedAt)
    if (from === null || endedAt - from < this.#slowMs || isOpenEnded(request, response)) return
    const queuer: Queuer = { from, startedAt, endedAt, passing, queueing: queueing!, subject: null }
    if (this.#stretches.add(queuer)) {
      queuer.subject = this.#subjectOf(passing, 'slow', aborted, warnings)
    }
  }

  // --- internal ---

  #queueingOf({ request, arrival, startedAt }: PasserBy, endedAt: number): Queueing | null {
    if (arrival === null) return null
    const queueing = queueingOf(arrival.bound)
    if (this.#settings.requestStart !== null) {
      const sent = sentOf(request!, this.#settings, false, endedAt - startedAt)
      if (sent !== null) noteSent(queueing, sent)
    }
    return queueing
  }

  #subjectOf(
    { request, response, startedAt, annotation }: PasserBy,
    kept: Kept,
    aborted: boolean,
    warnings: readonly Warning[],
  ): RequestSubject {
    const title = new RequestTitle(request!, this.#routeOf)
    title.annotated = annotation?.route ?? null
    title.freeze()
    const subject = new RequestSubject(response!, title, kept, this.#settings)
    subject.startedAt = new Date(Date.now() - (now() - startedAt))
    subject.aborted = aborted
    subject.warnings.push(...warnings)
    subject.label(request!)
    if (annotation !== null) subject.annotate(annotation)
    return subject
  }

  /** Whether it was slow by the queue, the samples have the last word: the loop may have slept. */
  #keepOneOf({ passing, queueing, subject, endedAt }: Queuer, others: number): void {
    if (subject === null || !this.#budget.take()) return
    queueing.othersKeptOut = others
    subject.ifSlowMs = this.#slowMs
    this.#recall(passing, subject, queueing, endedAt)
  }

  #recall(
    passing: PasserBy,
    subject: RequestSubject,
    queueing: Queueing | null,
    endedAt: number,
  ): void {
    subject.onDropped = (againInMs) => this.#budget.giveBack(againInMs)
    const { past } = this.#recorder.sampler
    const recording = past.recall(passing, subject.title.teller, queueing, endedAt)
    this.#recorder.recalled(recording, subject)
  }

  /** Who takes longer than `slow` from now on is slow by itself. */
  #allEnded(until: number): boolean {
    const youngest = now() - this.#slowMs
    for (const { startedAt, arrival } of this.#underWay()) {
      if (startedAt > youngest && (arrival?.from ?? startedAt) < until) return false
    }
    return true
  }

  #settleAll(): void {
    for (const passing of [...this.#underWay()]) {
      this.settle(passing, !passing.response!.writableFinished, [PROCESS_ENDED])
    }
    this.#stretches.close()
  }

  *#underWay(): Generator<PasserBy> {
    for (const passing of this.#recorder.sampler.passage.passing) {
      if (passing instanceof PasserBy && passing.crowd.keeper === this) yield passing
    }
  }
}

// --- internal ---

/** One that is slow by the queue alone. */
interface Queuer extends Waited {
  readonly endedAt: number
  readonly passing: PasserBy
  readonly queueing: Queueing
  /** Of one that is to be kept. */
  subject: RequestSubject | null
}

/** Since when it may have waited, as far as this thread knows; null: no bound is sound. */
function queuedFrom({ from, notBefore }: Queueing, startedAt: number): number | null {
  return from === null ? notBefore : Math.min(startedAt, Math.max(from, notBefore ?? from))
}
