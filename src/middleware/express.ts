import type { Recording } from '../sampler/recording.js'
import { couldOpen, findTrigger, mayProfile, type Trigger } from './gate.js'
import { type ProfilerOptions, resolveOptions, type Settings } from './options.js'
import { recordProcess } from './process-mode.js'
import { newId, type Recorder, report, storeOf } from './recorder.js'
import type { IncomingRequest, Next, OutgoingResponse } from './request.js'
import { markResponse, onEnd } from './response.js'
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
  if (!couldOpen(settings)) return Object.assign(pass, { counts })
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

function pass(_request: IncomingRequest, _response: OutgoingResponse, next: Next): void {
  next()
}

/** Recordings that begin within this time of the sampler's start may miss loops that were running before, ms. */
const COLD_MS = 100

class Requests {
  readonly #settings: Settings
  readonly #counts: ProfilerCounts
  readonly #seen = new WeakSet<IncomingRequest>()
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
    const trigger = findTrigger(request, this.#settings)
    if (trigger === null) return this.#pass(request, next)
    const allowed = mayProfile(request, trigger, this.#settings)
    if (typeof allowed === 'boolean') this.#decide(request, response, next, trigger, allowed)
    else void allowed.then((late) => this.#decide(request, response, next, trigger, late))
  }

  #decide(
    request: IncomingRequest,
    response: OutgoingResponse,
    next: Next,
    trigger: Trigger,
    allowed: boolean,
  ): void {
    if (!allowed) this.#counts.refused++
    const recording = allowed ? this.#begin(request, response, trigger) : null
    if (recording === null) this.#pass(request, next)
    else recording.run(() => next())
  }

  /** Not profiled. While others are, they shall be able to say whose code held them up. */
  #pass(request: IncomingRequest, next: Next): void {
    const recorder = this.#recorder
    if (!recorder?.sampler.busy || this.#seen.has(request)) return next()
    this.#seen.add(request)
    const route = watchRoute(request)
    recorder.sampler.introduce(() => `${request.method} ${route()}`.trim()).run(() => next())
  }

  /** Null if the request is to be served unprofiled. Never throws. */
  #begin(request: IncomingRequest, response: OutgoingResponse, trigger: Trigger): Recording | null {
    if (this.#seen.has(request)) return null
    try {
      const recorder = this.arm()
      if (recorder === null || this.#overLimit(recorder)) {
        this.#counts.skipped++
        return null
      }
      this.#seen.add(request)
      const recording = this.#record(recorder, request, response, trigger)
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
    if (recorder.active >= concurrent || this.#begunInMinute >= perMinute) return true
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
    let aborted = false
    const recording = recorder.begin(
      {
        id,
        kind: 'request',
        request: () => ({ method, route: route(), status: response.statusCode, aborted }),
        labels: labelsOf(request, settings),
        startedAt: new Date(),
        caveats,
        redact: settings.redact,
        store: storeOf(settings),
        answered: (answer) => report(settings, answer),
      },
      () => `${method} ${route()}`.trim(),
      (settings.awaits ?? trigger !== 'environment') ? 'awaits' : 'labels',
    )
    markResponse(response, id, trigger, () => recording.soFar)
    const release = recording.adopt()
    const limit = setTimeout(() => {
      caveats.push(`cut off after ${settings.limits.durationMs} ms, before the response ended`)
      stopListening()
      end()
    }, settings.limits.durationMs).unref()
    const stopListening = onEnd(request, response, (wasAborted) => {
      aborted = wasAborted
      clearTimeout(limit)
      end()
    })
    function end() {
      release()
      recording.end()
    }
    return recording
  }
}

function labelsOf(request: IncomingRequest, settings: Settings): Readonly<Record<string, string>> {
  const labels: [string, string][] = []
  try {
    const given =
      (settings.labels as ((request: IncomingRequest) => object) | null)?.(request) ?? {}
    for (const [name, value] of Object.entries(given).slice(0, 32)) {
      if (['string', 'number', 'boolean'].includes(typeof value)) {
        labels.push([name.slice(0, 100), String(value).slice(0, 1000)])
      }
    }
  } catch {
    // A failing callback costs its labels only.
  }
  return Object.fromEntries(labels)
}
