import { createStamps } from '../sampler/async/object-tags.js'
import type { Neighbour, Recording } from '../sampler/recording.js'
import { FlightRecorder } from './flight-recorder.js'
import {
  asksForReport,
  couldOpen,
  environmentTrigger,
  findTrigger,
  mayProfile,
  type Trigger,
} from './gate.js'
import { type ProfilerOptions, resolveOptions, type Settings } from './options.js'
import { recordProcess } from './process-mode.js'
import { recordRequest } from './record-request.js'
import type { Recorder } from './recorder.js'
import type { IncomingRequest, Next, OutgoingResponse } from './request.js'
import { titleOf } from './request-subject.js'
import { isOver } from './response.js'
import { watchRoute } from './route.js'
import { threadRecorder } from './thread-recorder.js'

/** What has happened to requests that asked to be profiled, in this worker. */
export interface ProfilerCounts {
  profiled: number
  /** The gate said no. */
  refused: number
  /** Over `limits.concurrent` or `limits.perMinute`, or no sampler. */
  skipped: number
}

export interface ProfilerMiddleware {
  (request: IncomingRequest, response: OutgoingResponse, next: Next): void
  readonly counts: Readonly<ProfilerCounts>
}

/**
 * Middleware for Express and everything Connect-shaped. Mount it first.
 *
 *     app.use(profiler())        // then: curl 'localhost:3000/users/7?profile=1'
 *
 * Throws BAD_OPTION for an option that cannot be right; after that it never throws, and where it cannot profile it calls `next`.
 */
export function profiler<Request = IncomingRequest>(
  options: ProfilerOptions<Request> = {},
): ProfilerMiddleware {
  const settings = resolveOptions(options as ProfilerOptions<never>)
  const counts: ProfilerCounts = { profiled: 0, refused: 0, skipped: 0 }
  if (!couldOpen(settings)) {
    return Object.assign(
      function profiler(_request: IncomingRequest, _response: OutgoingResponse, next: Next): void {
        next()
      },
      { counts },
    )
  }
  const requests = new Requests(settings, counts)
  if (settings.mode === 'process') recordProcess(settings)
  if (settings.arm === 'start' || settings.slowMs !== null) requests.arm()
  return Object.assign(
    function profiler(request: IncomingRequest, response: OutgoingResponse, next: Next): void {
      requests.handle(request, response, next)
    },
    { counts },
  )
}

// --- internal ---

/** Ended recordings that are not written yet; the disk cannot keep up. */
const MAX_BACKLOG = 2000

class Requests {
  readonly #settings: Settings
  readonly #counts: ProfilerCounts
  /** Requests that have had their chance: a second mount does not ask again. */
  readonly #asked = createStamps<true>()
  #recorder: Recorder | null | undefined
  #flights: FlightRecorder | null = null
  #minute = 0
  #begunInMinute = 0

  constructor(settings: Settings, counts: ProfilerCounts) {
    this.#settings = settings
    this.#counts = counts
  }

  arm(): Recorder | null {
    if (this.#recorder === undefined) {
      const recorder = threadRecorder(this.#settings)
      this.#recorder = recorder
      if (recorder !== null && this.#settings.slowMs !== null) {
        const mayKeep = () => this.#mayKeep(recorder)
        this.#flights = new FlightRecorder(recorder, this.#settings, mayKeep)
      }
    }
    return this.#recorder
  }

  handle(request: IncomingRequest, response: OutgoingResponse, next: Next): void {
    const trigger = this.#triggerOf(request)
    if (trigger === null) return this.#pass(request, response, next)
    const allowed = mayProfile(request, trigger, this.#settings)
    const decide = (allowed: boolean) => this.#decide(request, response, next, trigger, allowed)
    if (typeof allowed === 'boolean') decide(allowed)
    // What the app throws shall be an exception, as it is without us, and no rejection.
    else void allowed.then((late) => queueMicrotask(() => decide(late)))
  }

  #triggerOf(request: IncomingRequest): Trigger | null {
    if (this.#asked.get(request)) return null
    const trigger = findTrigger(request, this.#settings)
    if (trigger !== null || typeof this.#settings.mode === 'number') this.#asked.set(request, true)
    return trigger
  }

  #decide(
    request: IncomingRequest,
    response: OutgoingResponse,
    next: Next,
    trigger: Trigger,
    allowed: boolean,
  ): void {
    if (!allowed) this.#counts.refused++
    const honoured = allowed ? trigger : this.#without(request)
    const recording = honoured && this.#begin(request, response, honoured)
    if (recording === null) this.#pass(request, response, next)
    else recording.run(() => next())
  }

  /** A request for a report has not been seen by the environment yet. */
  #without(request: IncomingRequest): Trigger | null {
    return asksForReport(request, this.#settings) ? environmentTrigger(this.#settings) : null
  }

  /** Not profiled. While others are, they shall be able to say whose code held them up. */
  #pass(request: IncomingRequest, response: OutgoingResponse, next: Next): void {
    const recorder = this.#recorder
    const isOfInterest = recorder && (this.#flights !== null || recorder.sampler.active > 0)
    const neighbour = isOfInterest ? introduce(recorder, request, response, this.#flights) : null
    if (neighbour === null) next()
    else neighbour.run(() => next())
  }

  /** Null if the request is to be served unprofiled. Never throws. */
  #begin(request: IncomingRequest, response: OutgoingResponse, trigger: Trigger): Recording | null {
    try {
      const recorder = this.arm()
      if (recorder?.known.get(request)) return null
      if (recorder === null || isOver(request, response) || this.#isFull(recorder)) {
        this.#counts.skipped++
        return null
      }
      const recording = recordRequest(recorder, request, response, trigger, this.#settings)
      recorder.known.set(request, true)
      return recording
    } catch (error) {
      this.#counts.skipped++
      this.#settings.logger.warn(`profview: a request was served unprofiled: ${error}`)
      return null
    }
  }

  #isFull(recorder: Recorder): boolean {
    return recorder.underWay >= this.#settings.limits.concurrent || !this.#mayKeep(recorder)
  }

  /** One more dump, as far as the disk and `limits.perMinute` are concerned. */
  #mayKeep(recorder: Recorder): boolean {
    const minute = Math.floor(performance.now() / 60_000)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#begunInMinute = 0
    }
    const { perMinute } = this.#settings.limits
    if (recorder.backlog >= MAX_BACKLOG || this.#begunInMinute >= perMinute) return false
    this.#begunInMinute++
    this.#counts.profiled++
    return true
  }
}

/** Null if it is known already. Never throws. */
function introduce(
  recorder: Recorder,
  request: IncomingRequest,
  response: OutgoingResponse,
  flights: FlightRecorder | null,
): Neighbour | null {
  if (recorder.known.get(request)) return null
  try {
    recorder.known.set(request, true)
    if (flights !== null && !isOver(request, response)) return flights.board(request, response)
    return recorder.sampler.introduce(titleOf(request.method ?? '', watchRoute(request)))
  } catch {
    return null
  }
}
