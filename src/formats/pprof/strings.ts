import { currentBudget } from '../../profile/budget.js'
import { Float64Column } from '../../profile/columns.js'
import { bad } from '../shared/bad.js'
import { decodeUtf8 } from '../shared/text.js'
import type { Numeric } from './wire.js'

/** The string table, made into strings where they are asked for; every index into it is checked. */
export class PprofStrings {
  readonly #bytes: Uint8Array
  readonly #starts = new Float64Column()
  readonly #ends = new Float64Column()
  readonly #known = new Map<number, string>()

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  add({ start, end }: { start: number; end: number }): void {
    if (this.#starts.length === 0 && end > start) throw bad('string_table[0]', 'is not empty')
    this.#starts.push(start)
    this.#ends.push(end)
  }

  /** Throws `BAD_INPUT` with the place of the index if there is no such string. */
  at(index: Numeric, placeOf: () => string): string {
    if (index === 0) return ''
    const i = Number(index)
    const known = this.#known.get(i)
    if (known !== undefined) return known
    if (!(i < this.#starts.length)) throw bad(placeOf(), `names no string (${index})`)
    const text = decodeUtf8(this.#bytes.subarray(this.#starts.at(i), this.#ends.at(i)))
    currentBudget()?.take(TEXT_BYTES + 2 * text.length)
    this.#known.set(i, text)
    return text
  }
}

// --- internal ---

/** Of a string in a map, besides its characters. */
const TEXT_BYTES = 80
