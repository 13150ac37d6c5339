import type { Int32Column } from '../../profile/columns.js'
import { bad } from '../shared/bad.js'
import type { JsonScanner } from '../shared/json-scanner.js'

const INT32_MAX = 0x7fffffff
const CLOSE_ARRAY = 0x5d
const COMMA = 0x2c

/**
 * Where a row is in the file: a function, so that no text is made for an error that does not
 * happen.
 */
type PlaceOf = (row: number) => string

/**
 * Node ids as 32-bit integers. V8 writes small positive numbers, and those stand for themselves;
 * strings, negative numbers and numbers past 2^31 get negative stand-ins, compared by their text,
 * so that ids past 2^53 stay apart.
 */
export class NodeIds {
  readonly #scanner: JsonScanner
  readonly #others = new Map<string, number>()

  constructor(scanner: JsonScanner) {
    this.#scanner = scanner
  }

  /** Consumes one id; `placeOf(row)` is named in the error if it is none. */
  read(placeOf: PlaceOf, row: number): number {
    const id = this.#readSmall()
    return id === -1 ? this.#readOther(placeOf(row)) : id
  }

  /** `[1,2,3]`, appended to the column. */
  readAll(placeOf: PlaceOf, row: number, ids: Int32Column): void {
    const scanner = this.#scanner
    if (!scanner.atArray()) throw bad(placeOf(row), 'is not a list')
    if (!scanner.enter()) return
    let index = 0
    do {
      const id = this.#readSmall()
      ids.push(id === -1 ? this.#readOther(`${placeOf(row)}[${index}]`) : id)
      index++
    } while (scanner.nextElement())
  }

  /** An id that stands for itself, or -1 and nothing is consumed. */
  #readSmall(): number {
    const start = this.#scanner.pos
    const id = this.#scanner.integer()
    if (id >= 0 && id <= INT32_MAX) return id
    this.#scanner.pos = start
    return -1
  }

  #readOther(place: string): number {
    const start = this.#scanner.pos
    const value = this.#scanner.value()
    const { bytes, pos } = this.#scanner
    let text = String.fromCharCode(...bytes.subarray(start, Math.min(pos, start + 400)))
    if (typeof value === 'string') text = value
    else if (typeof value !== 'number' || !/^-?\d+$/.test(text)) {
      throw bad(place, `is not a node id (${text.slice(0, 40)})`)
    }
    // "7" and 7 are the same node.
    if (/^\d{1,9}$/.test(text)) return Number(text)
    let id = this.#others.get(text)
    if (id === undefined) {
      id = -2 - this.#others.size
      this.#others.set(text, id)
    }
    return id
  }
}

/**
 * About how many elements the flat array at the scanner's place has, judged by its first ones and
 * its length in bytes, so that a column of a million need not grow.
 */
export function estimateElements(scanner: JsonScanner): number {
  const { bytes } = scanner
  scanner.peek()
  const start = scanner.pos
  const end = bytes.indexOf(CLOSE_ARRAY, start)
  const seen = Math.min(end - start, 1024)
  if (seen <= 0) return 1
  let commas = 1
  for (let i = start; i < start + seen; i++) if (bytes[i] === COMMA) commas++
  return Math.ceil(((end - start) / seen) * commas * 1.02) + 1
}
