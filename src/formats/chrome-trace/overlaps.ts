import { Float64Column, Int32Column } from '../../profile/columns.js'
import type { Profile } from '../../profile/profile.js'

/** A profile of a thread, and when. */
export interface RecordedThread {
  readonly pid: number
  readonly tid: number
  readonly profile: Profile
  /** False where the trace does not say when the profile began. */
  readonly isPlaced: boolean
}

/**
 * A thread may have been recorded twice at a time: by the browser's tracing (`Internal`) and, while
 * `console.profile` or a debugger asked for it, by the inspector. Both saw the same code, so each
 * moment counts once: that of the longest profile, which is whole, and of another one what lies
 * outside of it. The order stays.
 *
 *     main 0–10 and main 4–12 of the same thread  =  main 0–10 and main 10–12
 */
export function countOnce<Thread extends RecordedThread>(threads: readonly Thread[]): Thread[] {
  const kept = new Map<Thread, Thread>()
  const taken = new Map<string, Span[]>()
  const spans = new Map(threads.map((thread) => [thread, spanOf(thread.profile)]))
  const longest = [...threads].sort((a, b) => lengthOf(spans.get(b)!) - lengthOf(spans.get(a)!))
  for (const thread of longest) {
    const key = `${thread.pid}:${thread.tid}`
    const before = taken.get(key) ?? []
    const span = spans.get(thread)!
    if (!thread.isPlaced || !before.some((other) => overlap(other, span) > 0)) {
      kept.set(thread, thread)
      if (thread.isPlaced) taken.set(key, [...before, span])
      continue
    }
    const profile = outside(thread.profile, before)
    if (profile.samples.stack.length > 0) kept.set(thread, { ...thread, profile })
    taken.set(key, [...before, ...without(span, before)])
  }
  return threads.flatMap((thread) => kept.get(thread) ?? [])
}

// --- internal ---

interface Span {
  readonly from: number
  readonly to: number
}

function spanOf({ startMicros, samples }: Profile): Span {
  let to = startMicros
  for (const weight of samples.weight) to += weight
  return { from: startMicros, to }
}

function lengthOf({ from, to }: Span): number {
  return to - from
}

function overlap(a: Span, b: Span): number {
  return Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from))
}

/** The samples with the time that is in none of the spans, which do not overlap. */
function outside(profile: Profile, spans: readonly Span[]): Profile {
  const stack = new Int32Column()
  const weight = new Float64Column()
  const labelSet = new Int32Column()
  let from = profile.startMicros
  for (let i = 0; i < profile.samples.stack.length; i++) {
    const own = profile.samples.weight[i]!
    const span = { from, to: from + own }
    const left = spans.reduce((rest, other) => rest - overlap(span, other), own)
    from = span.to
    if (left <= 0) continue
    stack.push(profile.samples.stack[i]!)
    weight.push(left)
    labelSet.push(profile.samples.labelSet[i]!)
  }
  const samples = {
    stack: stack.finish(),
    weight: weight.finish(),
    labelSet: labelSet.finish(),
  }
  const fact = 'what another profile of the thread saw at the same time is left out'
  return { ...profile, timeline: false, samples, warnings: [...profile.warnings, fact] }
}

/** What is left of a span. */
function without(span: Span, others: readonly Span[]): Span[] {
  let left = [span]
  for (const other of others) {
    left = left.flatMap(({ from, to }) => [
      { from, to: Math.min(to, Math.max(from, other.from)) },
      { from: Math.max(from, Math.min(to, other.to)), to },
    ])
    left = left.filter((each) => lengthOf(each) > 0)
  }
  return left
}
