/** What samples tell of the poll that brought a request. */
import { countUpTo } from '../profile/sorted.js'
import type { QueueBound } from '../sampler/queue-bound.js'
import { type Finished, IDLING } from '../sampler/window.js'
import type { ThreadStacks } from './logical-stacks.js'
import type { Slice } from './slice.js'

/** ms. */
export interface PollOfStart {
  /** The loop slept on after that, so nothing had come in. */
  readonly idleAt: number
  /** What the poll brought ran by then; the start, where no sample shows more. */
  readonly busyAt: number
}

export function pollOfStart(
  bound: QueueBound,
  recording: Finished,
  table: ThreadStacks,
  { samples, precision }: Slice,
): PollOfStart {
  const { time, stack } = samples
  const isIdle = (i: number) => table.kind[stack[i]!] === IDLING
  const { checkedAt } = bound
  const end = countUpTo(time, recording.start)
  // Timers run between the check phase and the poll; they are never called idle.
  let first = countUpTo(time, checkedAt + precision)
  while (first < end && !isIdle(first)) first++
  let busy = first
  while (busy < end && isIdle(busy)) busy++
  const isBusy = first < busy && busy < end
  const asleep = lastBeforeSleep(bound, recording, samples, precision, first, busy)
  return {
    idleAt: asleep < first ? checkedAt : time[asleep]! - precision,
    busyAt: isBusy ? Math.min(recording.start, time[busy]! + precision) : recording.start,
  }
}

// --- internal ---

/** How well the clocks of samples and of the loop's sleep agree, ms. */
const CLOSE = 0.1
/** From the loop's waking to its first request, where nothing ran in between; ms. */
const WAKING = 0.3
/** Idle samples that may be of what the poll brought: native code, or signals that came with it. */
const DOUBTFUL = 2
/** Samples further apart than this, in intervals, say that the machine had no CPU for us. */
const STARVED = 3

/**
 * The idle sample after which the loop slept for the last time: its signal woke it, it found
 * nothing and slept for `sleptMs` more, which no other signal has cut short. At the end of that
 * sleep either the request was seen, or a signal that had to wait for the CPU as well.
 */
function lastBeforeSleep(
  { cameBy, sleptMs }: QueueBound,
  { meta }: Finished,
  { time, cpu }: Slice['samples'],
  precision: number,
  first: number,
  end: number,
): number {
  const last = Math.min(end, countUpTo(time, cameBy)) - 1
  let doubtful = 0
  for (let i = last; i >= first; i--) {
    const next = Math.min(time[i + 1] ?? Number.POSITIVE_INFINITY, cameBy + precision)
    const woke = time[i]! + sleptMs
    // A thread that uses its time is not asleep.
    const gap = time[i]! - (time[i - 1] ?? Number.NEGATIVE_INFINITY)
    if (woke > next || cpu[i]! > gap / 4) continue
    const isSeen = cameBy - woke <= WAKING + precision
    const isSignalled = i < last && next - woke <= CLOSE
    if (!isSeen && !isSignalled && doubtful++ < DOUBTFUL) continue
    // What comes over the loopback needs the CPU, too.
    return gap > (STARVED * meta.intervalMicros) / 1000 ? i - 1 : i
  }
  return first - 1
}
