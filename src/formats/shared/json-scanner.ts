import { ProfviewError } from '../../errors.js'
import { currentBudget } from '../../profile/budget.js'
import { JsonTokens } from './json-tokens.js'
import type { KnownKeys } from './known-keys.js'
import { decodeUtf8 } from './text.js'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const MINUS = 0x2d
/** Those of whole numbers that are exact. */
const MOST_DIGITS = 15
/** What a value of so many bytes takes is not worth counting. */
const SMALL = 256 * 1024

/**
 * Walks JSON in its bytes, so that a file never becomes one string or one tree of objects: that is
 * what lets files past V8's string limit load, at a fraction of the memory. No method recurses.
 * Every fault is a `BAD_INPUT` with the byte offset.
 *
 *     scanner.members((key) => key === 'nodes' ? readNodes(scanner) : scanner.skip())
 */
export class JsonScanner extends JsonTokens {
  /**
   * Calls `visit` at the value of each member of an object; `visit` must consume the value, which
   * need not be in the window as a whole.
   */
  members(visit: (key: string) => void): void {
    const key = () => this.key()
    const next = () => this.nextMember()
    if (!this.whole(() => this.#enter(OPEN_OBJECT, CLOSE_OBJECT))) return
    do visit(this.whole(key))
    while (this.whole(next))
  }

  /** Calls `visit` at each element of an array; `visit` must consume it, and may have to again. */
  elements(visit: (index: number) => void): void {
    let index = 0
    const element = () => visit(index)
    const next = () => this.nextElement()
    if (!this.whole(() => this.#enter(OPEN_ARRAY, CLOSE_ARRAY))) return
    do {
      this.whole(element)
      index++
    } while (this.whole(next))
  }

  /** Steps into an object or array. False if it is empty, and then it is consumed. */
  enter(): boolean {
    const isObject = this.peek() === OPEN_OBJECT
    return isObject ? this.#enter(OPEN_OBJECT, CLOSE_OBJECT) : this.#enter(OPEN_ARRAY, CLOSE_ARRAY)
  }

  /** After an element: true if another follows, else the end of the array is consumed. */
  nextElement(): boolean {
    if (this.#consume(COMMA)) return true
    this.#expect(CLOSE_ARRAY)
    return false
  }

  /** After a member: true if another follows, else the end of the object is consumed. */
  nextMember(): boolean {
    if (this.#consume(COMMA)) return true
    this.#expect(CLOSE_OBJECT)
    return false
  }

  /** `"key":` */
  key(): string {
    if (this.peek() !== QUOTE) this.fail()
    const start = this.pos
    this.skipString()
    const end = this.pos
    this.#expect(COLON)
    return this.text(start, end)
  }

  /** `"key":` as its index in `known`, -1 for any other: without making a string. */
  keyIndex(known: KnownKeys): number {
    if (this.peek() !== QUOTE) this.fail()
    const start = this.pos + 1
    const index = known.find(this.bytes, start)
    if (index === -1) this.skipString()
    else this.pos = start + known.keys[index]!.length + 1
    // Mostly nothing is between them.
    if (this.bytes[this.pos] === COLON) this.pos++
    else this.#expect(COLON)
    return index
  }

  /** Any small value, as `JSON.parse` gives it. */
  value(): unknown {
    this.peek()
    const start = this.pos
    this.skip()
    if (this.pos - start > SMALL) currentBudget()?.take(weightOf(this.bytes, start, this.pos))
    try {
      return JSON.parse(decodeUtf8(this.bytes.subarray(start, this.pos)))
    } catch (cause) {
      if (cause instanceof ProfviewError) throw cause
      this.fail(start)
    }
  }

  /** A whole number of at most 15 digits; NaN for any other value, which is not consumed. */
  integer(): number {
    const { bytes } = this
    let byte = this.peek()
    let pos = this.pos
    const isNegative = byte === MINUS
    if (isNegative) byte = bytes[++pos]!
    const start = pos
    let value = 0
    while (byte >= 0x30 && byte <= 0x39 && pos - start < MOST_DIGITS) {
      value = value * 10 + byte - 0x30
      byte = bytes[++pos]!
    }
    const ends = byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT || !(byte > 0x20)
    if (pos === start || !ends) return Number.NaN
    this.pos = pos
    return isNegative ? -value : value
  }

  /** The text of a string token, quotes included in the range. */
  text(start: number, end: number): string {
    const { bytes } = this
    if (end - start < 24) {
      let text = ''
      let at = start + 1
      for (; at < end - 1; at++) {
        const byte = bytes[at]!
        if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH) break
        text += String.fromCharCode(byte)
      }
      if (at === end - 1) return text
    }
    try {
      return JSON.parse(decodeUtf8(bytes.subarray(start, end))) as string
    } catch {
      this.fail(start)
    }
  }

  #enter(open: number, close: number): boolean {
    this.#expect(open)
    return !this.#consume(close)
  }

  #expect(byte: number): void {
    if (this.peek() !== byte) this.fail()
    this.pos++
  }

  #consume(byte: number): boolean {
    if (this.peek() !== byte) return false
    this.pos++
    return true
  }
}

// --- internal ---

/** About the memory of the text, its objects and their elements. */
function weightOf(bytes: Uint8Array, start: number, end: number): number {
  let weight = 2 * (end - start)
  for (let at = start; at < end; at++) {
    const byte = bytes[at]
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) weight += 64
    else if (byte === QUOTE) weight += 16
    else if (byte === COMMA) weight += 8
  }
  return weight
}
