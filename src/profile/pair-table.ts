import { Int32Column } from './columns.js'

/**
 * Numbers pairs of integers in the order in which they are first seen: a stack is a pair of parent
 * and frame, an aggregated sample a pair of stack and label set. An open-addressing table over two
 * columns, because a `Map` with computed keys takes four times the memory and time.
 */
export class PairTable {
  readonly first: Int32Column
  readonly second: Int32Column
  #slots: Int32Array

  /** `expected`: about how many pairs there will be. */
  constructor(expected = 0) {
    const slots = 2 ** Math.ceil(Math.log2(2 * expected + 512))
    this.#slots = new Int32Array(slots).fill(-1)
    this.first = new Int32Column(expected)
    this.second = new Int32Column(expected)
  }

  get size(): number {
    return this.first.length
  }

  /** The number of the pair; `size` grew if it is new. */
  intern(first: number, second: number): number {
    const mask = this.#slots.length - 1
    let slot = hash(first, second) & mask
    for (let index = this.#slots[slot]!; index !== -1; index = this.#slots[slot]!) {
      if (this.first.at(index) === first && this.second.at(index) === second) return index
      slot = (slot + 1) & mask
    }
    const index = this.first.length
    this.#slots[slot] = index
    this.first.push(first)
    this.second.push(second)
    if (this.size * 2 > this.#slots.length) this.#grow()
    return index
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1)
    const mask = slots.length - 1
    for (let index = 0; index < this.size; index++) {
      let slot = hash(this.first.at(index), this.second.at(index)) & mask
      while (slots[slot] !== -1) slot = (slot + 1) & mask
      slots[slot] = index
    }
    this.#slots = slots
  }
}

// --- internal ---

function hash(first: number, second: number): number {
  let mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  return mixed ^ (mixed >>> 13)
}
