/**
 * Typed columns that grow. `push` may reallocate; `finish` hands over a column of the exact length.
 */

/** What `finish` leaves unused rather than copies, as a share of the column. */
const SLACK = 0.1
/** Of a column of unknown length, taken with its first element: many stay empty. */
const FIRST_CAPACITY = 256

export class Int32Column {
  #data: Int32Array
  length = 0

  constructor(capacity = 0) {
    this.#data = new Int32Array(capacity)
  }

  push(value: number): void {
    if (this.length === this.#data.length) {
      const grown = new Int32Array(Math.max(FIRST_CAPACITY, this.length * 2))
      grown.set(this.#data)
      this.#data = grown
    }
    this.#data[this.length++] = value
  }

  at(index: number): number {
    return this.#data[index]!
  }

  set(index: number, value: number): void {
    this.#data[index] = value
  }

  /** Gives back what is unused, but for so many elements. */
  shrink(spare: number): void {
    const data = new Int32Array(this.length + spare)
    data.set(this.#data.subarray(0, this.length))
    this.#data = data
  }

  finish(): Int32Array {
    const isTight = this.#data.length - this.length <= this.length * SLACK
    return isTight ? this.#data.subarray(0, this.length) : this.#data.slice(0, this.length)
  }
}

export class Float64Column {
  #data: Float64Array
  length = 0

  constructor(capacity = 0) {
    this.#data = new Float64Array(capacity)
  }

  push(value: number): void {
    if (this.length === this.#data.length) {
      const grown = new Float64Array(Math.max(FIRST_CAPACITY, this.length * 2))
      grown.set(this.#data)
      this.#data = grown
    }
    this.#data[this.length++] = value
  }

  at(index: number): number {
    return this.#data[index]!
  }

  set(index: number, value: number): void {
    this.#data[index] = value
  }

  /** Gives back what is unused, but for so many elements. */
  shrink(spare: number): void {
    const data = new Float64Array(this.length + spare)
    data.set(this.#data.subarray(0, this.length))
    this.#data = data
  }

  finish(): Float64Array {
    const isTight = this.#data.length - this.length <= this.length * SLACK
    return isTight ? this.#data.subarray(0, this.length) : this.#data.slice(0, this.length)
  }
}
