import type { MachineTime, Micros } from '../profile/profile.js'
import type { Slice } from './slice.js'

/**
 * Of the off-CPU time of a recording from `start` to `end`, what the machine took at most, by the
 * counters of the system around it. Null where it does not say.
 */
export function machineTime(
  { at, runQueue, throttled }: Slice['machine'],
  start: number,
  end: number,
  offcpu: Micros,
): MachineTime | null {
  const before = at.findLastIndex((time) => time <= start)
  const after = at.findIndex((time) => time >= end)
  if (before === -1 || after === -1) return null
  const micros = (counter: readonly number[]) =>
    Math.round((counter[after]! - counter[before]!) * 1000)
  const waited = micros(runQueue)
  // Of a control group, the sum over all CPUs: it only says why the thread had to wait.
  const stopped = micros(throttled) || 0
  if (Number.isNaN(waited)) return null
  const runQueueMicros = Math.min(offcpu, waited)
  return { runQueueMicros, throttledMicros: Math.min(runQueueMicros, stopped) }
}
