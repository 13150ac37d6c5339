import type { Int32Column } from '../../profile/columns.js'
import { bad } from '../shared/bad.js'
import type { JsonScanner } from '../shared/json-scanner.js'
import { readPlainNumbers } from '../shared/plain-numbers.js'

const INT32_MAX = 0x7fffffff

/** One that stands for itself. */
export function isSmallId(id: unknown): id is number {
  return typeof id === 'number' && id >= 0 && id <= INT32_MAX && (id | 0) === id
}

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

  /** `[1,2,3]`, appended to the column; the list need not be in the window as a whole. */
  readAll(placeOf: PlaceOf, row: number, ids: Int32Column): void {
    const scanner = this.#scanner
    const start = ids.length
    const atArray = () => scanner.atArray()
    const enter = () => scanner.enter()
    const next = () => scanner.nextElement()
    const one = () => this.#readElement(placeOf, row, ids.length - start)
    if (!scanner.whole(atArray)) throw bad(placeOf(row), 'is not a list')
    if (!scanner.whole(enter)) return
    do {
      if (readPlainNumbers(scanner, ids, false)) return
      ids.push(scanner.whole(one))
    } while (scanner.whole(next))
  }

  /** The same for a short list, which is in the window. */
  readFew(placeOf: PlaceOf, row: number, ids: Int32Column): void {
    const scanner = this.#scanner
    const start = ids.length
    if (!scanner.atArray()) throw bad(placeOf(row), 'is not a list')
    if (!scanner.enter()) return
    do {
      ids.push(this.#readElement(placeOf, row, ids.length - start))
    } while (scanner.nextElement())
  }

  #readElement(placeOf: PlaceOf, row: number, index: number): number {
    const id = this.#readSmall()
    return id === -1 ? this.#readOther(`${placeOf(row)}[${index}]`) : id
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
