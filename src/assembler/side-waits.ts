/**
 * Delays that may have cost a request nothing: meanwhile it waited for something else as well,
 * which it had asked for before, and which came no later for them.
 *
 *     asks for both ─┬─ the short one ──── delayed ── goes on ─┐
 *                    └─ the long one ──────────────────────────┴── goes on
 */
import { countUpTo } from '../profile/sorted.js'
import type { Slice } from './slice.js'

/**
 * The request's segments of which the delay before is no more than an upper bound. `delayedMs`: how
 * long it was from a time to the segment's start.
 */
export function delayedAside(
  own: number,
  start: number,
  segments: Slice['segments'],
  delayedMs: (from: number, to: number, segment: number) => number,
): ReadonlySet<number> {
  const all: number[] = []
  /** Delays up to each of them, ms. */
  const delayed: number[] = []
  /** For each, the first one of all since it was asked for, if it would have come no sooner. */
  const hides: number[] = []
  let sum = 0
  let from = start
  for (let i = 0; i < segments.start.length; i++) {
    if (segments.context[i] !== own) continue
    const first = countUpTo(all, segments.asked[i]!, (each) => segments.start[each]!)
    const saved = sum - (delayed[first - 1] ?? 0)
    const hasSlack = from - saved < cameBy(segments, i, from) - ROUNDING
    hides.push(hasSlack ? first : Number.POSITIVE_INFINITY)
    sum += delayedMs(from, segments.start[i]!, i)
    all.push(i)
    delayed.push(sum)
    from = segments.end[i]!
  }
  const aside = new Set<number>()
  let first = Number.POSITIVE_INFINITY
  for (let k = all.length - 1; k >= 0; k--) {
    if (k >= first) aside.add(all[k]!)
    first = Math.min(first, hides[k]!)
  }
  return aside
}

// --- internal ---

const ROUNDING = 1e-6

/**
 * When what the segment goes on from was there, at the latest. What the same callback of the loop
 * has led to came of it, however late that was; where nobody knows when it was asked for, nothing
 * is hidden.
 */
function cameBy(segments: Slice['segments'], i: number, from: number): number {
  const { task, ready, readyUpTo, settled, asked } = segments
  if (Number.isNaN(asked[i]) || !(task[i]! >= from)) return Number.NEGATIVE_INFINITY
  const called = readyUpTo[i] === 1 ? task[i]! : ready[i]!
  return Number.isNaN(settled[i]) ? called : Math.max(called, settled[i]!)
}
