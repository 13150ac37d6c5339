/**
 * What the profiled thread hands to the assembler of dumps: plain columns, so that it costs the
 * thread little and can cross to another one. Times are `performance.now()` milliseconds.
 */
import type { DumpMeta, Frame } from '../profile/profile.js'
import type { LateEnd, Queueing, Waiter } from './queue-bound.js'

/** Id of code that runs for no request that we know of. */
export const BACKGROUND = 0
/** Id of our own work between callbacks. */
export const OURSELVES = -1
/** Id of a stretch of which nothing is known. */
export const UNSEEN = -2
/** Id of others’ code that only samples tell of. */
export const NEIGHBOUR = -3
/** Id of a stretch in which the thread, followed as a whole, was sampled only. */
export const UNFOLLOWED = -4

/** What a stack's time is, apart from where it goes. */
export const CODE = 0
export const COLLECTING = 1
export const PROFILING = 2
export const IDLING = 3

/**
 * What came in of a request that nobody was reading. It ended no wait: what was waited for before
 * still is.
 */
export const REST_OF_REQUEST = 'request'

/** New rows of the thread's stack table since the last window. */
export interface StackTableDelta {
  /** Of the table; windows mean the one of which they bring rows, even if there are none. */
  readonly generation: number
  /** The table starts anew: all earlier rows of the same generation are void. */
  readonly reset: boolean
  readonly frames: readonly Frame[]
  /** Frames whose position has become known: index, frame. */
  readonly corrected: readonly (readonly [number, Frame])[]
  readonly parent: Int32Array
  readonly frame: Int32Array
  readonly kind: Uint8Array
}

/** What one rotation brought. Samples and segments are in time order. */
export interface Window {
  readonly table: StackTableDelta
  readonly sampleTime: Float64Array
  readonly sampleStack: Int32Array
  /** Context id by label; 0: no label. */
  readonly sampleContext: Int32Array
  /**
   * CPU time of the thread since the sample before, of the first since `from`; ms. NaN where the
   * system does not say.
   */
  readonly sampleCpu: Float64Array
  readonly segmentStart: Float64Array
  readonly segmentEnd: Float64Array
  /** Context id; 0 background, -1 the profiler. */
  readonly segmentContext: Int32Array
  /** Stack of the logical caller, for segments of recorded contexts; -1 elsewhere. */
  readonly segmentChain: Int32Array
  /** Index into `texts`: what ended the wait before the segment; -1: nothing. */
  readonly segmentWhat: Int32Array
  /** Index into `texts`: what else its context was waiting for; -1: nothing. */
  readonly segmentPending: Int32Array
  /**
   * When the loop's callback (timer, immediate, answer) in which the segment began could have run,
   * and when it did. NaN: not known.
   */
  readonly segmentReady: Float64Array
  readonly segmentTask: Float64Array
  /** 1: `segmentReady` is the earliest that it may have been. */
  readonly segmentReadyUpTo: Uint8Array
  /**
   * When the promise was settled, or the tick made, that the segment goes on from; its start, if it
   * was not there before. NaN: not known, or it was interrupted.
   */
  readonly segmentSettled: Float64Array
  /** What the segment goes on from was asked for since then, at the earliest. NaN: not known. */
  readonly segmentAsked: Float64Array
  /** The same, but of what calls back several times since it last did. */
  readonly segmentSince: Float64Array
  /** Waits that end with these segments are one, for the same answer, where not 0. */
  readonly segmentAnswer: Int32Array
  readonly texts: readonly string[]
  /**
   * Waits of contexts whose awaits are not followed; ms. An end of Infinity: it had not ended.
   * Those of one context, begin and text are one, which ended as the last of them says.
   */
  readonly waitContext: Int32Array
  readonly waitBegin: Float64Array
  readonly waitEnd: Float64Array
  /** Index into `waitTexts`. */
  readonly waitWhat: Int32Array
  readonly waitTexts: readonly string[]
  /** The loop's check phases, ends of its turns, in time order; not every one. */
  readonly turnAt: Float64Array
  /** 1: the loop has slept since the one before. */
  readonly turnSlept: Uint8Array
  /** The thread's own counters of the machine's doing, from time to time; ms. */
  readonly machineAt: Float64Array
  readonly machineRunQueue: Float64Array
  readonly machineThrottled: Float64Array
  /** `GET /users/:id` by context id, for those whose code is in the window. */
  readonly titles: ReadonlyMap<number, string>
  /** Of jobs that run on behalf of somebody: whose code theirs is, too, by context id. */
  readonly inside?: ReadonlyMap<number, number>
  /** How well sample times agree with segment times, ms. */
  readonly precision: number
  /** What the window is about begins and ends here. */
  readonly from: number
  readonly to: number
  /** CPU time of the thread after the last sample, ms; NaN: the system does not say. */
  readonly tailCpu: number
  /** Nobody needs anything from before this time any more. */
  readonly keepFrom: number
}

/** A window as it is put together: without new stacks, and without names. */
export type BareWindow = Omit<Window, 'table' | 'titles' | 'inside'>

/** One recording that has ended; its windows have all been handed over before. */
export interface Finished {
  readonly contextId: number
  readonly start: number
  readonly end: number
  /** Run segments are from hooks; otherwise they are derived from the samples. */
  readonly hasRunSegments: boolean
  /** Stack of the code that began the recording. */
  readonly chain: number
  /** Each sample of a known context has its label; one without is nobody's. */
  readonly labelled: boolean
  /** Every request has labelled samples, whether or not somebody is being recorded. */
  readonly labelsAll: boolean
  /** Of a request: what is known of the time before its start. */
  readonly queueing: Queueing | null
  /** Of a stall: who came meanwhile, and who may have waited for it to end. */
  readonly waiters?: readonly Waiter[]
  readonly lateEnds?: readonly LateEnd[]
  /** All that is known about the dump but its ledger and sample counts. */
  readonly meta: DumpMeta
}
