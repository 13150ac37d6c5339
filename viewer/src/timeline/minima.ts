/**
 * A column in which the next number below a limit is found without looking at all between: above it
 * stand the minima of blocks of 32, above these the minima of blocks of blocks. O(log length).
 */
export class Minima {
  readonly #levels: Int32Array[]

  constructor(column: Int32Array) {
    this.#levels = [column]
    for (let below = column; below.length > BLOCK; ) {
      below = minimaOf(below)
      this.#levels.push(below)
    }
  }

  /** The first index from `from` on whose number is below the limit; -1 for none. */
  nextBelow(from: number, limit: number): number {
    let level = 0
    let at = from
    for (; ; level++) {
      const numbers = this.#levels[level]
      if (!numbers || at >= numbers.length) return -1
      const end = Math.min(numbers.length, (Math.floor(at / BLOCK) + 1) * BLOCK)
      while (at < end && numbers[at]! >= limit) at++
      if (at < end) break
      at = Math.ceil(at / BLOCK)
    }
    while (level > 0) {
      const numbers = this.#levels[--level]!
      at *= BLOCK
      while (numbers[at]! >= limit) at++
    }
    return at
  }

  /** The last index up to `from` whose number is below the limit; -1 for none. */
  previousBelow(from: number, limit: number): number {
    let level = 0
    let at = from
    for (; ; level++) {
      const numbers = this.#levels[level]
      if (!numbers || at < 0) return -1
      const start = Math.floor(at / BLOCK) * BLOCK
      while (at >= start && numbers[at]! >= limit) at--
      if (at >= start) break
      at = start / BLOCK - 1
    }
    while (level > 0) {
      const numbers = this.#levels[--level]!
      at = Math.min(numbers.length, (at + 1) * BLOCK) - 1
      while (numbers[at]! >= limit) at--
    }
    return at
  }
}

// --- internal ---

const BLOCK = 32

function minimaOf(numbers: Int32Array): Int32Array {
  const minima = new Int32Array(Math.ceil(numbers.length / BLOCK)).fill(2 ** 31 - 1)
  for (let i = 0; i < numbers.length; i++) {
    const block = Math.floor(i / BLOCK)
    if (numbers[i]! < minima[block]!) minima[block] = numbers[i]!
  }
  return minima
}
