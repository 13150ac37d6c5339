/**
 * Requests of which only the end shows whether they are worth keeping: each is a labelled bystander
 * and no more, until it turns out slow or failed, and is then recalled from what the sampler
 * remembers.
 */

import type { Kept, Warning } from '../profile/profile.js'
import { PROCESS_ENDED } from '../profile/warnings.js'
import { createTags } from '../sampler/async/object-tags.js'
import { now } from '../sampler/clock.js'
import { queueingOf } from '../sampler/queue-bound.js'
import type { Bystander } from '../sampler/recording.js'
import { BusyStretches, type Waited } from './busy-stretches.js'
import type { Settings } from './options.js'
import type { Recorder } from './recorder.js'
import type { IncomingRequest, OutgoingResponse, RouteOf } from './request.js'
import { RequestSubject, RequestTitle } from './request-subject.js'
import { isOpenEnded } from './response.js'
import { noteSent, sentOf } from './sent.js'

/** Dumps that may still be written. */
export interface Budget {
  take(): boolean
  /** What was taken is not needed. */
  giveBack(): void
}

export class FlightRecorder {
  readonly #recorder: Recorder
  readonly #settings: Settings
  readonly #routeOf: RouteOf
  readonly #budget: Budget
  readonly #stretches: BusyStretches<Queuer>
  readonly #pending = new Set<Tracked>()

  constructor(recorder: Recorder, settings: Settings, routeOf: RouteOf, budget: Budget) {
    this.#recorder = recorder
    this.#settings = settings
    this.#routeOf = routeOf
    this.#budget = budget
    this.#stretches = new BusyStretches(
      (until) => this.#allEnded(until),
      (queuer, others) => this.#keepOneOf(queuer, others),
    )
    recorder.sampler.keepPast(settings.limits.durationMs)
    recorder.beforeExit(() => this.#settleAll())
  }

  /** Follows the request to its end. */
  track(request: IncomingRequest, response: OutgoingResponse): Bystander {
    const title = new RequestTitle(request, this.#routeOf)
    const bystander = this.#recorder.sampler.introduce(title.teller)
    bystander.queueing = queueingOf(this.#recorder.sampler.connections.boundOf(request, response))
    const tracked = { recorder: this, request, response, title, bystander }
    this.#pending.add(tracked)
    trackedBy.set(response, tracked)
    // One function for all requests, and nothing made for each: most of them leave nothing.
    response.on('finish', settle)
    response.on('close', settle)
    return bystander
  }

  /** The request has ended, or the process does. */
  settle(tracked: Tracked, warnings: readonly Warning[] = []): void {
    const { request, response, bystander } = tracked
    if (!this.#pending.delete(tracked)) return
    tracked.title.freeze()
    const endedAt = now()
    const { slowMs } = this.#settings
    const isSlow = endedAt - bystander.startedAt >= slowMs! && !isOpenEnded(request, response)
    if (isSlow || Number(response.statusCode) >= 500) {
      if (!this.#budget.take()) return this.#recorder.sampler.dismiss(bystander)
      const subject = this.#subjectOf(tracked, isSlow ? 'slow' : 'status', warnings)
      return this.#recorder.recall(bystander, subject, endedAt)
    }
    const from = this.#queuedFrom(tracked, endedAt)
    if (from === null || endedAt - from < slowMs! || isOpenEnded(request, response)) {
      return this.#recorder.sampler.dismiss(bystander)
    }
    const subject = this.#subjectOf(tracked, 'slow', warnings)
    const { startedAt } = bystander
    this.#stretches.add({ from, startedAt, endedAt, bystander, subject })
  }

  // --- internal ---

  /** Since when it may have waited, as far as this thread knows; null: no bound is sound. */
  #queuedFrom({ request, bystander }: Tracked, endedAt: number): number | null {
    const { queueing, startedAt } = bystander
    if (queueing === null) return null
    if (this.#settings.requestStart !== null) {
      const sent = sentOf(request, this.#settings, false, endedAt - queueing.seenAt)
      if (sent !== null) noteSent(queueing, sent)
    }
    const { from, notBefore } = queueing
    return from === null ? notBefore : Math.min(startedAt, Math.max(from, notBefore ?? from))
  }

  #subjectOf(tracked: Tracked, kept: Kept, warnings: readonly Warning[]): RequestSubject {
    const { request, response, title, bystander } = tracked
    const subject = new RequestSubject(response, title, kept, this.#settings)
    subject.startedAt = new Date(Date.now() - (now() - bystander.startedAt))
    subject.aborted = !response.writableFinished
    subject.warnings.push(...warnings)
    subject.label(request)
    return subject
  }

  /** Whether it was slow by the queue, the samples have the last word: the loop may have slept. */
  #keepOneOf({ bystander, subject, endedAt }: Queuer, others: number): void {
    if (!this.#budget.take()) return this.#recorder.sampler.dismiss(bystander)
    bystander.queueing!.othersKeptOut = others
    subject.ifSlowMs = this.#settings.slowMs
    subject.onDropped = () => this.#budget.giveBack()
    this.#recorder.recall(bystander, subject, endedAt)
  }

  /** Who takes longer than `slow` from now on is slow by itself. */
  #allEnded(until: number): boolean {
    const youngest = now() - this.#settings.slowMs!
    for (const { bystander } of this.#pending) {
      const { startedAt, queueing } = bystander
      if (startedAt > youngest && (queueing?.from ?? startedAt) < until) return false
    }
    return true
  }

  #settleAll(): void {
    for (const tracked of this.#pending) this.settle(tracked, [PROCESS_ENDED])
    this.#stretches.close()
  }
}

// --- internal ---

/** One that is slow by the queue alone. */
interface Queuer extends Waited {
  readonly endedAt: number
  readonly bystander: Bystander
  readonly subject: RequestSubject
}

/** A request whose end is awaited. */
interface Tracked {
  readonly recorder: FlightRecorder
  readonly request: IncomingRequest
  readonly response: OutgoingResponse
  readonly title: RequestTitle
  readonly bystander: Bystander
}

const trackedBy = createTags<Tracked>()

function settle(this: OutgoingResponse): void {
  try {
    this.removeListener('finish', settle)
    this.removeListener('close', settle)
    const tracked = trackedBy.get(this)
    tracked?.recorder.settle(tracked)
  } catch {
    // Ours, and not the app's to notice.
  }
}
