import { BACKGROUND, type Finished, REST_OF_REQUEST } from '../sampler/window.js'
import type { Slice } from './slice.js'

/**
 * By which own segment the wait before one was ended; -1: it went on to the recording's end. What
 * nobody was reading ends none: what ends it is what had been asked for before, and comes later.
 *
 *     asks for a row ── rest of the request ── the row     one wait, for the row
 *
 * A whole program waits for requests by what nobody reads yet.
 */
export class WaitEnds {
  readonly #segments: Slice['segments']
  /** Of each own segment of what nobody was reading, the next one of another kind. */
  readonly #next = new Map<number, number>()
  readonly #atEnd: string

  constructor({ contextId, meta, hasRunSegments }: Finished, segments: Slice['segments']) {
    this.#segments = segments
    this.#atEnd = meta.kind === 'request' && hasRunSegments ? 'response' : ''
    const isWhole = contextId === BACKGROUND
    let next = -1
    for (let i = segments.start.length - 1; i >= 0; i--) {
      if (segments.context[i] !== contextId) continue
      if (!isWhole && segments.what[i] === REST_OF_REQUEST) this.#next.set(i, next)
      else next = i
    }
  }

  /** `from`: when the wait before the segment began, ms. */
  of(segment: number, from: number): number {
    const next = this.#next.get(segment) ?? segment
    const isOlder = next === -1 || this.#segments.asked[next]! <= from
    return next === segment || isOlder ? next : segment
  }

  /** What was waited for, by the segment that ended it; -1: up to the recording's end. */
  nameOf(segment: number): string {
    if (segment === -1) return this.#atEnd
    return this.#next.has(segment) ? '' : this.#segments.what[segment]!
  }
}
