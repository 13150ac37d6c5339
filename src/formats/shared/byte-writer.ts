const encoder = new TextEncoder()
/** Of an array of bytes on every supported Node. */
const LARGEST = 2 ** 32 - 1

/**
 * Text and numbers into one growing array of bytes. A file of a million samples is never one
 * string: it would cost three times the memory and hit V8's string limit.
 */
export class ByteWriter {
  #bytes: Uint8Array
  #length = 0

  constructor(capacity = 4096) {
    this.#bytes = new Uint8Array(capacity)
  }

  text(text: string): this {
    this.#reserve(text.length * 3)
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(this.#length))
    this.#length += written
    return this
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  /** A whole number in decimal. */
  integer(value: number): this {
    if (value < 0 || value > 999_999_999) return this.text(String(value))
    this.#reserve(10)
    let digits = 1
    for (let limit = 10; value >= limit; limit *= 10) digits++
    const end = this.#length + digits
    let rest = value | 0
    for (let at = end - 1; at >= this.#length; at--) {
      const tenth = (rest / 10) | 0
      this.#bytes[at] = 0x30 + rest - tenth * 10
      rest = tenth
    }
    this.#length = end
    return this
  }

  /** A whole number that is not negative, as protobuf writes it: seven bits a byte. */
  varint(value: number | bigint): this {
    if (typeof value === 'bigint' && value > Number.MAX_SAFE_INTEGER) {
      return this.byte(Number(value & 127n) | 128).varint(value >> 7n)
    }
    let rest = Number(value)
    this.#reserve(8)
    for (; rest >= 128; rest = Math.floor(rest / 128)) {
      this.#bytes[this.#length++] = (rest % 128) | 128
    }
    this.#bytes[this.#length++] = rest
    return this
  }

  byte(byte: number): this {
    this.#reserve(1)
    this.#bytes[this.#length++] = byte
    return this
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const twice = Math.min(LARGEST, this.#bytes.length * 2)
    const grown = new Uint8Array(Math.max(needed, twice))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}
