/**
 * Others who were waiting already when the hooks went on: V8 tells nothing of how they go on from
 * there, but they are sampled. What is busy and in no segment is theirs.
 *
 *     samples   idle  idle   busy  busy  busy  idle
 *     segments         ▪timer
 *     theirs            █████████████████
 *
 * Known segments win. Between them each instant belongs to the nearest sample; a stretch begins
 * with the first callback since the idle sample before it, and ends with the last one before the
 * idle sample after it, or with the loop's check phase.
 */
import { countUpTo } from '../profile/sorted.js'
import { type Finished, IDLING, NEIGHBOUR, PROFILING } from '../sampler/window.js'
import type { ThreadStacks } from './logical-stacks.js'
import { appendSegment, copySegment, noSegments, type Slice } from './slice.js'

/** The slice's segments and those of its neighbours; `clear`: how well samples agree with them. */
export function withNeighbours(
  recording: Pick<Finished, 'contextId' | 'end'>,
  { kind }: ThreadStacks,
  slice: Slice,
  clear: number,
): Slice['segments'] {
  const theirs: Stretch[] = []
  for (const busy of busyStretches(recording.end, kind, slice, clear)) {
    for (const gap of gapsIn(busy, slice.segments))
      if (isTheirs(gap, recording.contextId, kind, slice, clear)) theirs.push(gap)
  }
  return theirs.length === 0 ? slice.segments : merged(slice.segments, theirs)
}

// --- internal ---

/** ms. */
interface Stretch {
  readonly from: number
  readonly to: number
}

function busyStretches(
  end: number,
  kind: readonly number[],
  slice: Slice,
  clear: number,
): Stretch[] {
  const { time, stack } = slice.samples
  const stretches: Stretch[] = []
  let idleAt = Number.NaN
  let from = Number.NaN
  let busyAt = Number.NaN
  for (let i = 0; i < time.length; i++) {
    const ofStack = kind[stack[i]!]!
    // Our own work between callbacks says nothing of anybody's.
    if (ofStack === PROFILING) continue
    if (ofStack === IDLING) {
      if (!Number.isNaN(from)) stretches.push({ from, to: endOf(busyAt, time[i]!, slice, clear) })
      from = Number.NaN
      idleAt = time[i]!
    } else {
      busyAt = time[i]!
      if (Number.isNaN(from)) from = startOf(idleAt, busyAt, slice, clear)
    }
  }
  const after = Math.max(end, busyAt)
  if (!Number.isNaN(from)) stretches.push({ from, to: endOf(busyAt, after, slice, clear) })
  return stretches
}

/** Between an idle sample (NaN: none) and the busy one after it. */
function startOf(idle: number, busy: number, { segments }: Slice, clear: number): number {
  if (Number.isNaN(idle)) return busy
  const first = segments.start[countUpTo(segments.start, idle)] ?? Number.POSITIVE_INFINITY
  return first < busy + clear ? first : (idle + busy) / 2
}

/** Between a busy sample and the idle one after it. */
function endOf(busy: number, idle: number, { segments, turns }: Slice, clear: number): number {
  const around = countUpTo(segments.start, busy + clear) - 1
  // The last that was seen is known: nothing says that anybody came after it.
  if (around >= 0 && segments.end[around]! > busy - clear) return segments.end[around]!
  const last = segments.start[countUpTo(segments.start, idle) - 1] ?? Number.NEGATIVE_INFINITY
  if (last > busy) return last
  const check = turns.at[countUpTo(turns.at, busy)] ?? Number.POSITIVE_INFINITY
  return check < idle ? check : (busy + idle) / 2
}

/** The parts of a stretch that are in no known segment. */
function* gapsIn({ from, to }: Stretch, { start, end }: Slice['segments']): Generator<Stretch> {
  let at = from
  for (let i = countUpTo(end, from); i < start.length && start[i]! < to; i++) {
    if (start[i]! > at) yield { from: at, to: start[i]! }
    at = Math.max(at, end[i]!)
  }
  if (to > at) yield { from: at, to }
}

/** Somebody else was sampled there. */
function isTheirs(
  { from, to }: Stretch,
  own: number,
  kind: readonly number[],
  { samples: { time, stack, context } }: Slice,
  clear: number,
): boolean {
  for (let i = countUpTo(time, from + clear); i < time.length && time[i]! < to - clear; i++) {
    const ofStack = kind[stack[i]!]!
    if (context[i] !== own && ofStack !== PROFILING && ofStack !== IDLING) return true
  }
  return false
}

function merged(known: Slice['segments'], theirs: readonly Stretch[]): Slice['segments'] {
  const all = noSegments()
  let next = 0
  for (const { from, to } of theirs) {
    for (; next < known.start.length && known.start[next]! <= from; next++)
      copySegment(known, next, all)
    appendSegment(all, from, to, NEIGHBOUR)
  }
  for (; next < known.start.length; next++) copySegment(known, next, all)
  return all
}
