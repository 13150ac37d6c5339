/**
 * The requests of one mount of a middleware, for any framework: which of them are recorded, and how
 * the rest of the app runs inside. Nothing in here may throw into the app.
 */
import { printableReason } from '../printable.js'
import { createTags } from '../sampler/async/object-tags.js'
import { now } from '../sampler/clock.js'
import type { Connections } from '../sampler/connections.js'
import type { QueueBound } from '../sampler/queue-bound.js'
import type { Recording } from '../sampler/recording.js'
import { ClosedRequests, type Named } from './closed-requests.js'
import { DumpBudget } from './dump-budget.js'
import { FlightRecorder } from './flight-recorder.js'
import { couldOpen, mayProfile } from './gate/gate.js'
import { tellLimit } from './gate/refusals.js'
import {
  bodyAskedBy,
  environmentTrigger,
  findTrigger,
  isAsked,
  type Trigger,
} from './gate/trigger.js'
import { type Continue, decideLate, type Handling, type ProfilerCounts, tried } from './handling.js'
import { noteMount } from './mounts.js'
import { looksBack, type Settings } from './options.js'
import { PasserBy } from './passer-by.js'
import { PassersBy } from './passers-by.js'
import { watchForCaptures } from './process/capture-watch.js'
import { recordProcess } from './process/process-mode.js'
import { recordBySchedule } from './process/schedule.js'
import type { Told } from './process/thread-stretch.js'
import { recordRequest } from './record-request.js'
import type { Recorder } from './recorder.js'
import type { IncomingRequest, OutgoingResponse, RouteOf } from './request.js'
import { isOver } from './response/response-end.js'
import { withRoutes } from './routes.js'
import { watchStalls } from './stall/stalls.js'
import { threadRecorder } from './thread-recorder.js'

/** Of a middleware that the app mounts. */
export function openRequests(settings: Settings, routeOf: RouteOf): Handling {
  noteMount()
  return handlingOf(settings, routeOf)
}

/** Arms the sampler if so set, and if any request could ever be profiled. */
export function handlingOf(settings: Settings, routeOf: RouteOf): Handling {
  const open = () => new Requests(settings, withRoutes(routeOf, settings))
  if (!couldOpen(settings)) {
    const closed = new ClosedRequests(settings, open)
    if (settings.mode !== 'off') beAskable(settings, closed)
    return closed
  }
  const requests = open()
  beAskable(settings, requests)
  if (settings.mode === 'process') recordProcess(settings, 'process')
  if (settings.arm === 'start' || looksBack(settings)) requests.arm()
  return requests
}

export class Requests implements Named, Told {
  readonly counts: ProfilerCounts = { profiled: 0, refused: 0, skipped: 0 }
  readonly #settings: Settings
  readonly #routeOf: RouteOf
  /** Requests that have had their chance: a second mount does not ask again. */
  readonly #asked = createTags<true>()
  #recorder: Recorder | null | undefined
  #passersBy: PassersBy | null = null
  readonly #budget: DumpBudget

  constructor(settings: Settings, routeOf: RouteOf) {
    this.#settings = settings
    this.#routeOf = routeOf
    this.#budget = new DumpBudget(settings, this.counts)
  }

  arm(): Recorder | null {
    if (this.#recorder === undefined) {
      const recorder = threadRecorder(this.#settings)
      this.#recorder = recorder
      const { mode, production, arm } = this.#settings
      if (mode === 'trigger' && !production && arm === 'start') recorder?.arrivals.prepareSoon()
      if (recorder !== null) this.#passersBy = this.#open(recorder)
      if (mode === 'all' || this.#hasDice) recorder?.sampler.owners.acquire(now())
    }
    return this.#recorder
  }

  wake(): Recorder | null {
    return this.arm()
  }

  /** Whoever is armed stays so. */
  rest(): void {}

  #open(recorder: Recorder): PassersBy {
    const budget = {
      take: () => !this.#isResting(recorder) && this.#budget.take(recorder, false),
      giveBack: this.#budget.giveBack,
    }
    const [settings, routeOf] = [this.#settings, this.#routeOf]
    const keeper = settings.slowMs && new FlightRecorder(recorder, settings, routeOf, budget)
    watchStalls(recorder, settings, budget)
    return new PassersBy(recorder, routeOf, keeper || null)
  }

  handle(request: IncomingRequest, response: OutgoingResponse, next: Continue): void {
    const trigger = this.#triggerOf(request)
    if (trigger === null) return this.#pass(request, response, next)
    // Before anything else: what the app's own `authorize` waits for is no queue.
    const bound =
      tried(() => this.#recorder?.sampler.connections.boundOf(request, response)) ?? null
    const allowed = tried(() => mayProfile(request, trigger, this.#settings)) ?? false
    const decide = (allowed: boolean) =>
      this.#decide(request, response, next, allowed ? trigger : null, bound)
    if (typeof allowed === 'boolean') decide(allowed)
    else void decideLate(allowed, decide)
  }

  #triggerOf(request: IncomingRequest): Trigger | null {
    try {
      return this.#findTrigger(request)
    } catch {
      // Not what Node hands over as a request.
      return null
    }
  }

  #findTrigger(request: IncomingRequest): Trigger | null {
    if (this.#hasAsked(request)) return null
    const known = this.#hasDice ? (this.#recorder?.known(request) ?? null) : null
    if (known instanceof PasserBy && known.crowd === this.#passersBy) return null
    const trigger = findTrigger(request, this.#settings)
    // Who passes is known by that.
    const willPass = known === null && this.#passersBy?.isOpen === true
    if (trigger !== null || (this.#hasDice && !willPass)) this.#ask(request)
    // What another mount records is decided about: its token has been used.
    const mayBeTwice = trigger !== null && isAsked(trigger)
    const other = mayBeTwice ? (this.#recorder?.known(request) ?? null) : null
    return other === null || other instanceof PasserBy ? trigger : null
  }

  #hasAsked(request: IncomingRequest): boolean {
    return this.#asked.get(request) === true || this.#dice?.hasDecided(this, request) === true
  }

  #ask(request: IncomingRequest): void {
    if (this.#dice?.decides(this, request) !== true) this.#asked.set(request, true)
  }

  /** Where all are asked, connections remember it for less than a tag on each request costs. */
  get #dice(): Connections | undefined {
    return this.#hasDice ? this.#recorder?.sampler.connections : undefined
  }

  get #hasDice(): boolean {
    return typeof this.#settings.mode === 'number'
  }

  #decide(
    request: IncomingRequest,
    response: OutgoingResponse,
    next: Continue,
    allowed: Trigger | null,
    bound: QueueBound | null,
  ): void {
    if (allowed === null) this.counts.refused++
    const recording = this.#begin(request, response, allowed, bound)
    if (recording) this.#recorder!.sampler.serve(recording, request, next)
    else this.#pass(request, response, next)
  }

  /** A request for another body has not been seen by the environment yet. */
  #without(request: IncomingRequest): Trigger | null {
    return bodyAskedBy(request, this.#settings) !== null ? environmentTrigger(this.#settings) : null
  }

  /** Not profiled. */
  #pass(request: IncomingRequest, response: OutgoingResponse, next: Continue): void {
    if (this.#passersBy === null) next()
    else this.#passersBy.pass(request, response, next)
  }

  /** Null if the request is to be served unprofiled. Never throws. */
  #begin(
    request: IncomingRequest,
    response: OutgoingResponse,
    allowed: Trigger | null,
    bound: QueueBound | null,
  ): Recording | null {
    try {
      const trigger = allowed ?? this.#without(request)
      if (trigger === null) return null
      const recorder = this.arm()
      const known = recorder?.known(request) ?? null
      if (known !== null && !(known instanceof PasserBy)) return null
      const isOff = !recorder?.sampler.isRunning || isOver(request, response)
      if (isOff || this.#isResting(recorder) || this.#isFull(recorder, trigger)) {
        this.counts.skipped++
        return null
      }
      const recording = recordRequest(
        recorder,
        request,
        response,
        this.#routeOf,
        trigger,
        bound,
        this.#settings,
        (againInMs) => {
          if (againInMs > 0) tellLimit('perMinute', isAsked(trigger), this.#settings)
          this.#budget.giveBack(againInMs)
        },
      )
      // Another mount has let it pass.
      if (known !== null) recorder.sampler.passage.leave(known)
      known?.letGo()
      recorder.seen.set(request, recording)
      return recording
    } catch (error) {
      this.counts.skipped++
      this.#settings.logger.warn(
        `profview: a request was served unprofiled: ${printableReason(error)}`,
      )
      return null
    }
  }

  #isFull(recorder: Recorder, trigger: Trigger): boolean {
    if (recorder.underWay < this.#settings.limits.concurrent)
      return !this.#budget.take(recorder, isAsked(trigger))
    tellLimit('concurrent', isAsked(trigger), this.#settings)
    return true
  }

  /** The directory of dumps takes none now, and is left alone. */
  #isResting(recorder: Recorder): boolean {
    const { dir, logger } = this.#settings
    const directory = recorder.directoryOf(dir)
    if (directory.isResting) directory.passUp(logger)
    return directory.isResting
  }
}

// --- internal ---

function beAskable(settings: Settings, requests: Told): void {
  watchForCaptures(settings, requests)
  recordBySchedule(settings, requests)
}
