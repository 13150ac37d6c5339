import { ProfviewError } from '../../errors.js'
import { ByteWindow } from './byte-window.js'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
/** No number or word is longer. */
const LONGEST_WORD = 1024

/**
 * Where the values of a JSON text begin and end. No method recurses. `skip` and `skipLong` are one
 * loop twice, and bytes have their names here and in whoever reads them by the million: with either
 * joined, a file of 40 MB with line ticks took a tenth more time to read, or a fifth.
 */
export class JsonTokens extends ByteWindow {
  /** The next byte that is no white space, not consumed; -1 at the end. */
  peek(): number {
    const { bytes } = this
    while (this.pos < bytes.length) {
      const byte = bytes[this.pos]!
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) {
        return byte
      }
      this.pos++
    }
    return -1
  }

  atObject(): boolean {
    return this.peek() === OPEN_OBJECT
  }

  atArray(): boolean {
    return this.peek() === OPEN_ARRAY
  }

  atString(): boolean {
    return this.peek() === QUOTE
  }

  /** Consumes any value: brackets and strings are followed, what is between them is not judged. */
  skip(): void {
    let depth = 0
    do {
      const byte = this.peek()
      if (byte === QUOTE) this.skipString()
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        depth++
        this.pos++
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if (depth-- === 0) this.fail()
        this.pos++
      } else if (depth > 0 && (byte === COMMA || byte === COLON)) this.pos++
      else this.#skipScalar()
    } while (depth > 0)
  }

  /** The same for a value of any length, which need not be in the window as a whole. */
  skipLong(): void {
    let depth = 0
    do {
      const byte = this.#peekLong()
      if (byte === QUOTE) this.#skipLongString()
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        depth++
        this.pos++
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if (depth-- === 0) this.fail()
        this.pos++
      } else if (depth > 0 && (byte === COMMA || byte === COLON)) this.pos++
      else this.#skipScalar()
    } while (depth > 0)
  }

  /** Nothing but white space may follow. */
  end(): void {
    if (this.#peekLong() !== -1) this.fail()
  }

  fail(at = this.pos): never {
    const place = `byte ${this.offsetOf(at)}`
    this.isCut = at >= this.bytes.length
    throw new ProfviewError(
      'BAD_INPUT',
      this.isCut ? `the JSON is cut short at ${place}` : `the JSON is broken at ${place}`,
      { path: place },
    )
  }

  /** Like `peek`, however much white space there is; a whole word may follow. */
  #peekLong(): number {
    for (;;) {
      this.reserve(LONGEST_WORD)
      const byte = this.peek()
      if (byte !== -1 || this.ended) return byte
    }
  }

  protected skipString(): void {
    const { bytes } = this
    const end = bytes.length
    let pos = this.pos + 1
    while (pos < end) {
      const byte = bytes[pos]!
      if (byte === QUOTE) {
        this.pos = pos + 1
        return
      }
      pos += byte === BACKSLASH ? 2 : 1
    }
    this.fail(end)
  }

  #skipLongString(): void {
    this.pos++
    for (;;) {
      const { bytes } = this
      let { pos } = this
      while (pos < bytes.length) {
        const byte = bytes[pos]!
        if (byte === QUOTE) {
          this.pos = pos + 1
          return
        }
        if (byte === BACKSLASH && pos + 1 === bytes.length) break
        pos += byte === BACKSLASH ? 2 : 1
      }
      this.pos = pos
      if (this.ended) this.fail(bytes.length)
      this.reserve(2)
    }
  }

  #skipScalar(): void {
    const { bytes } = this
    const start = this.pos
    // Letters, digits, sign, point: `true`, `null`, `-1.5e+9`.
    while (this.pos < bytes.length) {
      const byte = bytes[this.pos]!
      const letter = byte | 0x20
      const isWord = (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= 0x39)
      if (!isWord && byte !== 0x2b && byte !== 0x2d && byte !== 0x2e) break
      this.pos++
    }
    if (this.pos === start) this.fail()
  }
}
