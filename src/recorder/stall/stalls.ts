/**
 * Stretches in which the loop was too busy to look for what had come in: each becomes a dump, when
 * all who waited for its end have been seen.
 *
 *     loop       ███████ stall ███████ backlog █ ─ ─ ─ ─ ─ │ dump
 *     requests     came  came   came    seen seen  SETTLE
 */
import { now } from '../../sampler/clock.js'
import type { BusySpan, LongSpan } from '../../sampler/long-turns.js'
import { setTimeout } from '../../sampler/node-timers.js'
import { type Queueing, queueingOf, type Waiter } from '../../sampler/queue-bound.js'
import { quietly } from '../../sampler/quietly.js'
import { newId } from '../../store/dump-name.js'
import { cameAlone } from '../arrival.js'
import type { Settings } from '../options.js'
import { outsideRequests } from '../outside-requests.js'
import type { PasserBy } from '../passer-by.js'
import type { Recorder } from '../recorder.js'
import { report } from '../report.js'
import { countedStoreOf } from '../store-of.js'
import type { Subject } from '../subject.js'
import { Hangs } from './hangs.js'

const SHARED = Symbol.for('profview.stalls.1')
const shared = globalThis as { [SHARED]?: Stalls }

/** Dumps that may still be written. */
interface Budget {
  take(): boolean
  giveBack(againInMs: number): void
}

/** Null where the settings do not ask for them. A thread has one: the first that does decides. */
export function stallsOf(recorder: Recorder, settings: Settings, budget: Budget): Stalls | null {
  if (settings.stallMs === null) return null
  shared[SHARED] ??= new Stalls(recorder, settings, budget)
  return shared[SHARED]
}

export class Stalls {
  readonly #recorder: Recorder
  readonly #settings: Settings
  readonly #budget: Budget
  readonly #timer: NodeJS.Timeout
  readonly #hangs: Hangs
  /** Found, and not recorded yet. */
  #spans: LongSpan[] = []
  /** Requests that may have waited for one, by what there is of each. */
  readonly #waiting = new Map<PasserBy, Waiting>()
  #seenAt = Number.NEGATIVE_INFINITY
  /** Of the backlog that is being seen. */
  #asked = 0

  constructor(recorder: Recorder, settings: Settings, budget: Budget) {
    this.#recorder = recorder
    this.#settings = settings
    this.#budget = budget
    this.#timer = outsideRequests(() =>
      setTimeout(
        quietly(() => this.#settle()),
        SETTLE_MS,
      ),
    )
    this.#timer.unref()
    const { past } = recorder.sampler
    past.keep(PAST_MS)
    past.watchStalls(settings.stallMs!, (span) => this.#found(span))
    recorder.beforeExit(() => this.#recordAll())
    recorder.arrivals.prepareSoon()
    this.#hangs = new Hangs(recorder, settings, SHARED)
    this.#hangs.watchSoon(() => this.#subject(now(), { id: this.#hangs.seed }))
  }

  /** For the writer's thread, which calls it in the middle of a stretch that does not end. */
  hangs(): string {
    return this.#hangs.tell()
  }

  /** A request is seen for the first time. */
  comes(passing: PasserBy): void {
    const { arrival } = passing
    if (arrival === null || this.#waiting.size >= MOST_WAITING) return
    const { from, seenAt } = arrival
    if (from !== null && seenAt - from < this.#settings.stallMs! / 4) return
    const bound = arrival.bound
    if (from === null && !this.#mayHaveStalled(seenAt)) return
    // It came while the loop slept, and what the poll brought with it took no time.
    const { sleptMs, thenEndedBy } = bound
    if (sleptMs > 0 && seenAt - thenEndedBy < this.#settings.stallMs! / 4) return
    this.#seenAt = seenAt
    const waiting = { title: '', queueing: queueingOf(bound), askedAs: '', cameAlone: false }
    this.#waiting.set(passing, waiting)
    this.#ask(passing, waiting)
    this.#timer.refresh()
  }

  /** It has ended: now its name is known, and soon it will not be. */
  over(passing: PasserBy): void {
    const waiting = this.#waiting.get(passing)
    if (waiting !== undefined) waiting.title = passing.title()
  }

  // --- internal ---

  /** The kernel, when it came. */
  #ask({ request }: PasserBy, waiting: Waiting): void {
    if (this.#asked >= MOST_ASKED || request === null) return
    this.#asked++
    waiting.askedAs = newId()
    waiting.cameAlone = cameAlone(request)
    this.#recorder.arrivals.ask(waiting.askedAs, request, waiting.queueing)
  }

  #mayHaveStalled(seenAt: number): boolean {
    return seenAt - this.#recorder.sampler.past.stalledAt < SETTLE_MS
  }

  #found(span: LongSpan): void {
    if (span.goesOn) return this.#record(span)
    this.#spans.push(span)
    this.#timer.refresh()
  }

  /** Stalls are found when a window is taken, which may be a second after they have ended. */
  #settle(): void {
    const at = now()
    const [first] = this.#spans
    const isQuiet = at - this.#seenAt >= SETTLE_MS
    if (first !== undefined && (isQuiet || at - first.to > LONGEST_MS)) this.#recordAll()
    if (isQuiet) this.#asked = 0
    for (const [passing, { queueing }] of this.#waiting) {
      if (at - queueing.seenAt > LONGEST_MS) this.#waiting.delete(passing)
    }
    if (this.#spans.length > 0 || this.#waiting.size > 0) this.#timer.refresh()
  }

  #recordAll(): void {
    for (const span of this.#spans.splice(0)) quietly(() => this.#record(span))()
  }

  #record(span: LongSpan): void {
    const known = this.#hangs.idOf(span)
    if (known === null && !this.#budget.take()) return
    const id = known ?? newId()
    if (span.goesOn) this.#hangs.isTold(id, span)
    const { past } = this.#recorder.sampler
    const recording = past.recallThread(() => `process ${process.pid}`, span)
    const { from, cause, goesOn } = span
    const stall = { cause, ended: !goesOn }
    const waiters = this.#waitersOf(span)
    this.#recorder.recalled(recording, this.#subject(from, { id, stall, waiters }))
  }

  #subject(from: number, of: Pick<Subject, 'id' | 'stall' | 'waiters'>): Subject {
    const settings = this.#settings
    return {
      ...of,
      kind: 'stall',
      name: null,
      kept: 'stall',
      request: () => null,
      labels: settings.labelsOfAll,
      startedAt: new Date(Date.now() - (now() - from)),
      warnings: [],
      store: countedStoreOf(settings),
      logger: settings.logger,
      answered: (answer) => {
        if ('againInMs' in answer) this.#budget.giveBack(answer.againInMs)
        report(settings, answer)
      },
    }
  }

  #waitersOf(span: BusySpan): Waiter[] {
    const waiters: Waiter[] = []
    for (const [passing, waiting] of this.#waiting) {
      const { from, seenAt } = waiting.queueing
      if ((from ?? span.from) >= span.to || seenAt <= span.from) continue
      const title = waiting.title || passing.title()
      waiters.push({ ...waiting, context: passing.id, title })
    }
    return waiters
  }
}

// --- internal ---

interface Waiting {
  title: string
  readonly queueing: Queueing
  askedAs: string
  cameAlone: boolean
}

/** The backlog has drained when for so long nobody more has turned out to have waited. */
const SETTLE_MS = 100
/** Where it never does, and until a stall is found, ms. */
const LONGEST_MS = 5000
/** Until all is known of it, ms. */
const PAST_MS = 10_000
/** More are not told apart. */
const MOST_WAITING = 1000
/** Of one backlog: each takes up to 0.1 ms of the app's thread. */
const MOST_ASKED = 64
