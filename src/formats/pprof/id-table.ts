import { currentBudget } from '../../profile/budget.js'
import { bad } from '../shared/bad.js'
import type { Numeric } from './wire.js'

/** From the ids of a file, which are mostly small, to the order in which they came. */
export class IdTable {
  size = 0
  #small = new Int32Array(1024).fill(NONE)
  readonly #others = new Map<Numeric, number>()

  /** Throws `BAD_INPUT` for an id that is zero or taken. */
  add(id: Numeric, placeOf: () => string): number {
    if (id === 0) throw bad(placeOf(), 'is 0')
    if (this.indexOf(id) !== NONE) throw bad(placeOf(), `is already taken (${id})`)
    if (id < SMALL) {
      if (Number(id) >= this.#small.length) this.#grow(Number(id))
      this.#small[Number(id)] = this.size
    } else {
      currentBudget()?.take(BYTES_OF_ENTRY)
      this.#others.set(id, this.size)
    }
    return this.size++
  }

  /** -1 for none. */
  indexOf(id: Numeric): number {
    if (id < SMALL) return this.#small[Number(id)] ?? NONE
    return this.#others.get(id) ?? NONE
  }

  #grow(id: number): void {
    const grown = new Int32Array(Math.min(SMALL, 2 * id)).fill(NONE)
    grown.set(this.#small)
    this.#small = grown
  }
}

// --- internal ---

const NONE = -1
/** Ids below are places in an array. */
const SMALL = 2 ** 20
/** Of a map. */
const BYTES_OF_ENTRY = 80
