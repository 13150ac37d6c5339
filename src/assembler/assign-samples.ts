/**
 * Which segment each sample belongs to. The label decides whose a sample is; time, which is good to
 * a few dozen microseconds, only picks the segment among its context's. A sample without a label
 * belongs to the segment that it falls into, clear of its ends.
 */

import { countUpTo } from '../profile/sorted.js'
import { BACKGROUND, type Finished, IDLING, NEIGHBOUR, UNSEEN } from '../sampler/window.js'
import type { ThreadStacks } from './logical-stacks.js'
import { withNeighbours } from './neighbours.js'
import { appendSegment, noSegments, type Slice } from './slice.js'

export interface AssignedSamples {
  readonly segments: Slice['segments']
  /** Sample indexes by segment index, in time order. */
  readonly bySegment: ReadonlyMap<number, readonly number[]>
  /** Index of the first segment that ends after a time; ask in rising order. */
  firstAfter(time: number): number
}

/** A segment's first and last instants, ms: its code may not run yet, or no more. */
const SETTLING = 0.03
/**
 * Samples further apart than this, in intervals, leave a stretch between them of which nothing is
 * known.
 */
export const LONGEST_GAP = 6
/**
 * A labelled sample may be this far (ms) from its context's nearest segment: a rotation or a late
 * signal.
 */
const REACH = 2
/** Segments of which the hooks do not know whose they are: of others', samples may tell. */
const NAMED_BY_SAMPLES: ReadonlySet<number> = new Set([BACKGROUND, NEIGHBOUR])

export function assignSamples(
  recording: Finished,
  table: ThreadStacks,
  slice: Slice,
): AssignedSamples {
  const whole = recording.meta.attribution === 'process'
  // Where all samples make the segments, each lies well inside its own.
  const clear = whole && !recording.hasRunSegments ? 0 : slice.precision + SETTLING
  const segments = recording.hasRunSegments
    ? withNeighbours(recording, table, slice, clear)
    : segmentsFromSamples(recording, table, slice)
  const bySegment = new Map<number, number[]>()
  const { time, context, stack } = slice.samples
  const byContext = indexByContext(segments)
  for (let i = 0; i < time.length; i++) {
    if (table.kind[stack[i]!] === IDLING) continue
    const around = segmentAt(segments, time[i]!, clear)
    const isTheirs =
      NAMED_BY_SAMPLES.has(segments.context[around]!) && context[i] !== recording.contextId
    let segment =
      context[i] === 0 || isTheirs
        ? -1
        : nearest(segments, byContext.get(context[i]!) ?? [], time[i]!)
    if (segment === -1) {
      segment = around
      if (segment === -1) continue
      // A label that says otherwise is right, and so is a missing one where nobody known is
      // without.
      const anybodys = whole || (context[i] === 0 && !recording.labelled)
      if (segments.context[segment]! > BACKGROUND && !anybodys) continue
    }
    const assigned = bySegment.get(segment)
    if (assigned === undefined) bySegment.set(segment, [i])
    else assigned.push(i)
  }
  let first = 0
  return {
    segments,
    bySegment,
    firstAfter(at) {
      while (first < segments.end.length && segments.end[first]! <= at) first++
      return first
    },
  }
}

// --- internal ---

function indexByContext(segments: Slice['segments']): Map<number, number[]> {
  const byContext = new Map<number, number[]>()
  for (let i = 0; i < segments.context.length; i++) {
    const list = byContext.get(segments.context[i]!)
    if (list === undefined) byContext.set(segments.context[i]!, [i])
    else list.push(i)
  }
  return byContext
}

/** The segment around a time, or -1 near a seam, where the clocks cannot tell. */
function segmentAt(segments: Slice['segments'], time: number, tolerance: number): number {
  const i = countUpTo(segments.start, time) - 1
  if (i < 0) return -1
  const inside = time > segments.start[i]! + tolerance && time < segments.end[i]! - tolerance
  return inside ? i : -1
}

function nearest(segments: Slice['segments'], own: readonly number[], time: number): number {
  const after = countUpTo(own, time, (segment) => segments.start[segment]!)
  const before = own[after - 1]
  const next = own[after]
  const distanceBefore = before === undefined ? Infinity : Math.max(0, time - segments.end[before]!)
  const distanceAfter = next === undefined ? Infinity : segments.start[next]! - time
  if (Math.min(distanceBefore, distanceAfter) > REACH) return -1
  return distanceBefore <= distanceAfter ? before! : next!
}

/**
 * Without hooks, a segment is a stretch of samples of one context, from half-way to the sample
 * before to half-way to the one after. Idle samples are the gaps; where there is no sample for
 * long, nothing is known, but between two of one context whose CPU time is: the thread was off the
 * CPU for the rest. So it was between two contexts if the loop did not sleep, and there it was
 * where the later one found it.
 */
function segmentsFromSamples(
  recording: Finished,
  table: ThreadStacks,
  slice: Slice,
): Slice['segments'] {
  const { time, cpu, context, stack } = slice.samples
  const whole = recording.meta.attribution === 'process'
  const segments = noSegments()
  const interval = recording.meta.intervalMicros / 1000
  const reach = (LONGEST_GAP / 2) * interval
  let seenTo = recording.start
  function append(start: number, end: number, contextId: number): void {
    const last = segments.end.length - 1
    if (contextId === segments.context[last] && start - segments.end[last]! < 1e-6) {
      segments.end[last] = end
      return
    }
    appendSegment(segments, start, end, contextId)
  }
  /** Whose code the sample is; null: nobody's, the loop was idle. */
  const ownerOf = (i: number) => {
    if (table.kind[stack[i]!] === IDLING) return null
    return whole ? recording.contextId : context[i]!
  }
  /** Of the gap before a sample: how far it and the one before reach into it, where they meet. */
  function gapAt(i: number): { reach: number; seam: number } {
    const [from, to] = [time[i - 1] ?? -Infinity, time[i] ?? Infinity]
    const middle = (from + to) / 2
    const isKnown = cpu[i]! >= 0 && i > 0 && ownerOf(i) !== null && ownerOf(i - 1) !== null
    if (!isKnown) return { reach, seam: middle }
    if (ownerOf(i) === ownerOf(i - 1)) return { reach: Infinity, seam: middle }
    // In more CPU time than that, somebody may have come and gone.
    const isOff = cpu[i]! <= 2 * interval && isAwake(slice.turns, from, to)
    return isOff && to - from > 2 * reach
      ? { reach: Infinity, seam: from + cpu[i]! / 2 }
      : { reach, seam: middle }
  }
  let next = gapAt(0)
  for (let i = 0; i < time.length; i++) {
    const gap = next
    next = gapAt(i + 1)
    const before = Math.max(time[i]! - gap.reach, gap.seam)
    const after = Math.min(time[i]! + next.reach, next.seam)
    if (before - seenTo > 1e-6) append(seenTo, before, UNSEEN)
    const owner = ownerOf(i)
    if (owner !== null) append(before, after, owner)
    seenTo = after
  }
  if (recording.end > seenTo) append(seenTo, recording.end, UNSEEN)
  return segments
}

/** The loop did not sleep in any of its turns then. */
function isAwake({ at, slept }: Slice['turns'], from: number, to: number): boolean {
  const last = countUpTo(at, to)
  for (let i = countUpTo(at, from); i <= last; i++) if (slept[i] !== 0) return false
  return true
}
