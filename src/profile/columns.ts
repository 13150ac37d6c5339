import { type Budget, currentBudget } from './budget.js'

/**
 * Typed columns that grow. `push` may reallocate; `finish` hands over a column of the exact length.
 */

/** What `finish` leaves unused rather than copies, as a share of the column. */
const SLACK = 0.1
/** Of a column of unknown length, taken with its first element: many stay empty. */
const FIRST_CAPACITY = 256

type TypedArray = Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>

class TypedColumn<Data extends TypedArray> {
  #data: Data
  readonly #allocate: (length: number) => Data
  /** Bytes of an element. */
  readonly #width: number
  /** Of what the column belongs to; the budget may be another one when it grows. */
  readonly #budget: Budget | null = currentBudget()
  length = 0

  constructor(capacity: number, width: number, allocate: (length: number) => Data) {
    this.#allocate = allocate
    this.#width = width
    // What is guessed too high is no reason to refuse anything.
    const most = this.#budget === null ? capacity : this.#budget.left / (2 * width)
    this.#data = this.#allocated(Math.min(capacity, Math.floor(most)))
  }

  push(value: number): void {
    if (this.length === this.#data.length) this.#resize(Math.max(FIRST_CAPACITY, this.length * 2))
    this.#data[this.length++] = value
  }

  /** The array behind the column, free from `length` on; the next `push` may replace it. */
  get storage(): Data {
    return this.#data
  }

  at(index: number): number {
    return this.#data[index]!
  }

  set(index: number, value: number): void {
    this.#data[index] = value
  }

  /** Gives back what is unused, but for so many elements. */
  shrink(spare: number): void {
    this.#resize(this.length + spare)
  }

  finish(): Data {
    const isTight = this.#data.length - this.length <= this.length * SLACK
    if (!isTight) this.#resize(this.length)
    return this.#data.subarray(0, this.length) as Data
  }

  #resize(capacity: number): void {
    const data = this.#allocated(capacity)
    data.set(this.#data.subarray(0, this.length))
    this.#budget?.take(-this.#data.byteLength)
    this.#data = data
  }

  #allocated(capacity: number): Data {
    this.#budget?.take(capacity * this.#width)
    return this.#allocate(capacity)
  }
}

export class Int32Column extends TypedColumn<Int32Array<ArrayBuffer>> {
  constructor(capacity = 0) {
    super(capacity, 4, (length) => new Int32Array(length))
  }

  /** The same numbers, and room for others. */
  widened(): Float64Column {
    const wide = new Float64Column(this.storage.length)
    wide.storage.set(this.storage.subarray(0, this.length))
    wide.length = this.length
    return wide
  }
}

export class Float64Column extends TypedColumn<Float64Array<ArrayBuffer>> {
  constructor(capacity = 0) {
    super(capacity, 8, (length) => new Float64Array(length))
  }
}
