/**
 * Requests → recordings, for any framework: begin, run the rest of the app inside, end when the
 * response does, hand over to the writer. Nothing in here may throw into the app or change its
 * response.
 */
import { printableReason } from '../printable.js'
import type { Warning } from '../profile/profile.js'
import { finish } from '../profile/steps.js'
import { LEFT, PROCESS_ENDED, PROCESS_ENDED_FIRST } from '../profile/warnings.js'
import { createTags } from '../sampler/async/object-tags.js'
import { quietly } from '../sampler/quietly.js'
import type { Detail, Recording } from '../sampler/recording.js'
import { ThreadSampler } from '../sampler/thread-sampler.js'
import type { Finished, StackTableDelta, Window } from '../sampler/window.js'
import { LoadedMaps } from '../sourcemap/loaded-maps.js'
import { ArrivalAsker } from './arrival.js'
import { DumpDirectory } from './dump-directory.js'
import type { Settings } from './options.js'
import { KeptSafe } from './process/kept-safe.js'
import { type Redact, Redactors } from './redact.js'
import type { IncomingRequest } from './request.js'
import type { Waiters } from './stall/waiters.js'
import { endOf, finishedOf, type Subject } from './subject.js'
import type { ExitPatience } from './writer/exit-patience.js'
import type { HangSigns, SomeAnswer, StoreAddress } from './writer/messages.js'
import { requireWriter, WriterThread } from './writer/writer-thread.js'

/** The recordings of one thread: its sampler, its writer, and what is under way between them. */
export class Recorder {
  readonly sampler: ThreadSampler
  readonly #writer = new WriterThread({
    answered: (answer) => this.#answered(answer),
    lost: (reason) => this.#lose(`the thread that puts dumps together ended: ${reason}`),
    resumed: () => this.sampler.resend(),
  })
  readonly arrivals = new ArrivalAsker(
    () => this.#writer.start(),
    (message) => void this.#writer.send(message),
  )
  readonly #subjects = new Map<Recording, Subject>()
  readonly #awaited = new Map<string, Subject>()
  readonly #directories = new Map<string, DumpDirectory>()
  readonly #redactors = new Redactors()
  readonly #recalls: (() => void)[] = []
  readonly #keptSafe = new KeptSafe(({ dir }) => this.directoryOf(dir).isResting)
  /** Who may wait while the loop does not look; null: nobody watches for that. */
  waiters: Waiters | null = null
  /** Requests that are recorded, or have to be watched for their end. */
  readonly seen = createTags<object>()
  readonly #exit = () => this.flush()
  #listening = false
  readonly armedAt = performance.now()
  /** Triggered requests whose response has not ended, for `limits.concurrent`. */
  underWay = 0
  /** Mode `process` is on: the thread has one such recording. */
  recordsProcess = false
  /** For a process that is run for its dumps: how long its end may be held up for them, ms. */
  exitLimitMs: number | null = null
  /** Of the exit that is under way. */
  #patience: ExitPatience | null = null

  /** Arms the thread's sampler. Throws NO_PROFILER where it cannot run. */
  constructor(settings: Settings) {
    requireWriter()
    const maps = new LoadedMaps()
    this.sampler = new ThreadSampler(
      settings.intervalMs * 1000,
      {
        warn: (fact) => settings.logger.warn(`profview: ${fact}`),
        expect: () => this.#writer.start(),
        stacks: (table) => this.#stacks(table),
        window: (window) => this.#window(window),
        ended: (recording) => this.#hand(recording),
      },
      (frame) => maps.of(frame),
    )
  }

  /** A recording that begins now may become a dump. */
  get takesMore(): boolean {
    return this.#awaited.size < MAX_BACKLOG && this.#writer.isTaking && !this.#patience?.isSpent
  }

  /** Where dumps go; known by its path from the first question on. */
  directoryOf(dir: string): DumpDirectory {
    let directory = this.#directories.get(dir)
    if (directory === undefined) {
      directory = new DumpDirectory((store) => this.#probe(store))
      this.#directories.set(dir, directory)
    }
    return directory
  }

  /** Another mount of the middleware has nothing to add to the request; null: nobody knows it. */
  known(request: IncomingRequest): object | null {
    return this.seen.get(request) ?? this.sampler.connections.waitingFor(request)
  }

  /** Null when it has been handed over. */
  subjectOf(recording: Recording): Subject | null {
    return this.#subjects.get(recording) ?? null
  }

  begin(subject: Subject, title: () => string, detail: Detail, backMs = 0): Recording {
    const recording = this.sampler.begin(title, detail, backMs)
    if (subject.kept === 'trigger' || subject.isAwaited) recording.isUrgent = true
    this.#keptSafe.begins(recording, subject)
    this.#subjects.set(recording, subject)
    this.#listen()
    return recording
  }

  /** Keeps a recording of the past, which has been made just now. */
  recalled(recording: Recording, subject: Subject): void {
    this.#subjects.set(recording, subject)
    this.#listen()
  }

  /** From now on the writer's thread sees when this one hangs. */
  watch(how: HangSigns, recording: Recording, subject: Subject, store: StoreAddress): void {
    const from = recording.startedAt
    this.#writer.watch({ ...how, recording: this.#finished(recording, subject, from), store })
  }

  /** What may still be recalled when the process exits; from now on it is always asked. */
  beforeExit(recall: () => void): void {
    this.#recalls.push(recall)
    this.#listen()
  }

  /** From now on each frame goes through it, the ones that dumps have shown before too. */
  addRedactor(redact: Redact): void {
    if (this.#redactors.add(redact)) this.sampler.resend()
  }

  /** The process ends: what has been sampled is written now. */
  flush(): void {
    const patience = this.#writer.patience(this.exitLimitMs)
    this.#patience = patience
    this.#endAll(PROCESS_ENDED, PROCESS_ENDED_FIRST)
    quietly(() => this.#writer.drain(patience))()
    this.#patience = null
    this.#lose('the process ended before it was written')
  }

  /** The process goes on without us: for good. */
  async close(): Promise<void> {
    this.#endAll(LEFT, LEFT)
    await this.#writer.close()
    this.#lose('profview left before it was written')
  }

  // --- internal ---

  /** What goes on ends now, with a warning. */
  #endAll(ofRequest: Warning, ofOther: Warning): void {
    for (const [{ endedAt }, { kind, warnings }] of this.#subjects) {
      if (kind === 'process' || endedAt !== Number.POSITIVE_INFINITY) continue
      warnings.push(kind === 'request' ? ofRequest : ofOther)
    }
    for (const step of [...this.#recalls.splice(0), () => this.sampler.flush()]) quietly(step)()
  }

  #stacks(table: StackTableDelta): void {
    this.#writer.send({ type: 'stacks', ...this.#redactors.stacks(table) })
  }

  #window(window: Window): void {
    this.#writer.send({ type: 'window', ...this.#redactors.window(window) })
    const known = this.#keptSafe.soFar(window.to, (...of) => this.#finished(...of))
    for (const soFar of known) this.#writer.send(soFar)
  }

  /** All that is known of it; `to`: it goes on. */
  #finished(recording: Recording, subject: Subject, to?: number): Finished {
    const finished = finishedOf(recording, subject, this.sampler, this.armedAt, to)
    return { ...finished, meta: this.#redactors.meta(finished.meta) }
  }

  #hand(recording: Recording): void {
    const subject = this.#subjects.get(recording)
    if (subject === undefined) return
    this.#subjects.delete(recording)
    if (this.#isVain(subject)) return this.#listen()
    this.#awaited.set(subject.id, subject)
    if (subject.isWanted === false) return this.#answered({ id: subject.id, dropped: true })
    try {
      if (this.#patience?.isSpent) return
      const isTaken = this.#writer.send(endOf(subject, this.#finished(recording, subject)))
      if (!isTaken) this.#answered({ id: subject.id, error: 'no thread puts dumps together now' })
      else this.arrivals.prepareIfWanted()
    } catch (error) {
      this.#answered({ id: subject.id, error: printableReason(error) })
    }
  }

  /** Its directory takes no dumps now, and nobody has been given its id. */
  #isVain({ kind, store, logger }: Subject): boolean {
    if (kind !== 'process' || store === null || this.#patience !== null) return false
    const directory = this.directoryOf(store.dir)
    if (directory.isResting) directory.passUp(logger)
    return directory.isResting
  }

  #probe(store: StoreAddress): void {
    // Its thread may have ended meanwhile, and nothing else starts it: nothing is recorded.
    finish(this.#writer.start())
    this.#writer.send({ type: 'probe', store })
  }

  #answered(answer: SomeAnswer): void {
    if ('unsafe' in answer) return this.#keptSafe.unsafe(answer)
    if ('probed' in answer) {
      return quietly(() => this.directoryOf(answer.probed.dir).probed(answer))()
    }
    const subject = this.#awaited.get(answer.id)
    this.#awaited.delete(answer.id)
    this.#listen()
    const { store = null, logger } = subject ?? {}
    if (store !== null) {
      quietly(() => this.directoryOf(store.dir).answered(answer, store, logger))()
    }
    quietly(() => subject?.answered(answer))()
  }

  /** What the writer has not answered yet is gone. */
  #lose(error: string): void {
    for (const id of [...this.#awaited.keys()]) this.#answered({ id, error })
  }

  /** Hooks `exit` as long as a dump would be lost without. */
  #listen(): void {
    const needed = this.#subjects.size > 0 || this.#awaited.size > 0 || this.#recalls.length > 0
    if (needed === this.#listening) return
    this.#listening = needed
    if (needed) process.on('exit', this.#exit)
    else process.removeListener('exit', this.#exit)
  }
}

/** Ended recordings that are not written yet; the disk cannot keep up. */
const MAX_BACKLOG = 2000
