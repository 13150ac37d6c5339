import type { Range } from '../../src/transform/range.js'
import type { Settings } from './place.js'

/**
 * The range of time on show, from the address: `range=1200-5600`, microseconds from the start; null
 * for all.
 */
export function readRange({ range = '' }: Settings): Range | null {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(range)
  if (!match) return null
  const [from, to] = [Number(match[1]), Number(match[2])]
  return from < to ? { from, to } : null
}

/** As a setting of the address; '' for all. */
export function writeRange(range: Range | null): string {
  return range === null ? '' : `${Math.round(range.from)}-${Math.round(range.to)}`
}
