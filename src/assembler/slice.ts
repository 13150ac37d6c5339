import { countUpTo } from '../profile/sorted.js'

/**
 * Samples further apart than this, in intervals, leave a stretch between them of which nothing is
 * known.
 */
export const LONGEST_GAP = 6

/** A time and the thread's CPU time in it, ms; NaN: not known. */
export interface Gap {
  readonly from: number
  readonly to: number
  readonly cpu: number
}

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
    /** After the last sample, where no later one is known. */
    readonly tail: Gap | null
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
    readonly asked: number[]
    readonly since: number[]
    readonly answer: number[]
  }
  /** As the columns of `Window`. */
  readonly waits: {
    readonly context: readonly number[]
    readonly begin: readonly number[]
    readonly end: readonly number[]
    readonly what: readonly string[]
  }
  /** From two turns before the start to the first one after the end. */
  readonly turns: {
    readonly at: readonly number[]
    readonly slept: readonly number[]
  }
  /** As the columns of `Window`; at least one reading before the start, where there is one. */
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
    asked: [],
    since: [],
    answer: [],
  }
}

/** A segment of which no more is known. */
export function appendSegment(
  segments: Slice['segments'],
  start: number,
  end: number,
  context: number,
): void {
  segments.start.push(start)
  segments.end.push(end)
  segments.context.push(context)
  segments.chain.push(-1)
  segments.what.push('')
  segments.pending.push('')
  segments.ready.push(Number.NaN)
  segments.task.push(Number.NaN)
  segments.readyUpTo.push(0)
  segments.settled.push(Number.NaN)
  segments.asked.push(Number.NaN)
  segments.since.push(Number.NaN)
  segments.answer.push(0)
}

/** Appends the i-th segment of others. */
export function copySegment(from: Slice['segments'], i: number, to: Slice['segments']): void {
  for (const column of Object.keys(to) as (keyof Slice['segments'])[]) {
    ;(to[column] as unknown[]).push(from[column][i])
  }
}

/** The loop did not sleep in any of its turns then. */
export function isAwake(turns: Slice['turns'], from: number, to: number): boolean {
  return !hasSleptIn(turns, countUpTo(turns.at, from), countUpTo(turns.at, to) + 1)
}

/** The loop slept in a turn that began and ended in between: then for sure. */
export function hasSlept(turns: Slice['turns'], from: number, to: number): boolean {
  return hasSleptIn(turns, countUpTo(turns.at, from) + 1, countUpTo(turns.at, to))
}

// --- internal ---

/** In one of these turns, or one that is not known any more. */
function hasSleptIn({ slept }: Slice['turns'], first: number, end: number): boolean {
  for (let i = first; i < end; i++) if (slept[i] !== 0) return true
  return false
}
