/**
 * Who waited while the loop did not look: requests that came meanwhile, and those under way whose
 * waits, or which themselves, ended when it looked again, or which went on behind others before.
 *
 *     loop        ██████████ busy ██████████│ poll, what it brings │ check
 *     request A        came ────────────────┼──── seen
 *     wait of B   began ────────────────────┼────────── ended
 */
import type { Micros, Stall } from '../profile/profile.js'
import { countUpTo } from '../profile/sorted.js'
import { cameByOf, type Queueing } from '../sampler/queue-bound.js'
import { BACKGROUND, type Finished } from '../sampler/window.js'
import type { Slice } from './slice.js'

/** Longest first, the first of them by name. */
export function delayedBy(
  recording: Finished,
  slice: Slice,
): Pick<Stall, 'delayedCount' | 'delayed'> {
  const seen = new Set<number>()
  const delayed: Delayed[] = []
  const sleptBy = sleptAfter(recording.end, slice)
  for (const { context, title, queueing } of recording.waiters ?? []) {
    const earliest = cameAfter(queueing, recording.start)
    const most = queueing.seenAt - earliest
    // At its very end, or in the backlog, it came too late to have waited for more than that.
    if (most < WORTH_MS || recording.end - earliest < WORTH_MS) continue
    // The loop had looked again, and slept, before it came.
    if (queueing.seenAt > sleptBy) continue
    seen.add(context)
    const latest = cameByOf(queueing, queueing.from)
    const least = queueing.seenAt - Math.max(recording.start, latest)
    delayed.push(delay(title, most, latest > recording.end ? 0 : Math.max(0, least)))
  }
  /** Who is there already is known better. */
  const mayHaveWaited = (context: number, title: string, most: number) => {
    if (seen.has(context)) return
    seen.add(context)
    delayed.push(delay(title, most, 0))
  }
  for (const [context, most] of resumed(recording, slice))
    mayHaveWaited(context, slice.titleOf(context), most)
  const ownMs = sampledOf(recording, slice)
  for (const { context, title, startedAt, endedAt } of recording.lateEnds ?? []) {
    const own = ownMs.get(context) ?? 0
    const most = endedAt - Math.max(recording.start, startedAt) - own
    // Whoever holds the loop waits for nobody.
    if (own < most && most >= WORTH_MS) mayHaveWaited(context, title, most)
  }
  for (const [context, most] of wentOn(recording, slice))
    if (ownMs.get(context)! < most) mayHaveWaited(context, slice.titleOf(context), most)
  delayed.sort((a, b) => b.micros - a.micros)
  return { delayedCount: delayed.length, delayed: delayed.slice(0, MOST_NAMED) }
}

// --- internal ---

type Delayed = Stall['delayed'][number]

const MOST_NAMED = 20
/** A loop that has nothing else to do may be as late, ms. */
const WORTH_MS = 20

function delay(title: string, mostMs: number, leastMs: number): Delayed {
  return { title, micros: micros(mostMs), leastMicros: micros(leastMs) }
}

function micros(ms: number): Micros {
  return Math.round(ms * 1000)
}

function cameAfter({ from, notBefore }: Queueing, start: number): number {
  return Math.max(start, from ?? start, notBefore ?? start)
}

/** By the end of which turn the loop had slept again; infinite: that is not known. */
function sleptAfter(end: number, { turns }: Slice): number {
  for (let i = countUpTo(turns.at, end); i < turns.at.length; i++)
    if (turns.slept[i]! > 0) return turns.at[i]!
  return Number.POSITIVE_INFINITY
}

/** For how long each context's code ran, by its samples, ms. */
function sampledOf({ start, end }: Finished, { samples }: Slice): Map<number, number> {
  const sampled = new Map<number, number>()
  samples.time.forEach((at, i) => {
    const ms = Math.min(at, end) - Math.max(samples.time[i - 1] ?? start, start)
    const context = samples.context[i]!
    if (ms > 0) sampled.set(context, (sampled.get(context) ?? 0) + ms)
  })
  return sampled
}

/** Whose code ran in the stretch itself, behind others: how long it may have waited, ms. */
function wentOn({ start, end, contextId }: Finished, { samples }: Slice): Map<number, number> {
  const { time, context } = samples
  const ranAt = new Map<number, number>()
  const longest = new Map<number, number>()
  for (let i = countUpTo(time, start); i < time.length && time[i]! <= end; i++) {
    const [at, own] = [time[i]!, context[i]!]
    const ms = at - (ranAt.get(own) ?? start)
    ranAt.set(own, at)
    if (own === contextId || own <= BACKGROUND || own === context[i - 1]) continue
    if (ms >= WORTH_MS) longest.set(own, Math.max(ms, longest.get(own) ?? 0))
  }
  return longest
}

/** How long each context may have waited at most to go on, ms. */
function resumed({ start, end, contextId }: Finished, { waits, turns }: Slice) {
  const longest = new Map<number, number>()
  const next = countUpTo(turns.at, end)
  // Where the loop slept after it, nobody was left who could have gone on.
  const until = turns.slept[next] === 0 ? turns.at[next]! : end
  for (let i = 0; i < waits.context.length; i++) {
    const context = waits.context[i]!
    const endedAt = waits.end[i]!
    if (context === contextId || endedAt <= start || endedAt > until) continue
    const ms = endedAt - Math.max(start, waits.begin[i]!)
    if (ms >= WORTH_MS) longest.set(context, Math.max(ms, longest.get(context) ?? 0))
  }
  return longest
}
