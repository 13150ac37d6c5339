import { Float64Column, Int32Column } from '../../profile/columns.js'
import type { SampleTable, StackIndex } from '../../profile/profile.js'
import { badTime, type TimeColumn } from '../shared/times.js'
import { checkSpan, type Span } from './timeline.js'
import type { NodeStacks } from './tree.js'

/**
 * What `toTimeline` gives, added up by stack, without a table of all samples in between: for who
 * needs no order. Null where that has to be made first. `ids`: of each sample its node, behind a
 * free slot, and at least one; `unknown`: the stack for the time before the first sample.
 */
export function toSums(
  ids: Int32Array,
  deltas: TimeColumn,
  span: Span,
  stacks: NodeStacks,
  unknown: () => StackIndex,
): SampleTable | null {
  const count = ids.length - 1
  if (!(deltas instanceof Int32Column) || deltas.length !== count) return null
  const { start, end } = checkSpan(span, count)
  const delta = deltas.storage
  const { idLimit } = stacks
  const self = new Float64Array(idLimit)
  const counts = new Int32Array(idLimit)
  const isKnown = (id: number) => id >= 0 && id < idLimit
  let time = start + delta[0]!
  if (time < start) return null
  for (let i = 1; i < count; i++) {
    const id = ids[i]!
    const micros = delta[i]!
    if (micros < 0 || !isKnown(id)) return null
    time += micros
    self[id]! += micros
    counts[id]!++
  }
  if (!Number.isSafeInteger(time)) throw badTime(count - 1, 'beyond all clocks')
  const last = ids[count]!
  if (!isKnown(last)) return null
  self[last]! += end === null ? 0 : Math.max(0, end - time)
  counts[last]!++
  const lead = delta[0]! > 0 ? { stack: unknown(), micros: delta[0]! } : null
  return byStack(stacks, self, counts, lead)
}

// --- internal ---

/** Null where an id is no node's. */
function byStack(
  stacks: NodeStacks,
  selfOf: Float64Array,
  countOf: Int32Array,
  lead: { stack: StackIndex; micros: number } | null,
): SampleTable | null {
  const size = stacks.count()
  const self = new Float64Array(size)
  const counts = new Int32Array(size)
  for (let id = 0; id < countOf.length; id++) {
    if (countOf[id] === 0) continue
    const stack = stacks.ofId(id)
    if (stack === -1) return null
    self[stack]! += selfOf[id]!
    counts[stack]! += countOf[id]!
  }
  if (lead !== null) {
    self[lead.stack]! += lead.micros
    counts[lead.stack]!++
  }
  const [stack, weight, count] = [
    new Int32Column(size),
    new Float64Column(size),
    new Int32Column(size),
  ]
  for (let i = 0; i < size; i++) {
    if (counts[i] === 0) continue
    stack.push(i)
    weight.push(self[i]!)
    count.push(counts[i]!)
  }
  const labelSet = new Int32Array(stack.length)
  return { stack: stack.finish(), weight: weight.finish(), labelSet, count: count.finish() }
}
