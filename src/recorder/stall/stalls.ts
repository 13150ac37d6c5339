/**
 * Stretches in which the loop was too busy to look for what had come in: each becomes a dump, when
 * all who waited for its end have been seen.
 *
 *     loop       ███████ stall ███████ backlog █ ─ ─ ─ ─ ─ │ dump
 *     requests     came  came   came    seen seen  SETTLE
 */
import { now } from '../../sampler/clock.js'
import type { LongSpan } from '../../sampler/long-turns.js'
import { setTimeout } from '../../sampler/node-timers.js'
import { quietly } from '../../sampler/quietly.js'
import { newId } from '../../store/dump-name.js'
import type { Settings } from '../options.js'
import { outsideRequests } from '../outside-requests.js'
import type { Recorder } from '../recorder.js'
import { report } from '../report.js'
import { countedStoreOf } from '../store-of.js'
import type { Subject } from '../subject.js'
import { Hangs } from './hangs.js'
import { SETTLE_MS, Waiters } from './waiters.js'

const SHARED = Symbol.for('profview.stalls.1')
const shared = globalThis as { [SHARED]?: Stalls }

/** Dumps that may still be written. */
interface Budget {
  take(): boolean
  giveBack(againInMs: number): void
}

/** Where the settings ask for it. A thread has one who does: the first that asks decides. */
export function watchStalls(recorder: Recorder, settings: Settings, budget: Budget): void {
  if (settings.stallMs !== null) shared[SHARED] ??= new Stalls(recorder, settings, budget)
}

export class Stalls {
  readonly #recorder: Recorder
  readonly #settings: Settings
  readonly #budget: Budget
  readonly #timer: NodeJS.Timeout
  readonly #hangs: Hangs
  readonly #waiters: Waiters
  /** Found, and not recorded yet. */
  #spans: LongSpan[] = []

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
    const { arrivals } = recorder
    this.#waiters = new Waiters(past, arrivals, settings.stallMs!, () => this.#timer.refresh())
    recorder.waiters = this.#waiters
    past.keep(PAST_MS)
    past.watchStalls(settings.stallMs!, (span) => this.#found(span))
    recorder.beforeExit(() => {
      quietly(() => past.tellLast())()
      this.#recordAll()
    })
    arrivals.prepareSoon()
    this.#hangs = new Hangs(recorder, settings, SHARED)
    this.#hangs.watchSoon(() => this.#subject(now(), { id: this.#hangs.seed }))
  }

  /** For the writer's thread, which calls it in the middle of a stretch that does not end. */
  hangs(): string {
    return this.#hangs.tell()
  }

  // --- internal ---

  #found(span: LongSpan): void {
    if (span.goesOn) return this.#record(span)
    this.#spans.push(span)
    this.#timer.refresh()
  }

  /** Stalls are found when a window is taken, which may be a second after they have ended. */
  #settle(): void {
    const at = now()
    const [first] = this.#spans
    const isQuiet = at - this.#waiters.seenAt >= SETTLE_MS
    if (first !== undefined && (isQuiet || at - first.to > LONGEST_MS)) this.#recordAll()
    if (isQuiet) this.#waiters.drained()
    this.#waiters.forgetBefore(at - LONGEST_MS)
    if (this.#spans.length > 0 || !this.#waiters.isEmpty) this.#timer.refresh()
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
    const who = this.#waiters.of(span)
    this.#recorder.recalled(recording, this.#subject(from, { id, stall, ...who }))
  }

  #subject(from: number, of: Pick<Subject, 'id' | 'stall' | 'waiters' | 'lateEnds'>): Subject {
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
}

// --- internal ---

/** Where it never does, and until a stall is found, ms. */
const LONGEST_MS = 5000
/** Until all is known of it, ms. */
const PAST_MS = 10_000
