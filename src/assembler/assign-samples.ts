/**
 * Which segment each sample belongs to. The label decides whose a sample is; time, which is good to
 * a few dozen microseconds, only picks the segment among its context's. A sample without a label
 * belongs to the segment that it falls into, clear of its ends.
 */

import { countUpTo } from '../profile/sorted.js'
import { BACKGROUND, type Finished, IDLING, NEIGHBOUR } from '../sampler/window.js'
import type { ThreadStacks } from './logical-stacks.js'
import { withNeighbours } from './neighbours.js'
import { isOwnedProcess, ownedProcess } from './owned-process.js'
import { segmentsFromSamples } from './sampled-segments.js'
import type { Slice } from './slice.js'
import { type WholeProcess, wholeProcess } from './whole-process.js'

export interface AssignedSamples {
  readonly segments: Slice['segments']
  /** What else is known of them where they are the whole thread's; null elsewhere. */
  readonly whole: WholeProcess | null
  /** Sample indexes by segment index, in time order. */
  readonly bySegment: ReadonlyMap<number, readonly number[]>
  /** Index of the first segment that ends after a time; ask in rising order. */
  firstAfter(time: number): number
}

/** A segment's first and last instants, ms: its code may not run yet, or no more. */
const SETTLING = 0.03
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
  const isProcess = recording.meta.attribution === 'process'
  const isOwned = isOwnedProcess(recording)
  const isFollowed = recording.contextId === BACKGROUND
  const isWhole = isFollowed || isOwned
  // Where all segments are its own, each sample lies in one of them.
  const clear = isWhole || (isProcess && !recording.hasRunSegments) ? 0 : slice.precision + SETTLING
  const whole = isOwned
    ? ownedProcess(recording, table, slice)
    : isFollowed
      ? wholeProcess(recording, table, slice, slice.precision + SETTLING)
      : null
  const segments = whole?.segments ?? segmentsOf(recording, table, slice, clear)
  const bySegment = new Map<number, number[]>()
  const { time, context, stack } = slice.samples
  const byContext = indexByContext(segments)
  const nearestOf = (id: number, i: number) => nearest(segments, byContext.get(id) ?? [], time[i]!)
  function segmentOf(i: number): number {
    const around = segmentAt(segments, time[i]!, clear)
    if (isWhole) return around === -1 ? nearestOf(recording.contextId, i) : around
    const isTheirs =
      NAMED_BY_SAMPLES.has(segments.context[around]!) && context[i] !== recording.contextId
    const labelled = context[i] === 0 || isTheirs ? -1 : nearestOf(context[i]!, i)
    if (labelled !== -1 || around === -1) return labelled
    // A label that says otherwise is right, and so is a missing one where nobody known is without.
    const anybodys = isProcess || (context[i] === 0 && !recording.labelled)
    return segments.context[around]! > BACKGROUND && !anybodys ? -1 : around
  }
  for (let i = 0; i < time.length; i++) {
    const segment = table.kind[stack[i]!] === IDLING ? -1 : segmentOf(i)
    if (segment === -1) continue
    const assigned = bySegment.get(segment)
    if (assigned === undefined) bySegment.set(segment, [i])
    else assigned.push(i)
  }
  let first = 0
  return {
    segments,
    whole,
    bySegment,
    firstAfter(at) {
      while (first < segments.end.length && segments.end[first]! <= at) first++
      return first
    },
  }
}

// --- internal ---

function segmentsOf(
  recording: Finished,
  table: ThreadStacks,
  slice: Slice,
  clear: number,
): Slice['segments'] {
  return recording.hasRunSegments
    ? withNeighbours(recording, table, slice, clear)
    : segmentsFromSamples(recording, table, slice)
}

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
