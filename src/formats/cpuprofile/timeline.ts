import type { Float64Column } from '../../profile/columns.js'
import type { SampleTable, StackIndex } from '../../profile/profile.js'
import { badTime } from '../shared/times.js'

export interface Span {
  readonly startTime: number
  readonly endTime: number | null
}

export interface TimelineFacts extends Span {
  /** Leave out samples without time, which our own files have at the end of every run. */
  readonly dropEmpty: boolean
  /** The stack for the time before the first sample. */
  unknown(): StackIndex
}

/**
 * Weights from times: what passes until the next sample, or the end. `stack` has a free slot in
 * front, so that the deltas, shifted by one, *are* the weights and a million samples need no second
 * copy. Fewer deltas than samples, or more: the common part counts.
 */
export function toTimeline(
  stack: Int32Array,
  deltas: Float64Column,
  labels: Int32Array | null,
  facts: TimelineFacts,
): { samples: SampleTable; unordered: number } {
  const count = Math.min(stack.length - 1, deltas.length)
  const { start, end } = checkSpan(facts, count)
  if (deltas.length === count) deltas.push(0)
  const weight = deltas.finish()
  let order: Uint32Array | null = null
  let unordered = 0
  let time = start
  if (isOrdered(weight, count)) for (let i = 0; i < count; i++) time += weight[i]!
  else ({ order, unordered, time } = sortByTime(weight, count, start))
  if (!Number.isSafeInteger(time)) throw badTime(count - 1, 'beyond all clocks')
  weight[count] = end === null ? 0 : Math.max(0, end - time)

  const samples = {
    stack: order === null ? stack : reorder(stack, order, 1),
    weight,
    labelSet: new Int32Array(count + 1),
  }
  if (labels !== null) {
    samples.labelSet.set(labels.subarray(0, count), 1)
    if (order !== null) samples.labelSet = reorder(samples.labelSet, order, 1)
  }
  const isLeading = weight[0]! > 0
  if (isLeading) samples.stack[0] = facts.unknown()
  const timeline = slice(samples, isLeading ? 0 : 1, count + 1)
  return { samples: facts.dropEmpty ? withoutEmpty(timeline) : timeline, unordered }
}

/** In whole microseconds. Throws `BAD_INPUT` where there is no such time. */
export function checkSpan({ startTime, endTime }: Span, count: number) {
  const start = Math.round(startTime)
  const end = endTime === null ? null : Math.round(endTime)
  if (!Number.isSafeInteger(start)) throw badTime(0, `startTime ${startTime}`)
  if (end !== null && !Number.isSafeInteger(end)) throw badTime(count, `endTime ${endTime}`)
  if (end !== null && end < start) throw badTime(count, 'endTime is before startTime')
  return { start, end }
}

/**
 * Absolute timestamps → deltas. `file.startTime` and `endTime`, often whole seconds, are replaced.
 */
export function fromTimestamps(
  timestamps: Float64Column,
  file: { samples: { length: number } | null; startTime: number | null; endTime: number | null },
): Float64Column {
  const count = timestamps.length
  if (count === 0) return timestamps
  file.startTime = timestamps.at(0)
  file.endTime = timestamps.at(count - 1)
  for (let i = count - 1; i > 0; i--) timestamps.set(i, timestamps.at(i) - timestamps.at(i - 1))
  timestamps.set(0, 0)
  // One more timestamp than samples is the end of the last sample.
  if (file.samples !== null && count === file.samples.length) timestamps.length--
  return timestamps
}

// --- internal ---

function isOrdered(deltas: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) {
    const delta = deltas[i]!
    if (delta < 0 || delta !== Math.trunc(delta)) return false
  }
  return true
}

/**
 * V8 stamps some samples late (https://github.com/jlfwong/speedscope/pull/80). Puts whole deltas of
 * the sorted times into `deltas`; no time is before the start, so the total stays `end - start`.
 */
function sortByTime(deltas: Float64Array, count: number, start: number) {
  const times = new Float64Array(count)
  let clock = start
  let latest = start
  let unordered = 0
  for (let i = 0; i < count; i++) {
    clock += deltas[i]!
    if (!(Math.abs(clock) <= Number.MAX_SAFE_INTEGER)) throw badTime(i, String(deltas[i]))
    times[i] = Math.max(start, Math.round(clock))
    if (clock < latest) unordered++
    latest = Math.max(latest, clock)
  }
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[i] = i
  order.sort((a, b) => times[a]! - times[b]! || a - b)
  let before = start
  for (let i = 0; i < count; i++) {
    const time = times[order[i]!]!
    deltas[i] = time - before
    before = time
  }
  return { order, unordered, time: before }
}

/** A copy with element `first + i` taken from `first + order[i]`. */
function reorder(column: Int32Array, order: Uint32Array, first: number): Int32Array<ArrayBuffer> {
  const sorted = new Int32Array(first + order.length)
  for (let i = 0; i < order.length; i++) sorted[first + i] = column[first + order[i]!]!
  return sorted
}

function slice({ stack, weight, labelSet }: SampleTable, from: number, to: number): SampleTable {
  return {
    stack: stack.subarray(from, to),
    weight: weight.subarray(from, to),
    labelSet: labelSet.subarray(from, to),
  }
}

/** In place: the columns are ours alone. */
function withoutEmpty({ stack, weight, labelSet }: SampleTable): SampleTable {
  let kept = 0
  for (let i = 0; i < stack.length; i++) {
    if (weight[i] === 0) continue
    stack[kept] = stack[i]!
    weight[kept] = weight[i]!
    labelSet[kept] = labelSet[i]!
    kept++
  }
  return slice({ stack, weight, labelSet }, 0, kept)
}
