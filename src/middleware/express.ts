import type { Neighbour, Recording } from '../sampler/recording.js'
import {
  asksForReport,
  couldOpen,
  environmentTrigger,
  findTrigger,
  mayProfile,
  type Trigger,
} from './gate.js'
import { type HeldResponse, holdResponse } from './html-response.js'
import { labelsOf } from './labels.js'
import { type ProfilerOptions, resolveOptions, type Settings } from './options.js'
import { recordProcess } from './process-mode.js'
import { newId, type Recorder, report, storeOf } from './recorder.js'
import type { IncomingRequest, Next, OutgoingResponse } from './request.js'
import { isOver, markResponse, onEnd } from './response.js'
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
  if (settings.arm === 'start') requests.arm()
  return Object.assign(
    function profiler(request: IncomingRequest, response: OutgoingResponse, next: Next): void {
      requests.handle(request, response, next)
    },
    { counts },
  )
}

// --- internal ---

/** Recordings that begin within this time of the sampler's start may miss loops that were running before, ms. */
const COLD_MS = 100

/** Ended recordings that are not written yet; the disk cannot keep up. */
const MAX_BACKLOG = 2000

class Requests {
  readonly #settings: Settings
  readonly #counts: ProfilerCounts
  /** Requests that have had their chance: a second mount does not ask again. */
  readonly #asked = new WeakSet<IncomingRequest>()
  #recorder: Recorder | null | undefined
  #minute = 0
  #begunInMinute = 0

  constructor(settings: Settings, counts: ProfilerCounts) {
    this.#settings = settings
    this.#counts = counts
  }

  arm(): Recorder | null {
    this.#recorder ??= threadRecorder(this.#settings)
    return this.#recorder
  }

  handle(request: IncomingRequest, response: OutgoingResponse, next: Next): void {
    const trigger = this.#triggerOf(request)
    if (trigger === null) return this.#pass(request, next)
    const allowed = mayProfile(request, trigger, this.#settings)
    const decide = (allowed: boolean) => this.#decide(request, response, next, trigger, allowed)
    if (typeof allowed === 'boolean') decide(allowed)
    // What the app throws shall be an exception, as it is without us, and no rejection.
    else void allowed.then((late) => queueMicrotask(() => decide(late)))
  }

  #triggerOf(request: IncomingRequest): Trigger | null {
    if (this.#asked.has(request)) return null
    const trigger = findTrigger(request, this.#settings)
    if (trigger !== null || typeof this.#settings.mode === 'number') this.#asked.add(request)
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
    if (recording === null) this.#pass(request, next)
    else recording.run(() => next())
  }

  /** A request for a report has not been seen by the environment yet. */
  #without(request: IncomingRequest): Trigger | null {
    return asksForReport(request, this.#settings) ? environmentTrigger(this.#settings) : null
  }

  /** Not profiled. While others are, they shall be able to say whose code held them up. */
  #pass(request: IncomingRequest, next: Next): void {
    const recorder = this.#recorder
    const neighbour = recorder && recorder.sampler.active > 0 ? introduce(recorder, request) : null
    if (neighbour === null) next()
    else neighbour.run(() => next())
  }

  /** Null if the request is to be served unprofiled. Never throws. */
  #begin(request: IncomingRequest, response: OutgoingResponse, trigger: Trigger): Recording | null {
    try {
      const recorder = this.arm()
      if (recorder?.known.has(request)) return null
      if (recorder === null || isOver(request, response) || this.#overLimit(recorder)) {
        this.#counts.skipped++
        return null
      }
      const recording = this.#record(recorder, request, response, trigger)
      recorder.known.add(request)
      this.#counts.profiled++
      return recording
    } catch (error) {
      this.#counts.skipped++
      this.#settings.logger.warn(`profview: a request was served unprofiled: ${error}`)
      return null
    }
  }

  #overLimit(recorder: Recorder): boolean {
    const minute = Math.floor(performance.now() / 60_000)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#begunInMinute = 0
    }
    const { concurrent, perMinute } = this.#settings.limits
    if (recorder.sampler.active >= concurrent || recorder.backlog >= MAX_BACKLOG) return true
    if (this.#begunInMinute >= perMinute) return true
    this.#begunInMinute++
    return false
  }

  #record(
    recorder: Recorder,
    request: IncomingRequest,
    response: OutgoingResponse,
    trigger: Trigger,
  ): Recording {
    const settings = this.#settings
    const id = newId()
    const route = watchRoute(request)
    const method = request.method ?? ''
    const caveats: string[] = []
    if (performance.now() - recorder.armedAt < COLD_MS) {
      caveats.push('the sampler had just been started: loops that were running before are not seen')
    }
    const wantsReport = trigger !== 'environment' && asksForReport(request, settings)
    const held = wantsReport ? holdResponse(request, response) : null
    let aborted = false
    const recording = recorder.begin(
      {
        id,
        kind: 'request',
        request: () => ({ method, route: route(), status: statusOf(response), aborted }),
        labels: labelsOf(request, settings),
        startedAt: new Date(),
        caveats,
        store: storeOf(settings),
        html: held !== null,
        answered: (answer) => {
          report(settings, answer)
          held?.release(('html' in answer && answer.html) || null)
        },
      },
      titleOf(method, route),
      (settings.awaits ?? trigger !== 'environment') ? 'awaits' : 'labels',
    )
    try {
      markResponse(response, id, trigger, () => recording.soFar)
      this.#endWith(request, response, held, recording, caveats, (wasAborted) => {
        aborted = wasAborted
      })
    } catch (error) {
      caveats.push('the end of the response could not be watched')
      recording.end()
      held?.release(null)
      throw error
    }
    return recording
  }

  /** Ends the recording with the response, or at the limit. */
  #endWith(
    request: IncomingRequest,
    response: OutgoingResponse,
    held: HeldResponse | null,
    recording: Recording,
    caveats: string[],
    ended: (aborted: boolean) => void,
  ): void {
    const { durationMs } = this.#settings.limits
    const release = recording.adopt()
    const end = () => {
      release()
      recording.end()
    }
    const over = (aborted: boolean) => {
      clearTimeout(limit)
      ended(aborted)
      end()
    }
    const stopListening = onEnd(request, response, over)
    if (held !== null) {
      held.onEnd = () => {
        stopListening()
        over(false)
      }
    }
    const limit = setTimeout(() => {
      caveats.push(`cut off after ${durationMs} ms, before the response ended`)
      stopListening()
      held?.release(null)
      end()
    }, durationMs).unref()
  }
}

/** Null if it is known already. Never throws. */
function introduce(recorder: Recorder, request: IncomingRequest): Neighbour | null {
  if (recorder.known.has(request)) return null
  try {
    const route = watchRoute(request)
    recorder.known.add(request)
    return recorder.sampler.introduce(titleOf(request.method ?? '', route))
  } catch {
    return null
  }
}

/** Outlives the request, which it must not keep: hence a function of its own. */
function titleOf(method: string, route: () => string): () => string {
  return () => `${method} ${route()}`.trim()
}

/** Express 4 takes any status: a text, for one. */
function statusOf(response: OutgoingResponse): number {
  const status = Number(response.statusCode)
  return Number.isSafeInteger(status) && status > 0 ? status : 0
}
