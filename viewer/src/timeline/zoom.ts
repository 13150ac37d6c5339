import type { Range } from '../../../src/transform/range.js'

/** The shortest stretch of time that is shown: fewer microseconds would only show rounding. */
export const SHORTEST = 10

/** Shows a `factor`-th of the time, with `at` staying where it is; less than one zooms out. */
export function zoomed({ from, to }: Range, factor: number, at: number, whole: number): Range {
  const length = Math.min(whole, Math.max(SHORTEST, (to - from) / factor))
  const share = (at - from) / (to - from)
  return fitted(at - length * share, length, whole)
}

/** Moves on by a time, as far as there is any. */
export function panned({ from, to }: Range, by: number, whole: number): Range {
  return fitted(from + by, to - from, whole)
}

/** Moves on to a stretch of time of which nothing is on show yet. */
export function following(shown: Range, wanted: Range, whole: number): Range {
  if (wanted.from < shown.to && wanted.to > shown.from) return shown
  const length = shown.to - shown.from
  return fitted(wanted.from - length * 0.1, length, whole)
}

/** A stretch of time with a little of what is around it. */
export function around({ from, to }: Range, whole: number): Range {
  const length = Math.min(whole, Math.max(SHORTEST, (to - from) * 1.1))
  return fitted((from + to - length) / 2, length, whole)
}

/** The part of a stretch that a profile of `whole` has; all of it where that is nothing. */
export function within(range: Range | null, whole: number): Range {
  if (!range || range.from >= whole) return { from: 0, to: whole }
  return fitted(range.from, Math.max(SHORTEST, Math.min(range.to, whole) - range.from), whole)
}

// --- internal ---

function fitted(from: number, length: number, whole: number): Range {
  const start = Math.max(0, Math.min(from, whole - length))
  return { from: start, to: start + Math.min(length, whole) }
}
