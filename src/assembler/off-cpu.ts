/**
 * When the thread was in somebody's code and did not run: what a gap between two samples holds of
 * busy time beyond the CPU time that the thread used in it. Idle time is no part of it.
 *
 *   samples       │           │              │
 *   segments      │   ▒▒▒▒▒▒▒▒│██████████████│       busy: 8 and 14
 *   CPU time      │ 8         │ 3            │       off the CPU: 0 and 11
 */
import { countUpTo } from '../profile/sorted.js'
import { IDLING, UNSEEN } from '../sampler/window.js'
import type { ThreadStacks } from './logical-stacks.js'
import type { Gap, Slice } from './slice.js'

/** How much of a stretch of somebody's code (ms) the thread was off the CPU. */
export type OffCpu = (from: number, to: number) => number

/**
 * `derived`: the segments are made of the samples, so nobody knows when one next to an idle sample
 * began or ended.
 */
export function offCpuOf(slice: Slice, table: ThreadStacks, derived: boolean): OffCpu {
  const { time, since, cpu, stack, tail } = slice.samples
  const busyUntil = busyTime(slice.segments)
  const isIdle = (sample: number) => table.kind[stack[sample]!] === IDLING
  /** The gap that ends with the sample. */
  function gapAt(sample: number): Gap | null {
    if (sample >= time.length) return sample === time.length && !derived ? tail : null
    return { from: since[sample]!, to: time[sample]!, cpu: cpu[sample]! }
  }
  /** Off-CPU time as a share of the gap's busy time. */
  function shareOf({ from, to, cpu }: Gap, sample: number): number {
    if (derived && (isIdle(sample) || sample === 0 || isIdle(sample - 1))) return 0
    const busy = busyUntil(to) - busyUntil(from)
    const off = busy - cpu
    // Where a segment begins or ends in the gap, its clock matters, which is not the samples'.
    const isBusyThroughout = to - from - busy < ROUNDING
    const least = isBusyThroughout ? JITTER : JITTER + slice.precision
    return off > least ? off / busy : 0
  }
  return (from, to) => {
    let off = 0
    let start = from
    for (let i = countUpTo(time, from); start < to; i++) {
      const gap = gapAt(i)
      if (gap === null) break
      const end = Math.min(to, gap.to)
      const known = end - Math.max(start, gap.from)
      if (known > 0) off += known * shareOf(gap, i)
      start = Math.max(start, end)
    }
    return off
  }
}

// --- internal ---

/**
 * Busy time beyond the CPU time that is no sign of anything, ms: the sample's time is taken after
 * its CPU time, by as long as it takes to walk its stack, and interrupts and V8's own sampling
 * thread take some microseconds of each interval.
 */
const JITTER = 0.1
const ROUNDING = 1e-6

/** How long the thread was in somebody's code up to a time, ms. */
function busyTime({ start, end, context }: Slice['segments']): (time: number) => number {
  const before = new Float64Array(start.length + 1)
  for (let i = 0; i < start.length; i++) {
    before[i + 1] = before[i]! + (context[i] === UNSEEN ? 0 : end[i]! - start[i]!)
  }
  return (time) => {
    const i = countUpTo(start, time) - 1
    if (i < 0) return 0
    return context[i] === UNSEEN ? before[i]! : before[i]! + Math.min(time, end[i]!) - start[i]!
  }
}
