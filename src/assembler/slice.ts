/** Samples and segments around a recording, in time order. */
export interface Slice {
  /** Nothing is known about what was before. */
  readonly knownFrom: number
  /** The system tells the thread's CPU time. */
  readonly hasCpuTime: boolean
  /** How well sample times agree with segment times, ms. */
  readonly precision: number
  /** A context's name; '' if it is not known. */
  titleOf(context: number): string
  readonly samples: {
    readonly time: readonly number[]
    readonly stack: readonly number[]
    readonly context: readonly number[]
    /** CPU time between `since` and `time`, ms; NaN: not known. */
    readonly cpu: readonly number[]
    readonly since: readonly number[]
  }
  readonly segments: {
    readonly start: number[]
    readonly end: number[]
    readonly context: number[]
    readonly chain: number[]
    readonly what: string[]
    readonly pending: string[]
    readonly ready: number[]
    readonly task: number[]
    readonly readyUpTo: number[]
    readonly settled: number[]
  }
  /** From two turns before the start on. */
  readonly turns: {
    readonly at: readonly number[]
    readonly slept: readonly number[]
  }
  /** From the last reading before the start to the first one after the end. */
  readonly machine: {
    readonly at: readonly number[]
    readonly runQueue: readonly number[]
    readonly throttled: readonly number[]
  }
}

export function noSegments(): Slice['segments'] {
  return {
    start: [],
    end: [],
    context: [],
    chain: [],
    what: [],
    pending: [],
    ready: [],
    task: [],
    readyUpTo: [],
    settled: [],
  }
}
