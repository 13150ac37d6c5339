import type { Kept, RequestMeta, Warning } from '../profile/profile.js'
import { methodName } from '../sampler/method-name.js'
import { newId } from '../store/dump-name.js'
import type { Annotation } from './annotation.js'
import { doneLine } from './done-line.js'
import type { BodyAsked } from './gate/trigger.js'
import { type DumpLabels, givenLabels, saidLabels, withLabels } from './labels.js'
import { DEFAULT_LOGGER, type Logger } from './logger.js'
import type { Settings } from './options.js'
import { report } from './report.js'
import type { IncomingRequest, OutgoingResponse, RouteOf } from './request.js'
import type { HeldResponse } from './response/html-response.js'
import { countedStoreOf } from './store-of.js'
import type { Subject } from './subject.js'
import { joinServerSpan } from './telemetry.js'
import type { StoreAddress, WriterAnswer } from './writer/messages.js'

/** One request, as its dump will describe it. */
export class RequestSubject implements Subject {
  readonly id = newId()
  readonly kind = 'request'
  startedAt = new Date()
  readonly name = null
  readonly kept: Kept
  readonly warnings: Warning[] = []
  readonly store: StoreAddress
  /** The client went away, or the response was destroyed, before its end. */
  aborted = false
  cameAlone = false
  /** It is worth a dump only if it took this long with its time in the queue, ms. */
  ifSlowMs: number | null = null
  /** Of one that is cut off there; one that is recalled has ended. */
  limitMs: number = Number.POSITIVE_INFINITY
  /** There is no dump of it after all; `againInMs`: nor of others for so long, ms. */
  onDropped: (againInMs: number) => void = () => {}
  /** The response, if it waits for the report. */
  held: HeldResponse | null = null
  readonly title: RequestTitle
  readonly #settings: Settings
  readonly #response: OutgoingResponse
  /** Of all dumps, and of traces. */
  #given: DumpLabels = {}
  /** The app's, which is heard last. */
  #said: DumpLabels = {}

  constructor(response: OutgoingResponse, title: RequestTitle, kept: Kept, settings: Settings) {
    this.kept = kept
    this.store = countedStoreOf(settings)
    this.#settings = settings
    this.#response = response
    this.title = title
  }

  get logger(): Logger {
    return this.#settings.logger
  }

  /** Asks the app for its labels, in the context of whoever runs now. */
  label(request: IncomingRequest): void {
    this.#given = givenLabels(request, this.#settings)
    this.#said = saidLabels(request, this.#settings)
  }

  annotate({ route, labels }: Annotation): void {
    if (route !== undefined) this.title.annotated = route
    this.#said = withLabels(this.#said, labels)
  }

  get labels(): DumpLabels {
    return withLabels(this.#given, this.#said)
  }

  /** Its head is made, in the context of whoever answers. */
  joinTrace(): void {
    const span = joinServerSpan(this.id)
    if (span === null) return
    this.#given = withLabels(this.#given, span.labels)
    this.title.traced = span.route
  }

  get status(): number {
    // Express 4 takes any status: a text, for one.
    const status = Number(this.#response.statusCode)
    return Number.isSafeInteger(status) && status > 0 ? status : 0
  }

  request(): RequestMeta {
    return {
      method: this.title.method,
      route: this.title.route,
      status: this.status,
      aborted: this.aborted,
    }
  }

  /** Only the end tells its route. */
  get isWanted(): boolean {
    const { onlyRoute = null } = this.#settings
    return onlyRoute === null || this.title.text() === onlyRoute
  }

  /** What the response waits for. */
  get body(): BodyAsked | null {
    return this.held?.body ?? null
  }

  /** A line on stderr says where the dump is; no log of the app does. */
  get isTold(): boolean {
    return this.#isForDeveloper && this.#settings.logger === DEFAULT_LOGGER
  }

  get #isForDeveloper(): boolean {
    return this.kept === 'trigger' && !this.#settings.production
  }

  answered(answer: WriterAnswer): void {
    if ('dropped' in answer) this.onDropped(0)
    if ('againInMs' in answer) this.onDropped(answer.againInMs)
    report(this.#settings, answer)
    this.held?.release('body' in answer && answer.body ? { ...answer, bytes: answer.body } : null)
    if (this.#isForDeveloper && !this.isTold && 'file' in answer) {
      this.#settings.logger.info(doneLine(answer.meta, answer.file))
    }
  }
}

/** `GET /users/:id`. Outlives the request, which it keeps until it is told that this has ended. */
export class RequestTitle {
  readonly method: string
  readonly #routeOf: RouteOf
  /** The route as the app has named it. */
  annotated: string | null = null
  /** As a trace has it, where nobody else knows one. */
  traced = ''
  #request: IncomingRequest | null
  #route = ''

  constructor(request: IncomingRequest, routeOf: RouteOf) {
    this.method = methodName(request.method)
    this.#routeOf = routeOf
    this.#request = request
  }

  get route(): string {
    if (this.#request === null) return this.#route
    return this.annotated ?? (this.#routeOf(this.#request) || this.traced)
  }

  text(): string {
    return `${this.method} ${this.route}`.trim()
  }

  /** The text as a function, which keeps nothing else. */
  get teller(): () => string {
    return () => this.text()
  }

  /** The request has ended: its title is what it is now. */
  freeze(): void {
    this.#route = this.route
    this.drop()
  }

  /** It has ended, and nobody will ask. */
  drop(): void {
    this.#request = null
  }
}
