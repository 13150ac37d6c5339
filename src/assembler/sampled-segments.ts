import { type Finished, IDLING, UNSEEN } from '../sampler/window.js'
import type { ThreadStacks } from './logical-stacks.js'
import { appendSegment, hasSlept, isAwake, LONGEST_GAP, noSegments, type Slice } from './slice.js'

/**
 * Without hooks, a segment is a stretch of samples of one context, from half-way to the sample
 * before to half-way to the one after. Idle samples are the gaps; where there is no sample for
 * long, nothing is known, but between two of one context whose CPU time is, if no turn of the loop
 * came and went that slept: the thread was off the CPU for the rest. So it was between two contexts
 * if the loop did not sleep, and there it was where the later one found it. `byLabel`: samples say
 * whose they are; else all are the recording's.
 */
export function segmentsFromSamples(
  recording: Pick<Finished, 'contextId' | 'start' | 'end' | 'meta'>,
  table: ThreadStacks,
  slice: Slice,
  byLabel = recording.meta.attribution === 'request',
): Slice['segments'] {
  const { time, cpu, context, stack } = slice.samples
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
    return byLabel ? context[i]! : recording.contextId
  }
  /** Of the gap before a sample: how far it and the one before reach into it, where they meet. */
  function gapAt(i: number): { reach: number; seam: number } {
    const [from, to] = [time[i - 1] ?? -Infinity, time[i] ?? Infinity]
    const middle = (from + to) / 2
    const isKnown = cpu[i]! >= 0 && i > 0 && ownerOf(i) !== null && ownerOf(i - 1) !== null
    if (!isKnown) return { reach, seam: middle }
    if (ownerOf(i) === ownerOf(i - 1))
      return { reach: hasSlept(slice.turns, from, to) ? reach : Infinity, seam: middle }
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
