/** With whom the loop was busy before a request started: its samples, added up by function. */
import { frameKind, GC, PROFILER, syntheticFrame, UNKNOWN } from '../profile/frames.js'
import type { Frame, QueueCulprit } from '../profile/profile.js'
import { countUpTo } from '../profile/sorted.js'
import { BACKGROUND, COLLECTING, type Finished, IDLING, PROFILING } from '../sampler/window.js'
import type { ThreadStacks } from './logical-stacks.js'
import { LONGEST_GAP, type Slice } from './slice.js'

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
  const owners = ownersOf(recording, table, before, shares)
  eachShare(recording, before.samples.time, owners, from, (owner, ms) => {
    owner.ms += ms
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

/** The share of each sample before the start; null: an idle one, which accuses nobody. */
function ownersOf(
  recording: Finished,
  table: ThreadStacks,
  before: Slice,
  shares: Map<string, Share>,
): (Share | null)[] {
  const { time, stack } = before.samples
  const owners: (Share | null)[] = []
  const count = countUpTo(time, recording.start)
  for (let i = 0; i < count; i++) {
    if (table.kind[stack[i]!] === IDLING) {
      owners.push(null)
      continue
    }
    const title = titleOf(recording, before, i)
    const frame = functionOf(table, stack[i]!)
    const key = `${frame.line}:${frame.column}\0${frame.name}\0${frame.file}\0${title}`
    const share = shares.get(key) ?? { title, frame, ms: 0 }
    shares.set(key, share)
    owners.push(share)
  }
  return owners
}

/**
 * Each sample owns the time half-way to its neighbours. From one whose neighbour is another's, that
 * is no more than a few intervals; between two of one owner all of it.
 */
function eachShare(
  { start, meta }: Finished,
  time: readonly number[],
  owners: readonly (Share | null)[],
  from: number,
  each: (owner: Share, ms: number) => void,
): void {
  const reach = (LONGEST_GAP / 2) * (meta.intervalMicros / 1000)
  owners.forEach((owner, i) => {
    if (owner === null) return
    const at = time[i]!
    const [before, after] = [time[i - 1] ?? Number.NEGATIVE_INFINITY, time[i + 1]]
    const toBefore = (at - before) / 2
    const toAfter = i + 1 < owners.length ? (after! - at) / 2 : Number.POSITIVE_INFINITY
    const begin = at - (owners[i - 1] === owner ? toBefore : Math.min(toBefore, reach))
    const end = at + (owners[i + 1] === owner ? toAfter : Math.min(toAfter, reach))
    const ms = Math.min(start, end) - Math.max(from, begin)
    if (ms > 0) each(owner, ms)
  })
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
