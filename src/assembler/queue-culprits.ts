/** With whom the loop was busy before a request started: its samples, added up by function. */
import { frameKind, GC, PROFILER, syntheticFrame, UNKNOWN } from '../profile/frames.js'
import type { Frame, QueueCulprit } from '../profile/profile.js'
import { countUpTo } from '../profile/sorted.js'
import { BACKGROUND, COLLECTING, type Finished, IDLING, PROFILING } from '../sampler/window.js'
import { LONGEST_GAP } from './assign-samples.js'
import type { ThreadStacks } from './logical-stacks.js'
import type { Slice } from './slice.js'

/**
 * Longest first; they add up to `micros`, the time from `from` to the recording's start. What no
 * busy sample tells of is `[unknown]`, without a function.
 */
export function culpritsOf(
  recording: Finished,
  table: ThreadStacks,
  before: Slice,
  from: number,
  micros: number,
): QueueCulprit[] {
  const shares = new Map<string, Share>()
  eachSample(recording, before, from, (i, ms) => {
    const stack = before.samples.stack[i]!
    if (table.kind[stack] === IDLING) return
    const title = titleOf(recording, before, i)
    const frame = functionOf(table, stack)
    const key = `${frame.line}:${frame.column}\0${frame.name}\0${frame.file}\0${title}`
    const share = shares.get(key) ?? { title, frame, ms: 0 }
    share.ms += ms
    shares.set(key, share)
  })
  return inMicros([...shares.values()], micros)
}

// --- internal ---

interface Share {
  readonly title: string
  readonly frame: Frame
  ms: number
}

const NOBODY = syntheticFrame('')

/** Each sample before the start, with the time half-way to its neighbours that is in the range. */
function eachSample(
  { start, meta }: Finished,
  { samples }: Slice,
  from: number,
  each: (sample: number, ms: number) => void,
): void {
  const { time } = samples
  const reach = (LONGEST_GAP / 2) * (meta.intervalMicros / 1000)
  const count = countUpTo(time, start)
  let known = from
  for (let i = 0; i < count; i++) {
    const middle = i + 1 < count ? (time[i]! + time[i + 1]!) / 2 : start
    const begin = Math.max(known, time[i]! - reach)
    const end = Math.min(middle, time[i]! + reach)
    if (end <= begin) continue
    each(i, end - begin)
    known = end
  }
}

/** Whose code it was; without hooks and labels nobody can tell. */
function titleOf(
  { labelsAll }: Finished,
  { samples, segments, titleOf }: Slice,
  i: number,
): string {
  const at = samples.time[i]!
  const segment = countUpTo(segments.start, at) - 1
  const isInside = segment >= 0 && at < segments.end[segment]!
  const context = samples.context[i]! || (isInside ? segments.context[segment]! : BACKGROUND)
  if (context > BACKGROUND) return titleOf(context) || UNKNOWN
  return isInside || labelsAll ? 'background' : UNKNOWN
}

/** The innermost function of the app's, or the innermost one where none is. */
function functionOf(table: ThreadStacks, stack: number): Frame {
  if (table.kind[stack] === COLLECTING) return syntheticFrame(GC)
  if (table.kind[stack] === PROFILING) return syntheticFrame(PROFILER)
  for (let id = stack; id > 0; id = table.parent[id]!) {
    const frame = table.frames[table.frame[id]!]!
    if (frameKind(frame) === 'app') return frame
  }
  return stack > 0 ? table.frames[table.frame[stack]!]! : NOBODY
}

/** In whole microseconds, rounded on the running sum. */
function inMicros(shares: readonly Share[], micros: number): QueueCulprit[] {
  const culprits: QueueCulprit[] = []
  let sum = 0
  const append = (title: string, { name, file, line }: Frame, end: number) => {
    const own = Math.min(micros, Math.round(end * 1000)) - Math.min(micros, Math.round(sum * 1000))
    sum = end
    if (own > 0) culprits.push({ title, name, file, line, micros: own })
  }
  for (const { title, frame, ms } of shares) append(title, frame, sum + ms)
  append(UNKNOWN, NOBODY, Number.POSITIVE_INFINITY)
  return culprits.sort((a, b) => b.micros - a.micros)
}
