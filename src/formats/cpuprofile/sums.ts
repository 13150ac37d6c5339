import { Float64Column, Int32Column } from '../../profile/columns.js'
import type { SampleTable, StackIndex } from '../../profile/profile.js'
import { checkSpan, type Span } from './timeline.js'
import { badTime, type TimeColumn } from './times.js'

/**
 * What `toTimeline` gives, added up by stack, without a table of all samples in between: for who
 * needs no order. Null where that has to be made first. `stack` has a free slot in front;
 * `unknown`: the stack for the time before the first sample.
 */
export function toSums(
  stack: Int32Array,
  deltas: TimeColumn,
  span: Span,
  unknown: () => StackIndex,
  stackCount: () => number,
): SampleTable | null {
  if (!(deltas instanceof Int32Column)) return null
  const count = Math.min(stack.length - 1, deltas.length)
  const { start, end } = checkSpan(span, count)
  const delta = deltas.storage
  if (count > 0 && delta[0]! > 0) stack[0] = unknown()
  const self = new Float64Array(stackCount())
  const counts = new Int32Array(self.length)
  let time = start
  for (let i = 0; i < count; i++) {
    if (delta[i]! < 0) return null
    time += delta[i]!
    self[stack[i]!]! += delta[i]!
    counts[stack[i]!]!++
  }
  if (!Number.isSafeInteger(time)) throw badTime(count - 1, 'beyond all clocks')
  if (count > 0) {
    self[stack[count]!]! += end === null ? 0 : Math.max(0, end - time)
    counts[stack[count]!]!++
    if (delta[0] === 0) counts[stack[0]!]!--
  }
  return tableOf(self, counts)
}

// --- internal ---

/** By stack. */
function tableOf(self: Float64Array, counts: Int32Array): SampleTable {
  const [stack, weight, count] = [new Int32Column(), new Float64Column(), new Int32Column()]
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue
    stack.push(i)
    weight.push(self[i]!)
    count.push(counts[i]!)
  }
  const labelSet = new Int32Array(stack.length)
  return { stack: stack.finish(), weight: weight.finish(), labelSet, count: count.finish() }
}
