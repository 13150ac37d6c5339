/** Profiles that say how often, but not when: counts, spread over the duration if that is known. */
import { Float64Column, Int32Column } from '../../profile/columns.js'
import type { SampleTable, Unit } from '../../profile/profile.js'
import type { NodeTable } from './node-table.js'
import type { NodeStacks } from './tree.js'

interface Span {
  readonly startTime: number | null
  readonly endTime: number | null
  readonly isHead: boolean
}

type Weighted = { samples: SampleTable; unit: Unit }

/** One sample a node, weighing its `hitCount` times the mean interval. */
export function spreadHitCounts(nodes: NodeTable, stacks: NodeStacks, span: Span): Weighted {
  const stack = new Int32Column()
  const hits = new Float64Column()
  for (let row = 0; row < nodes.id.length; row++) {
    if (nodes.hitCount.at(row) === 0) continue
    stack.push(stacks.ofRow[row]!)
    hits.push(nodes.hitCount.at(row))
  }
  return spread(stack.finish(), hits.finish(), span)
}

/** The same share for each sample. `stack` has a free slot in front. */
export function spreadSamples(stack: Int32Array, span: Span): Weighted {
  return spread(stack.subarray(1), new Float64Array(stack.length - 1).fill(1), span)
}

// --- internal ---

/** Rounds the running sum, so that the total is right to the microsecond. */
function spread(stack: Int32Array, weight: Float64Array, span: Span): Weighted {
  const micros = durationMicros(span)
  const labelSet = new Int32Array(stack.length)
  if (micros === 0) return { samples: { stack, weight, labelSet }, unit: unitOfCounts(weight) }
  let total = 0
  for (const hits of weight) total += hits
  let seen = 0
  let given = 0
  for (let i = 0; i < weight.length; i++) {
    seen += weight[i]!
    const until = Math.round((micros * seen) / total)
    weight[i] = until - given
    given = until
  }
  return { samples: { stack, weight, labelSet }, unit: 'microseconds' }
}

function unitOfCounts(weight: Float64Array): Unit {
  return weight.length === 0 ? 'microseconds' : 'samples'
}

/** The old form counts in seconds; a span of more than a day in it can only be microseconds. */
function durationMicros({ startTime, endTime, isHead }: Span): number {
  if (startTime === null || endTime === null || !(endTime > startTime)) return 0
  const duration = endTime - startTime
  return Math.round(isHead && duration < 86_400 ? duration * 1e6 : duration)
}
