/**
 * The segments of a whole thread that was only sampled: all are its own, and samples say whose code
 * each is. What the loop does between them is nobody's.
 *
 *     samples   A  A  B  B  –  –  idle  A
 *     told      ██A█████B████background▒▒▒▒█A
 */
import { BACKGROUND, type Finished, UNSEEN } from '../sampler/window.js'
import type { ThreadStacks } from './logical-stacks.js'
import { segmentsFromSamples } from './sampled-segments.js'
import type { Slice } from './slice.js'
import type { WholeProcess } from './whole-process.js'

export function isOwnedProcess({ meta, hasRunSegments }: Finished): boolean {
  const isOfThread = meta.kind === 'process' || meta.kind === 'stall'
  return isOfThread && meta.attribution === 'request' && !hasRunSegments
}

export function ownedProcess(recording: Finished, table: ThreadStacks, slice: Slice): WholeProcess {
  const segments = segmentsFromSamples(recording, table, slice)
  if (recording.meta.kind === 'stall') reachEdges(segments, recording)
  const owners = new Map<number, number>()
  segments.context.forEach((context, i) => {
    if (context === UNSEEN) return
    owners.set(i, context === recording.contextId ? BACKGROUND : context)
    segments.context[i] = recording.contextId
  })
  // Nobody waits: the loop does.
  const ends = segments.context.map(() => -1)
  return { segments, owners, nameless: 'background', ends, unfollowed: new Set(), unfollowedMs: 0 }
}

// --- internal ---

/** The loop was busy from its start to its end: an idle sample there is of before, or of after. */
function reachEdges({ start, end, context }: Slice['segments'], recording: Finished): void {
  const last = end.length - 1
  if (last < 0) return
  if (context[0] !== UNSEEN) start[0] = Math.min(start[0]!, recording.start)
  if (context[last] !== UNSEEN) end[last] = Math.max(end[last]!, recording.end)
}
