/**
 * What samples tell of a poll of the loop. Timers run between the check phase and the poll; they
 * are never called idle.
 */
import { countUpTo } from '../profile/sorted.js'
import { IDLING } from '../sampler/window.js'
import type { ThreadStacks } from './logical-stacks.js'
import type { Slice } from './slice.js'

/** ms. */
export interface Poll {
  /** A check phase or later; the poll ended after that. */
  readonly from: number
  /** How long it slept at its end, at least. */
  readonly sleptMs: number
  readonly endedBy: number
}

/**
 * The loop looked then or later, and slept, since nothing had come in: so it does after each
 * signal, which wakes it. One that is taken after the last sleep looks the same where the thread
 * was late for as long as that sleep had been. So the last one counts if a sleep of that length is
 * all there was after it, and could not have ended with it; else the last but one, if both came in
 * time: between the two a loop that was awake would have gone on.
 */
export function idleAt(
  { from, sleptMs, endedBy }: Poll,
  intervalMs: number,
  table: ThreadStacks,
  { samples, precision }: Slice,
): number {
  if (sleptMs === 0) return from
  const { time, cpu } = samples
  const [first, end] = idleSamples(table, samples, from + precision, endedBy + precision)
  const ended = precision + Math.min(endedBy, time[end] ?? endedBy)
  const longest = REGULAR * intervalMs
  let next = Number.NaN
  for (let i = end - 1; i >= first; i--) {
    const at = time[i]!
    const before = time[i - 1] ?? Number.NEGATIVE_INFINITY
    const gap = at - before
    const used = Number.isNaN(cpu[i]!) ? gap / ASLEEP : cpu[i]!
    const rest = ended - (at + sleptMs)
    // A thread that uses its time is not asleep.
    if (rest < 0 || used > gap / ASLEEP) continue
    const endedWithIt = Math.abs(at - Math.max(before, from) - sleptMs) <= TAKING
    const isAll = sleptMs > LONG && rest <= WAKING + 2 * precision
    if (isAll && !endedWithIt) return Math.max(from, at - used - TAKING - precision)
    if (gap <= longest && next - at <= longest) return at - precision
    next = at
  }
  return from
}

/** What the poll brought ran by then; `start`, where no sample shows more. */
export function busyAt(
  checkedAt: number,
  start: number,
  table: ThreadStacks,
  { samples, precision }: Slice,
): number {
  const [first, busy] = idleSamples(table, samples, checkedAt + precision, start)
  const isBusy = first < busy && samples.time[busy]! <= start
  return isBusy ? Math.min(start, samples.time[busy]! + precision) : start
}

// --- internal ---

/** From a poll's end to what is first seen of it, ms, where nothing else is brought. */
const WAKING = 0.3
/** From the look that a signal ended to the time of its sample, besides its own CPU time, ms. */
const TAKING = 0.3
/** A thread that has the CPU is not as late for what it is woken for, ms. */
const LONG = 0.5
/** A thread that sleeps between signals uses less than this part of its time to take them. */
const ASLEEP = 4
/** Signals that are further apart than this, in intervals, had to wait for the CPU. */
const REGULAR = 2

/** The first that are idle, one after another: from this one to before that one. */
function idleSamples(
  table: ThreadStacks,
  { time, stack }: Slice['samples'],
  after: number,
  until: number,
): [first: number, end: number] {
  const isIdle = (i: number) => table.kind[stack[i]!] === IDLING
  const last = countUpTo(time, until)
  let first = countUpTo(time, after)
  while (first < last && !isIdle(first)) first++
  let end = first
  while (end < last && isIdle(end)) end++
  return [first, end]
}
