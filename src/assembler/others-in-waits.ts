import { countUpTo } from '../profile/sorted.js'
import {
  type Finished,
  IDLING,
  NEIGHBOUR,
  OURSELVES,
  PROFILING,
  UNSEEN,
} from '../sampler/window.js'
import type { AssignedSamples } from './assign-samples.js'
import { type Delay, Delays } from './delays.js'
import type { ThreadStacks } from './logical-stacks.js'
import { LONGEST_GAP, type Slice } from './slice.js'

/** What somebody else did during a wait. */
export interface Part {
  readonly from: number
  readonly to: number
  /** Whose it is, as segments have it. */
  readonly context: number
  readonly samples: readonly number[]
  /** It may have delayed nothing: only that it ran is sure. */
  readonly isUpTo: boolean
}

export class OthersInWaits {
  readonly #own: number
  readonly #assigned: AssignedSamples
  /** Null: there are no others. */
  readonly #delays: Delays | null
  readonly #samples: Slice['samples']
  readonly #kinds: readonly number[]
  readonly #longestGap: number

  constructor(recording: Finished, table: ThreadStacks, slice: Slice, assigned: AssignedSamples) {
    this.#own = recording.contextId
    this.#assigned = assigned
    const { segments, whole } = assigned
    this.#delays = whole === null ? new Delays(recording, table, { ...slice, segments }) : null
    this.#samples = slice.samples
    this.#longestGap = (LONGEST_GAP * recording.meta.intervalMicros) / 1000
    this.#kinds = slice.samples.stack.map((stack) => table.kind[stack]!)
  }

  /**
   * What delayed the end of the wait, which is the segment’s beginning (-1: the recording’s end),
   * our own work among it, and unseen stretches; in time order. Ask in rising order.
   */
  *of(from: number, to: number, segment: number): Generator<Part> {
    const { segments, bySegment } = this.#assigned
    const first = bySegment.get(segment)?.[0]
    const ranAt = first === undefined ? to : Math.max(to, this.#samples.time[first]!)
    const delays = this.#delays?.of(from, to, segment, ranAt) ?? []
    let cursor = from
    for (let i = this.#assigned.firstAfter(from); i < segments.start.length; i++) {
      if (segments.start[i]! >= to) break
      const context = segments.context[i]!
      if (context === this.#own) continue
      const samples = bySegment.get(i) ?? []
      // Our own work for a whole thread delays nobody else: all of it is told.
      const isApart = context === UNSEEN || (context === OURSELVES && this.#delays === null)
      for (const { isUpTo, ...delay } of isApart ? [{ from, to, isUpTo: false }] : delays) {
        const start = Math.max(cursor, segments.start[i]!, delay.from)
        const end = Math.min(segments.end[i]!, delay.to)
        if (end <= start) continue
        yield* this.#between(cursor, start, delays)
        yield { from: start, to: end, context, samples, isUpTo }
        cursor = end
      }
    }
    yield* this.#between(cursor, to, delays)
  }

  // --- internal ---

  /**
   * While the loop does not sleep, what is in no segment is somebody’s whom nobody saw. Where no
   * sample came for long, the machine may have had a part in it.
   */
  *#between(start: number, end: number, delays: readonly Delay[]): Generator<Part> {
    for (const { from, to, isBusy, isUpTo } of delays) {
      const gap = { from: Math.max(start, from), to: Math.min(end, to) }
      if (!isBusy || gap.to - gap.from < SHORT_GAP || this.#isIdle(gap.from, gap.to)) continue
      const isSure = this.#isBridged(gap.from, gap.to)
      if (isSure || gap.to - gap.from >= this.#longestGap)
        yield { ...gap, context: NEIGHBOUR, samples: [], isUpTo: isUpTo || !isSure }
    }
  }

  /** A sample says that the thread did nothing then, or just before. */
  #isIdle(from: number, to: number): boolean {
    const { time } = this.#samples
    const before = this.#lastBefore(from)
    const isNear = from - (time[before] ?? Number.NEGATIVE_INFINITY) < this.#longestGap
    if (isNear && this.#kinds[before] === IDLING) return true
    for (let i = before + 1; i < time.length && time[i]! < to; i++)
      if (this.#kinds[i] === IDLING) return true
    return false
  }

  /** Samples lead from one to the next, and none says that the thread was taken off. */
  #isBridged(from: number, to: number): boolean {
    const { time, since } = this.#samples
    let i = this.#lastBefore(from)
    if (i < 0 || this.#kinds[i] === IDLING) return false
    for (; i < time.length && time[i]! < to; i++)
      if (time[i]! > from && !this.#hasRun(i)) return false
    return i === time.length || since[i]! >= to || this.#hasRun(i)
  }

  /** Index of the last sample that tells of the app; -1: none. */
  #lastBefore(time: number): number {
    let i = countUpTo(this.#samples.time, time) - 1
    while (this.#kinds[i] === PROFILING) i--
    return i
  }

  /** Most of the time since the sample before. */
  #hasRun(sample: number): boolean {
    const { time, since, cpu } = this.#samples
    const gap = time[sample]! - since[sample]!
    return Number.isNaN(cpu[sample]) ? gap < this.#longestGap : cpu[sample]! > gap / 2
  }
}

/** One part for each context, and for what is an upper bound apart from what is sure. */
export function summed(parts: readonly Part[]): Part[] {
  const sums = new Map<string, Part>()
  for (const part of parts) {
    const key = `${part.context} ${part.isUpTo}`
    const to = (sums.get(key)?.to ?? 0) + part.to - part.from
    sums.set(key, { ...part, from: 0, to })
  }
  return [...sums.values()]
}

/** Each of the samples owns the time half-way to its neighbours, ms. */
export function eachShare(
  samples: readonly number[],
  time: readonly number[],
  from: number,
  to: number,
  each: (sample: number, duration: number) => void,
): void {
  let start = from
  for (let i = 0; i < samples.length; i++) {
    const next = samples[i + 1]
    const middle = next === undefined ? to : (time[samples[i]!]! + time[next]!) / 2
    const end = Math.min(to, Math.max(start, middle))
    each(samples[i]!, end - start)
    start = end
  }
}

// --- internal ---

/** Gaps shorter than this (ms) are the loop’s own doing. */
const SHORT_GAP = 0.1
