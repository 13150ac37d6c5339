/**
 * What a weight counts. Profiles of different units are never added up. `delay`: microseconds
 * waited for others, by all threads, which are no time of a CPU or a clock. `counts`: of calls,
 * objects or threads, which no sampler took.
 */
export type Unit = (typeof UNITS)[number]
export const UNITS = ['microseconds', 'samples', 'bytes', 'delay', 'counts'] as const

/** It is one of microseconds. */
export function isTime(unit: Unit): boolean {
  return unit === 'microseconds' || unit === 'delay'
}
