/** The columns in which the run segments of a thread are collected. */
import { Float64Column, Int32Column } from '../../profile/columns.js'
import { BACKGROUND } from '../window.js'
import type { Readiness } from './readiness.js'
import type { RequestContext, Wait } from './waits.js'

/** Segments in time order; `wait` is what the segment's code continues, null for the background. */
export interface Segments {
  readonly start: Float64Array
  readonly end: Float64Array
  readonly context: Int32Array
  readonly wait: readonly (Wait | null)[]
  /** What else the context was waiting for when the segment began; '' for nothing. */
  readonly pending: readonly string[]
  /** As the columns of `Window`. */
  readonly ready: Float64Array
  readonly task: Float64Array
  readonly readyUpTo: Uint8Array
  readonly settled: Float64Array
  readonly asked: Float64Array
  readonly since: Float64Array
}

export class SegmentLog {
  readonly #readiness: Readiness
  #start = new Float64Column(1024)
  #end = new Float64Column(1024)
  #context = new Int32Column(1024)
  #wait: (Wait | null)[] = []
  #pending: string[] = []
  #ready = new Float64Column(1024)
  #task = new Float64Column(1024)
  #readyUpTo = new Int32Column(1024)
  #settled = new Float64Column(1024)
  #asked = new Float64Column(1024)
  #since = new Float64Column(1024)
  /** Of the segment that is about to begin. */
  #nextPending = ''
  nextSettled = Number.NaN

  constructor(readiness: Readiness) {
    this.#readiness = readiness
  }

  get length(): number {
    return this.#start.length
  }

  /** The next segment is the context's. */
  goesOn({ ranAt, pending }: RequestContext, at: number): void {
    if (at - ranAt > LONG_WAIT) this.#nextPending = pending.describe()
  }

  /** Begins a segment, or goes on with the last one where background follows background. */
  open(at: number, wait: Wait | null): void {
    const last = this.#start.length - 1
    if (wait === null && last >= 0 && this.#context.at(last) === BACKGROUND) {
      if (at - this.#end.at(last) < BACKGROUND_GAP) {
        this.#end.set(last, OPEN)
        return
      }
    }
    this.append(at, OPEN, wait === null ? BACKGROUND : wait.context.id, wait)
  }

  /** Ends the segment that is open. */
  close(at: number): void {
    this.#end.set(this.#end.length - 1, at)
  }

  append(start: number, end: number, context: number, wait: Wait | null): void {
    this.#start.push(start)
    this.#end.push(end)
    this.#context.push(context)
    this.#wait.push(wait?.context.follows ? wait : null)
    this.#pending.push(this.#nextPending)
    this.#nextPending = ''
    this.#ready.push(this.#readiness.ready)
    this.#task.push(this.#readiness.task)
    this.#readyUpTo.push(this.#readiness.upTo)
    this.#settled.push(this.nextSettled)
    this.#asked.push(wait?.context.follows ? wait.madeAt : Number.NaN)
    this.#since.push(wait?.context.follows ? Math.max(wait.madeAt, wait.calledAt) : Number.NaN)
    this.nextSettled = Number.NaN
  }

  /** Everything since the last time. None may be open. */
  take(): Segments {
    const segments = {
      start: this.#start.finish(),
      end: this.#end.finish(),
      context: this.#context.finish(),
      wait: this.#wait,
      pending: this.#pending,
      ready: this.#ready.finish(),
      task: this.#task.finish(),
      readyUpTo: Uint8Array.from(this.#readyUpTo.finish()),
      settled: this.#settled.finish(),
      asked: this.#asked.finish(),
      since: this.#since.finish(),
    }
    this.#start = new Float64Column(1024)
    this.#end = new Float64Column(1024)
    this.#context = new Int32Column(1024)
    this.#wait = []
    this.#pending = []
    this.#ready = new Float64Column(1024)
    this.#task = new Float64Column(1024)
    this.#readyUpTo = new Int32Column(1024)
    this.#settled = new Float64Column(1024)
    this.#asked = new Float64Column(1024)
    this.#since = new Float64Column(1024)
    return segments
  }
}

// --- internal ---

/** Waits shorter than this (ms) are not asked what else was pending. */
const LONG_WAIT = 1
/** Background callbacks closer than this (ms) are one segment. */
const BACKGROUND_GAP = 0.02
const OPEN = Number.POSITIVE_INFINITY
