import { ProfviewError } from '../../errors.js'
import { type Float64Column, Int32Column } from '../../profile/columns.js'
import { bad } from './bad.js'
import type { JsonScanner } from './json-scanner.js'
import { readPlainNumbers } from './plain-numbers.js'

/** Half as much memory while all of them are small and whole, and most are. */
export type TimeColumn = Int32Column | Float64Column

/**
 * Reads `[0,125,-3]` and appends it to the column, or to one of wider numbers where it must.
 * Anything that is no finite number is refused with its place in the list.
 */
export function readTimes<Column extends TimeColumn>(
  scanner: JsonScanner,
  place: string,
  column: Column,
): Column | Float64Column {
  let times: Column | Float64Column = column
  const atArray = () => scanner.atArray()
  const enter = () => scanner.enter()
  const next = () => scanner.nextElement()
  const one = () => readTime(scanner, times.length)
  if (!scanner.whole(atArray)) throw bad(place, 'is not a list')
  if (!scanner.whole(enter)) return times
  do {
    if (readPlainNumbers(scanner, times, true)) return times
    const time = scanner.whole(one)
    if (times instanceof Int32Column && (time | 0) !== time) times = times.widened()
    times.push(time)
  } while (scanner.whole(next))
  return times
}

/** `startTime` or `endTime`, or null where it is missing. */
export function checkTime(value: unknown, place: string): number | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw bad(place, `is not a time (${String(value).slice(0, 40)})`)
  }
  return value
}

export function badTime(index: number, what: string): ProfviewError {
  return new ProfviewError('BAD_INPUT', `bad time at sample ${index} (${what})`, {
    path: `timeDeltas[${index}]`,
  })
}

// --- internal ---

function readTime(scanner: JsonScanner, index: number): number {
  const time = scanner.integer()
  if (!Number.isNaN(time)) return time
  const value = scanner.value()
  if (typeof value === 'number' && Number.isFinite(value)) return value
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  throw badTime(index, text.slice(0, 40))
}
