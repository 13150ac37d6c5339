/**
 * How a stretch of own code is divided among its samples. Of the time on the CPU between two of
 * them each has a half; off the CPU the thread was where the later one found it, since a thread
 * that was taken off is sampled as soon as it runs again.
 *
 *   samples        a               b     c
 *   on, off     ██████▒▒▒▒▒▒▒▒▒███████████████
 *   whose      a      │ b        b  │  c
 */
import type { OffCpu } from './off-cpu.js'

/**
 * Told of each part of the stretch, in time order: time off the CPU and, after it, on the CPU, ms.
 * `sample` is null where the stretch has none.
 */
export type OnShare = (sample: number | null, off: number, on: number) => void

export function ownShares(
  samples: readonly number[],
  time: readonly number[],
  from: number,
  to: number,
  offCpu: OffCpu,
  share: OnShare,
): void {
  let start = from
  function gapUntil(end: number) {
    const off = offCpu(start, end)
    const on = end - start - off
    start = end
    return { off, on }
  }
  const last = samples.length - 1
  let before = gapUntil(last === -1 ? to : within(time[samples[0]!]!, start, to))
  if (last === -1) return share(null, before.off, before.on)
  let own = before.on
  for (let i = 0; i <= last; i++) {
    const after = gapUntil(i === last ? to : within(time[samples[i + 1]!]!, start, to))
    share(samples[i]!, before.off, own + (i === last ? after.on : after.on / 2))
    own = after.on / 2
    before = after
  }
  if (before.off > 0) share(samples[last]!, before.off, 0)
}

// --- internal ---

/** A sample may lie a little outside its segment: their clocks are two. */
function within(time: number, from: number, to: number): number {
  return Math.min(to, Math.max(from, time))
}
