import type { Float64Column, Int32Column } from '../../profile/columns.js'
import type { ByteWindow } from './byte-window.js'
import type { JsonScanner } from './json-scanner.js'

const CLOSE_ARRAY = 0x5d
const COMMA = 0x2c
const MINUS = 0x2d
/** Digits that fit into 31 bits, whichever they are. */
const MOST_DIGITS = 9
/** A sign, digits, and what ends them. */
const LONGEST = MOST_DIGITS + 2
/** Of a list, looked at to guess how many elements it has; less where its end is known. */
const SEEN = 64 * 1024
const SEEN_OF_WHOLE = 1024

/**
 * Appends the elements of a list from the scanner's place on, as long as they are whole numbers of
 * few digits with nothing but commas between them, in the window, and with room in the column.
 * True if that was the rest of the list, and its bracket is consumed; else the next element is yet
 * to be read.
 */
export function readPlainNumbers(
  scanner: ByteWindow,
  column: Int32Column | Float64Column,
  mayBeNegative: boolean,
): boolean {
  const { bytes } = scanner
  const data = column.storage
  const last = bytes.length - LONGEST
  let count = column.length
  let at = scanner.pos
  let isOver = false
  while (at <= last && count < data.length && !isOver) {
    let next = at
    const isNegative = mayBeNegative && bytes[next] === MINUS
    if (isNegative) next++
    // Below ten for digits alone.
    let value = bytes[next]! ^ 0x30
    if (value > 9) break
    const end = next + MOST_DIGITS
    let digit = bytes[++next]! ^ 0x30
    while (digit <= 9 && next < end) {
      value = (Math.imul(value, 10) + digit) | 0
      digit = bytes[++next]! ^ 0x30
    }
    const byte = bytes[next]!
    if (byte !== COMMA) {
      if (byte !== CLOSE_ARRAY) break
      isOver = true
    }
    data[count++] = isNegative ? -value : value
    at = next + 1
  }
  column.length = count
  scanner.pos = at
  return isOver
}

/**
 * About how many elements the list of numbers at the scanner's place has, judged by its first ones,
 * so that a column of a million need not grow. Where its end is not in the window the rest of the
 * file may be this list: memory that is not written to costs nothing.
 */
export function estimateElements(scanner: JsonScanner): number {
  scanner.reserve(Math.min(SEEN, scanner.size / 2))
  scanner.peek()
  const { bytes, pos } = scanner
  const close = bytes.indexOf(CLOSE_ARRAY, pos)
  const length = close === -1 ? scanner.left() : close - pos
  const most = close === -1 ? Math.min(SEEN, bytes.length - pos) : SEEN_OF_WHOLE
  const seen = Math.min(most, length)
  if (seen <= 0) return 1
  let commas = 1
  for (let at = pos; at < pos + seen; at++) if (bytes[at] === COMMA) commas++
  return Math.ceil((length / seen) * commas * 1.02) + 1
}
