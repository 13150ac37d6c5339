import type { IndexEntry } from '../../../src/viewer-api/wire.js'
import { timeOf } from './entry-name.js'

/**
 * Writes when requests began, in the reader's time zone: with the day where they are of several.
 */
export function timeWriter(entries: readonly IndexEntry[]): (time: Date) => string {
  const days = new Set(entries.map((entry) => DAY.format(timeOf(entry))))
  if (days.size <= 1) return (time) => TIME.format(time)
  return (time) => `${DAY.format(time).slice(5)} ${TIME.format(time).slice(0, 8)}`
}

// --- internal ---

/** Of the locales with an ISO date: columns of digits align. */
const DAY = new Intl.DateTimeFormat('sv', { year: 'numeric', month: '2-digit', day: '2-digit' })
const TIME = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})
