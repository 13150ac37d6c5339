import { type Budget, currentBudget } from './budget.js'
import { Int32Column } from './columns.js'

/**
 * Numbers pairs of integers in the order in which they are first seen: a stack is a pair of parent
 * and frame, an aggregated sample a pair of stack and label set. An open-addressing table over two
 * columns, because a `Map` with computed keys takes four times the memory and time.
 */
export class PairTable {
  readonly first: Int32Column
  readonly second: Int32Column
  readonly #expected: number
  readonly #budget: Budget | null = currentBudget()
  #slots = new Int32Array(0)
  /** Pairs that are in the slots. */
  #indexed = 0
  #largestSecond = -1

  /** `expected`: about how many pairs there will be. */
  constructor(expected = 0) {
    this.#expected = expected
    this.first = new Int32Column(expected)
    this.second = new Int32Column(expected)
  }

  get size(): number {
    return this.first.length
  }

  /** The number of the pair; `size` grew if it is new. */
  intern(first: number, second: number): number {
    if (second > this.#largestSecond) return this.append(first, second)
    if (this.#indexed < this.size || 2 * this.size >= this.#slots.length) this.#index()
    const mask = this.#slots.length - 1
    let slot = hash(first, second) & mask
    for (let index = this.#slots[slot]!; index !== -1; index = this.#slots[slot]!) {
      if (this.first.at(index) === first && this.second.at(index) === second) return index
      slot = (slot + 1) & mask
    }
    this.#slots[slot] = this.#indexed++
    return this.append(first, second)
  }

  /** Adds a pair of which the caller knows that it is not here yet, without looking for it. */
  append(first: number, second: number): number {
    if (second > this.#largestSecond) this.#largestSecond = second
    this.first.push(first)
    this.second.push(second)
    return this.size - 1
  }

  /** Has all pairs in the slots, and room for another. */
  #index(): void {
    if (2 * this.size >= this.#slots.length) {
      const most = Math.max(this.size, this.#expected)
      const count = 2 ** Math.ceil(Math.log2(2 * most + 512))
      this.#budget?.take(4 * (count - this.#slots.length))
      this.#slots = new Int32Array(count).fill(-1)
      this.#indexed = 0
    }
    const slots = this.#slots
    const mask = slots.length - 1
    for (; this.#indexed < this.size; this.#indexed++) {
      const index = this.#indexed
      let slot = hash(this.first.at(index), this.second.at(index)) & mask
      while (slots[slot] !== -1) slot = (slot + 1) & mask
      slots[slot] = index
    }
  }
}

// --- internal ---

/** Another one in each process: nobody can write a file whose pairs all collide. */
const SEED = Math.floor(Math.random() * 2 ** 31)

function hash(first: number, second: number): number {
  let mixed = Math.imul(first ^ SEED, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  return mixed ^ (mixed >>> 13)
}
