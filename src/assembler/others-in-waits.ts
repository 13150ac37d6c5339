import { type Finished, OURSELVES, UNSEEN } from '../sampler/window.js'
import type { AssignedSamples } from './assign-samples.js'
import { Delays } from './delays.js'
import type { ThreadStacks } from './logical-stacks.js'
import type { Slice } from './slice.js'

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
  readonly #delays: Delays

  constructor(recording: Finished, table: ThreadStacks, slice: Slice, assigned: AssignedSamples) {
    this.#own = recording.contextId
    this.#assigned = assigned
    this.#delays = new Delays(recording, table, { ...slice, segments: assigned.segments })
  }

  /**
   * What delayed the end of the wait, which is the segment’s beginning (-1: the recording’s end),
   * and our own and unseen stretches; in time order. Ask in rising order.
   */
  *of(from: number, to: number, segment: number): Generator<Part> {
    const { segments, bySegment } = this.#assigned
    const delays = this.#delays.of(from, to, segment)
    let cursor = from
    for (let i = this.#assigned.firstAfter(from); i < segments.start.length; i++) {
      if (segments.start[i]! >= to) break
      const context = segments.context[i]!
      if (context === this.#own) continue
      const samples = bySegment.get(i) ?? []
      const isApart = context === OURSELVES || context === UNSEEN
      for (const delay of isApart ? [{ from, to, isUpTo: false }] : delays) {
        const start = Math.max(cursor, segments.start[i]!, delay.from)
        const end = Math.min(segments.end[i]!, delay.to)
        if (end <= start) continue
        yield { from: start, to: end, context, samples, isUpTo: delay.isUpTo }
        cursor = end
      }
    }
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
