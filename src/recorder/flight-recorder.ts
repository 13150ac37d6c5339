/**
 * Requests of which only the end shows whether they are worth keeping: each is a labelled bystander
 * and no more, until it turns out slow or failed, and is then recalled from what the sampler
 * remembers.
 */

import type { Warning } from '../profile/profile.js'
import { PROCESS_ENDED } from '../profile/warnings.js'
import { createTags } from '../sampler/async/object-tags.js'
import { queueingOf } from '../sampler/queue-bound.js'
import type { Bystander } from '../sampler/recording.js'
import type { Settings } from './options.js'
import type { Recorder } from './recorder.js'
import type { IncomingRequest, OutgoingResponse, WatchRoute } from './request.js'
import { RequestSubject, titleOf } from './request-subject.js'

export class FlightRecorder {
  readonly #recorder: Recorder
  readonly #settings: Settings
  readonly #watchRoute: WatchRoute
  /** One more dump may be written. */
  readonly #mayKeep: () => boolean
  readonly #pending = new Set<Tracked>()

  constructor(
    recorder: Recorder,
    settings: Settings,
    watchRoute: WatchRoute,
    mayKeep: () => boolean,
  ) {
    this.#recorder = recorder
    this.#settings = settings
    this.#watchRoute = watchRoute
    this.#mayKeep = mayKeep
    recorder.sampler.keepPast(settings.limits.durationMs)
    recorder.beforeExit(() => this.#settleAll())
  }

  /** Follows the request to its end. */
  track(request: IncomingRequest, response: OutgoingResponse): Bystander {
    const title = titleOf(request.method ?? '', this.#watchRoute(request))
    const bystander = this.#recorder.sampler.introduce(title)
    bystander.queueing = queueingOf(this.#recorder.sampler.queueBound(request, response))
    const tracked = { recorder: this, request, response, bystander }
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
    const elapsedMs = performance.now() - bystander.startedAt
    const isSlow = elapsedMs >= this.#settings.slowMs!
    const subject = new RequestSubject(
      request,
      response,
      this.#watchRoute(request),
      isSlow ? 'slow' : 'status',
      this.#settings,
    )
    const isWorthIt = isSlow || subject.status >= 500
    if (!isWorthIt || !this.#mayKeep()) return this.#recorder.sampler.dismiss(bystander)
    subject.startedAt = new Date(Date.now() - elapsedMs)
    subject.aborted = !response.writableFinished
    subject.warnings.push(...warnings)
    subject.label(request)
    this.#recorder.recall(bystander, subject)
  }

  // --- internal ---

  #settleAll(): void {
    for (const tracked of this.#pending) this.settle(tracked, [PROCESS_ENDED])
  }
}

// --- internal ---

/** A request whose end is awaited. */
interface Tracked {
  readonly recorder: FlightRecorder
  readonly request: IncomingRequest
  readonly response: OutgoingResponse
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
