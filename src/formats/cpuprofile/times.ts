import { ProfviewError } from '../../errors.js'
import type { Float64Column } from '../../profile/columns.js'
import { bad } from '../shared/bad.js'
import type { JsonScanner } from '../shared/json-scanner.js'

/**
 * Reads `[0,125,-3]` and appends it to the column.
 * Anything that is no finite number is refused with its place in the list.
 */
export function readTimes(scanner: JsonScanner, place: string, times: Float64Column): void {
  if (!scanner.atArray()) throw bad(place, 'is not a list')
  if (!scanner.enter()) return
  do {
    const time = scanner.integer()
    times.push(Number.isNaN(time) ? readTime(scanner, times.length) : time)
  } while (scanner.nextElement())
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
  const value = scanner.value()
  if (typeof value === 'number' && Number.isFinite(value)) return value
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  throw badTime(index, text.slice(0, 40))
}
