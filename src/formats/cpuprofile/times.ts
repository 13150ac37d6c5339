import { ProfviewError } from '../../errors.js'
import type { Float64Column } from '../../profile/columns.js'
import { bad } from '../shared/bad.js'
import type { JsonScanner } from '../shared/json-scanner.js'

/**
 * Reads `[0,125,-3]`, whole numbers straight from their digits, and appends it to the column.
 * Anything that is no finite number is refused with its place in the list.
 */
export function readTimes(scanner: JsonScanner, place: string, times: Float64Column): void {
  if (!scanner.atArray()) throw bad(place, 'is not a list')
  if (!scanner.enter()) return
  const { bytes } = scanner
  do {
    let byte = scanner.peek()
    let pos = scanner.pos
    const negative = byte === 0x2d
    if (negative) byte = bytes[++pos]!
    const start = pos
    let time = 0
    while (byte >= 0x30 && byte <= 0x39) {
      time = time * 10 + byte - 0x30
      byte = bytes[++pos]!
    }
    const digits = pos - start
    if (digits > 0 && digits < 16 && (byte === 0x2c || byte === 0x5d || byte <= 0x20)) {
      scanner.pos = pos
      times.push(negative ? -time : time)
    } else {
      times.push(readTime(scanner, times.length))
    }
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
