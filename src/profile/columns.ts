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
  length = 0

  constructor(capacity: number, allocate: (length: number) => Data) {
    this.#data = allocate(capacity)
    this.#allocate = allocate
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
    const data = this.#allocate(capacity)
    data.set(this.#data.subarray(0, this.length))
    this.#data = data
  }
}

export class Int32Column extends TypedColumn<Int32Array<ArrayBuffer>> {
  constructor(capacity = 0) {
    super(capacity, (length) => new Int32Array(length))
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
    super(capacity, (length) => new Float64Array(length))
  }
}
