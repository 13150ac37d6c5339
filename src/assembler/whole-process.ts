/**
 * The segments of a recording of the whole thread that was followed: all are its own, whoever asked
 * for them.
 *
 *     hooks    ██timer██        ██TCP██ ██ticks██
 *     loop              asleep         awake
 *     told     ██timer██▒ await ▒██TCP████ticks██
 */
import { countUpTo } from '../profile/sorted.js'
import {
  BACKGROUND,
  type Finished,
  IDLING,
  OURSELVES,
  REST_OF_REQUEST,
  UNFOLLOWED,
  UNSEEN,
} from '../sampler/window.js'
import type { ThreadStacks } from './logical-stacks.js'
import { withNeighbours } from './neighbours.js'
import { segmentsFromSamples } from './sampled-segments.js'
import { appendSegment, copySegment, isAwake, noSegments, type Slice } from './slice.js'

export interface WholeProcess {
  readonly segments: Slice['segments']
  /** Requests and jobs by the index of their segments. */
  readonly owners: ReadonlyMap<number, number>
  /** What an owner is called of whom no name is known; '': nothing. */
  readonly nameless: string
  /**
   * For each segment, the one of which the idle time before it is the wait: itself, or the next one
   * that ends a wait with a name; -1: the end.
   */
  readonly ends: readonly number[]
  /** Of these only samples tell; where that ends there is one without length. */
  readonly unfollowed: ReadonlySet<number>
  /** For so long, ms. */
  readonly unfollowedMs: number
}

/** All segments as the recording's; `clear`: how well samples agree with them. */
export function wholeProcess(
  recording: Finished,
  table: ThreadStacks,
  slice: Slice,
  clear: number,
): WholeProcess {
  const { contextId, start, end } = recording
  const known = withNeighbours({ end, contextId: NOBODY }, table, slice, clear)
  const segments = noSegments()
  const owners = new Map<number, number>()
  const unfollowed = new Set<number>()
  let sampled: Slice['segments'] | null = null
  let unfollowedMs = 0
  let seenTo = start
  for (let i = 0; i < known.start.length; i++) {
    const context = known.context[i]!
    const next = segments.start.length
    const before = seenTo
    const from = Math.max(before, known.start[i]!)
    seenTo = Math.max(seenTo, known.end[i]!)
    if (context === UNFOLLOWED) {
      const to = Math.min(end, seenTo)
      sampled ??= segmentsFromSamples(recording, table, slice, true)
      for (let k = countUpTo(sampled.end, from); sampled.start[k]! < to; k++) {
        const at = Math.max(from, sampled.start[k]!)
        const owner = sampled.context[k]!
        if (owner > 0) owners.set(segments.start.length, owner)
        unfollowed.add(segments.start.length)
        appendSegment(segments, at, Math.min(to, sampled.end[k]!), owner > 0 ? contextId : owner)
      }
      unfollowed.add(segments.start.length)
      appendSegment(segments, to, to, contextId)
      unfollowedMs += to - from
      continue
    }
    copySegment(known, i, segments)
    if (context === OURSELVES || context === UNSEEN) continue
    segments.context[next] = contextId
    if (context > 0 && context !== contextId) owners.set(next, context)
    // What the loop does before it calls is the callback's.
    if (isAwake(slice.turns, before, from)) segments.start[next] = before
  }
  if (seenTo < end && !hasSlept(slice, table, seenTo, end))
    appendSegment(segments, seenTo, end, contextId)
  const ends = namedEnds(segments, owners, unfollowed)
  return { segments, owners, nameless: '', ends, unfollowed, unfollowedMs }
}

/** Where samples tell whose a process's code is, it can be asked for by that; '': nobody's. */
export function partOf(whole: WholeProcess | null, title: string): string {
  const nameless = whole?.nameless ?? ''
  return nameless === '' || nameless === title ? '' : title
}

// --- internal ---

const NOBODY = Number.NaN

/** After a time, until the end: there the last turn of the loop may not have ended. */
function hasSlept({ samples, turns }: Slice, { kind }: ThreadStacks, from: number, to: number) {
  const { time, stack } = samples
  for (let i = countUpTo(time, from); i < time.length && time[i]! < to; i++)
    if (kind[stack[i]!] === IDLING) return true
  for (let i = countUpTo(turns.at, from); i < turns.at.length; i++)
    if (turns.slept[i] !== 0) return true
  return false
}

function namedEnds(
  { what, context }: Slice['segments'],
  owners: ReadonlyMap<number, number>,
  unfollowed: ReadonlySet<number>,
): number[] {
  // Of a request that has come already.
  const isRest = (i: number) => what[i] === REST_OF_REQUEST && owners.has(i)
  const ends = new Array<number>(what.length)
  let next = -1
  for (let i = what.length - 1; i >= 0; i--) {
    if (unfollowed.has(i)) next = -1
    else if (context[i] === BACKGROUND && what[i] !== '' && !isRest(i)) next = i
    ends[i] = next
  }
  return ends
}
