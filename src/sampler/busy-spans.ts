/**
 * When the loop was busy in a turn. There are up to two such spans, one before its poll and one
 * after it:
 *
 *     check                      poll                          check
 *       ├ immediates, timers ────┤ asleep ├ what it brought ─────┤
 */
import {
  AFTER_POLL,
  ASLEEP,
  BEFORE_POLL,
  GO_ON_BEFORE_POLL,
  IN_CHECK,
  NATIVE,
  type PhasedSamples,
  SAME_PHASE,
} from './stall-cause.js'
import { BACKGROUND } from './window.js'

/** Between two looks of the loop; ms on the clock of the samples. */
export interface BusySpan {
  readonly from: number
  readonly to: number
}

/** From check phase to check phase; `sleptMs`: at the end of its sleep, at least. */
export interface Turn extends BusySpan {
  readonly sleptMs: number
}

/** By its samples. */
export function busySpans({ from, to, sleptMs }: Turn, samples: PhasedSamples): BusySpan[] {
  const { time, phase } = samples
  const polled = afterTheLast(phase)
  const [first, last] = sleptMs > 0 ? longestSleep(time, phase, polled) : NO_SLEEP
  if (first <= last) {
    const fellAsleep = first === 0 ? from : (time[first - 1]! + time[first]!) / 2
    // The signal of its last sample woke the loop, which then slept on for so long.
    const woke = Math.min(time[last]! + sleptMs, time[last + 1] ?? to)
    return [
      { from, to: fellAsleep },
      { from: woke, to },
    ]
  }
  const brought = polled === 0 ? 0 : firstBrought(samples, polled)
  if (sleptMs === 0 && (brought === 0 || brought === phase.length)) return [{ from, to }]
  // Of a sleep of which no sample is known its length is.
  const poll = brought === 0 ? from : between(time[brought - 1]!, time[brought], to - sleptMs)
  return [
    { from, to: poll },
    { from: Math.min(to, poll + sleptMs), to },
  ]
}

// --- internal ---

const NO_SLEEP = [0, -1] as const

/**
 * A turn sleeps once, when it has polled; other samples without code are of native code between two
 * callbacks. First and last of its samples.
 */
function longestSleep(
  time: ArrayLike<number>,
  phase: ArrayLike<number>,
  polled: number,
): readonly [number, number] {
  let longest: readonly [number, number] = NO_SLEEP
  let longestMs = -1
  for (let first = polled; first < phase.length; first++) {
    if (phase[first] !== ASLEEP) continue
    let last = first
    while (phase[last + 1] === ASLEEP) last++
    const ms = time[last]! - time[first]!
    if (ms > longestMs) {
      longest = [first, last]
      longestMs = ms
    }
    first = last
  }
  return longest
}

/**
 * The first sample after all of timers, and of immediates before the poll; 0: there are none of
 * those. What looks like something else before them is native code between two of them, or a stack
 * that V8 saw in part.
 */
function afterTheLast(phase: ArrayLike<number>): number {
  let next = beforeCheck(phase)
  while (next > 0 && !MAY_BE_BEFORE.includes(phase[next - 1]!)) next--
  return next
}

/** The last samples may be of immediates that ran before the check phase was noted. */
function beforeCheck(phase: ArrayLike<number>): number {
  let next = phase.length
  while (next > 0 && MAY_BE_IN_CHECK.includes(phase[next - 1]!)) next--
  const isAfterPoll = phase[next - 1] === AFTER_POLL && phase[next - 2] === AFTER_POLL
  return isAfterPoll ? next : phase.length
}

const MAY_BE_BEFORE = [BEFORE_POLL, GO_ON_BEFORE_POLL, IN_CHECK]
const MAY_BE_IN_CHECK = [IN_CHECK, GO_ON_BEFORE_POLL, SAME_PHASE, NATIVE]

/**
 * From `polled` on, the first sample of what the poll brought. In the middle of somebody's samples
 * it is a stack that V8 saw in part.
 */
function firstBrought({ phase, unit }: PhasedSamples, polled: number): number {
  const goesOn = (i: number) => i > 0 && unit[i]! > BACKGROUND && unit[i] === unit[i - 1]
  let next = polled
  while (next < phase.length && (phase[next] !== AFTER_POLL || goesOn(next))) next++
  return next
}

function between(before: number, after: number | undefined, wokeAt: number): number {
  return after === undefined ? Math.max(before, wokeAt) : (before + after) / 2
}
