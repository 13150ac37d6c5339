/**
 * V8's profiler of this thread, whatever becomes of it: somebody else's may have to run in its
 * place, and where it fails, it is started again, later each time. Nothing in here throws.
 */
import { printableReason } from '../printable.js'
import { BackOff } from './back-off.js'
import { now } from './clock.js'
import { hasSamples, type TimeNode, type WallProfiler } from './native-samples.js'

/** Whether somebody else's profiler runs in this thread. */
interface Others {
  readonly areActive: boolean
  someoneWasFirst(): void
}

/** So many signals and not one sample of them: V8's processor thread is stuck. */
const STUCK_SIGNALS = 200
/** Of fewer than these, how many became samples says nothing: the last ones may be missing. */
const FEW_SIGNALS = 20
/** After a failure it rests for so long at least, and at most, ms. */
const FIRST_REST_MS = 1000
const LONGEST_REST_MS = 300_000

export class ThreadProfiler {
  readonly #profiler: WallProfiler
  /** One array for the profiler's life; asking for it anew takes ten times as long. */
  readonly #state: Uint32Array
  readonly #sampleCount: number
  readonly #others: Others
  readonly #mayCopySample: () => boolean
  readonly #say: (fact: string) => void
  readonly #said = new Set<string>()
  #isRunning = false
  #handedOver = 0
  readonly #backOff = new BackOff(FIRST_REST_MS, LONGEST_REST_MS)
  /** When it is to be started again. */
  #dueAt = Number.POSITIVE_INFINITY
  /** The last stretch of which no sample is known. */
  #missingFrom = Number.POSITIVE_INFINITY
  #missingTo = Number.NEGATIVE_INFINITY
  #takenAt = now()
  #restarted = false
  /** What had been sampled when it gave way. */
  #last: { readonly root: TimeNode; readonly signals: number } | null = null

  /**
   * `mayCopySample`: another copy of the library, in another thread. `say`: for people, of each
   * thing once.
   */
  constructor(
    profiler: WallProfiler,
    sampleCount: number,
    others: Others,
    mayCopySample: () => boolean,
    say: (fact: string) => void,
  ) {
    this.#profiler = profiler
    this.#state = profiler.state
    this.#sampleCount = sampleCount
    this.#others = others
    this.#mayCopySample = mayCopySample
    this.#say = say
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  /** True once it was started again: loops compiled before are not seen since. */
  get restarted(): boolean {
    return this.#restarted
  }

  /** Samples since the last ones were taken. */
  pending(): number {
    return this.#isRunning ? this.#state[this.#sampleCount]! : (this.#last?.signals ?? 0)
  }

  /** All samples that were ever taken. */
  sampled(): number {
    return this.#handedOver + this.pending()
  }

  /** No sample is known of some of the time between. */
  missed(from: number, to: number): boolean {
    const missingTo = this.#isRunning ? this.#missingTo : Number.POSITIVE_INFINITY
    return from < missingTo && to > this.#missingFrom
  }

  /** The first start, 6–25 ms; where it cannot run it is tried again. */
  start(): void {
    try {
      this.#begin()
    } catch (error) {
      if (TAKEN.test(printableReason(error))) this.#others.someoneWasFirst()
      this.#missingFrom = this.#takenAt
      if (this.#others.areActive) this.#stand()
      else this.#failed(error)
    }
  }

  /** All samples since the last time; null: they are lost. */
  take(): TimeNode | null {
    if (!this.#isRunning) return this.#takeLast()
    const signals = this.pending()
    try {
      const { topDownRoot } = this.#profiler.stop(true)
      if (signals > STUCK_SIGNALS && !hasSamples(topDownRoot)) {
        this.#stop()
        this.#begin()
      } else this.#took(signals)
      return topDownRoot
    } catch (error) {
      this.#failed(error)
      return null
    }
  }

  /** The same, for a third of the price, where nobody needs the samples. */
  discard(): void {
    if (!this.#isRunning) return void this.#takeLast()
    const signals = this.pending()
    try {
      this.#profiler.stop(true)
      this.#took(signals)
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Of so many signals since then: V8 may lose the samples of a window, and nothing fails. */
  handedOver(samples: number, signals: number, since: number): void {
    if (signals < FEW_SIGNALS || samples * 2 >= signals) return
    this.#missingFrom = since
    this.#missingTo = this.#takenAt
  }

  /** What it has handed over of the time since then is no profile. */
  handedOverNonsense(error: unknown, since: number): void {
    this.#takenAt = Math.min(this.#takenAt, since)
    if (!this.#isRunning) this.#missingFrom = Math.min(this.#missingFrom, since)
    this.#failed(error)
  }

  /** Somebody else's starts now, and cannot beside this one. */
  giveWay(): void {
    if (!this.#isRunning) return
    const signals = this.pending()
    try {
      const { topDownRoot } = this.#profiler.stop(false)
      if (signals > 0) this.#last = { root: topDownRoot, signals }
      this.#isRunning = false
      this.#missingFrom = now()
    } catch {
      this.#stop()
    }
    this.#stand()
  }

  /** To be called now and then: starts it again as soon as it may. */
  revive(): void {
    if (this.#isRunning || now() < this.#dueAt || this.#others.areActive) return
    // A rotation will take it: whoever was being recorded would lose it.
    if (this.#last !== null) return
    try {
      this.#begin()
    } catch (error) {
      this.#failed(error)
    }
  }

  /** It is never started again. */
  leave(): void {
    this.#stop()
  }

  // --- internal ---

  #failed(error: unknown): void {
    if (error === COPY) {
      this.#dueAt = now() + FIRST_REST_MS
      return
    }
    this.#stop()
    const failedAt = now()
    this.#dueAt = failedAt + this.#backOff.failed(failedAt)
    const unprofiled = 'requests are served unprofiled until it is started again'
    this.#tell('failed', `the native profiler failed (${printableReason(error)}): ${unprofiled}`)
  }

  #takeLast(): TimeNode | null {
    const last = this.#last
    this.#last = null
    this.#handedOver += last?.signals ?? 0
    return last?.root ?? null
  }

  #took(signals: number): void {
    this.#handedOver += signals
    this.#takenAt = now()
  }

  #begin(): void {
    if (this.#others.areActive) throw new Error('another profiler is already active')
    if (this.#mayCopySample()) throw COPY
    this.#profiler.start()
    this.#takeLast()
    this.#restarted ||= this.#missingFrom !== Number.POSITIVE_INFINITY
    this.#missingTo = now()
    this.#takenAt = this.#missingTo
    this.#isRunning = true
    this.#dueAt = Number.POSITIVE_INFINITY
  }

  #stop(): void {
    if (this.#isRunning) {
      this.#handedOver += this.pending()
      this.#missingFrom = this.#takenAt
    }
    this.#isRunning = false
    try {
      this.#profiler.stop(false)
    } catch {
      // It had not been started, or is beyond help.
    }
  }

  /** By until nobody else's runs. */
  #stand(): void {
    this.#dueAt = now()
    const whose =
      'another profiler runs in this thread (@datadog/pprof; dd-trace and others use it)'
    this.#tell(
      'gave way',
      `${whose}: requests are served unprofiled until it stops; use one of the two`,
    )
  }

  #tell(what: string, fact: string): void {
    if (this.#said.has(what)) return
    this.#said.add(what)
    this.#say(fact)
  }
}

// --- internal ---

const COPY = new Error('another copy of the library may take samples')
/** As the library says it, in this thread. */
const TAKEN = /another profiler is already active/
