import { bad } from '../shared/bad.js'

const VARINT = 0
const FIXED_64 = 1
const BYTES = 2
const GROUP = 3
const GROUP_END = 4
const FIXED_32 = 5
/** Of a number; the tenth holds the last of its 64 bits. */
const MOST_BYTES = 10
/** Groups in each other, which nobody writes any more. */
const DEEPEST_GROUP = 64

export type Numeric = number | bigint

/** A function, so that no text is made for an error that does not happen. */
type PlaceOf = () => string

/** Reads each message of a field at the top level of the file. */
export function eachMessage(
  bytes: Uint8Array,
  number: number,
  name: string,
  read: (wire: WireReader, place: PlaceOf) => void,
): void {
  const wire = new WireReader(bytes)
  let index = 0
  const place = () => `${name}[${index}]`
  const readOne = () => read(wire, place)
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field === number) wire.message(place, readOne)
    else wire.skip()
    if (field === number) index++
  }
}

/**
 * The bytes of a protobuf (https://protobuf.dev/programming-guides/encoding), field by field,
 * judged while they are read: nothing is taken that is cut short or has no end, or has another type
 * than its reader expects. Every fault is a `BAD_INPUT` that names the field.
 *
 *     for (let field = wire.next(); field !== 0; field = wire.next()) {
 *       if (field === 1) id = wire.number('id')
 *       else wire.skip()
 *     }
 */
export class WireReader {
  readonly #bytes: Uint8Array
  #pos = 0
  /** Of the message. */
  #end: number
  #place: PlaceOf = () => ''
  #field = 0
  #wireType = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#end = bytes.length
  }

  /** Moves to the next field, which has to be taken before the one after it; 0 where none is. */
  next(): number {
    if (this.#pos >= this.#end) return 0
    this.#field = 0
    const tag = Number(this.#varint(''))
    this.#wireType = tag % 8
    this.#field = Math.floor(tag / 8)
    if (this.#field === 0) throw bad(this.#place() || 'the file', 'has field number 0')
    return this.#field
  }

  get isNumber(): boolean {
    return this.#wireType === VARINT
  }

  get isBytes(): boolean {
    return this.#wireType === BYTES
  }

  /** The field's number: 64 bits without a sign, exact. */
  number(name: string): Numeric {
    if (this.#wireType !== VARINT) throw this.#wrongType(name)
    return this.#varint(name)
  }

  /**
   * The numbers of a message, 0 where they are missing: those of the fields from 1 on that have a
   * name. What has none is skipped, unless `take` takes it.
   */
  scalars(names: readonly string[], take: (field: number) => boolean = () => false): Numeric[] {
    const found: Numeric[] = names.map(() => 0)
    for (let field = this.next(); field !== 0; field = this.next()) {
      const name = names[field - 1] ?? ''
      if (name !== '') found[field - 1] = this.number(name)
      else if (!take(field)) this.skip()
    }
    return found
  }

  /** Calls `visit` for each number of a repeated field, packed or not. */
  numbers(name: string, visit: (value: Numeric) => void): void {
    if (this.#wireType === VARINT) return visit(this.#varint(name))
    const end = this.#enter(name)
    while (this.#pos < this.#end) visit(this.#varint(name))
    this.#end = end
  }

  /** Reads the field's message; `read` has to come to its end. */
  message(place: PlaceOf, read: () => void): void {
    const outer = this.#place
    this.#place = place
    this.#field = 0
    const end = this.#enter('')
    read()
    this.#place = outer
    this.#end = end
  }

  /** The field's bytes, as a place and a length in the file. */
  bytes(name: string): { start: number; end: number } {
    const outer = this.#enter(name)
    const range = { start: this.#pos, end: this.#end }
    this.#pos = this.#end
    this.#end = outer
    return range
  }

  /** What the reader does not know, of whatever type. */
  skip(depth = 0): void {
    const name = ''
    if (this.#wireType === VARINT) this.#varint(name)
    else if (this.#wireType === BYTES) {
      const outer = this.#enter(name)
      this.#pos = this.#end
      this.#end = outer
    } else if (this.#wireType === FIXED_64) this.#leap(8)
    else if (this.#wireType === FIXED_32) this.#leap(4)
    else if (this.#wireType === GROUP && depth < DEEPEST_GROUP) this.#skipGroup(depth)
    else throw this.#wrongType(name)
  }

  placeOf(name: string): string {
    const [place, field] = [
      this.#place(),
      name || (this.#field === 0 ? '' : `field ${this.#field}`),
    ]
    return [place, field].filter((part) => part !== '').join('.') || 'the file'
  }

  /** Of the message, as text for people. */
  fail(name: string, fact: string): never {
    throw bad(this.placeOf(name), fact)
  }

  #wrongType(name: string) {
    return bad(this.placeOf(name), `has wire type ${this.#wireType}`)
  }

  /** The end of what is around; from here on that of the field holds. */
  #enter(name: string): number {
    if (this.#wireType !== BYTES) throw this.#wrongType(name)
    const outer = this.#end
    const end = Number(this.#varint(name)) + this.#pos
    if (end > outer) this.fail(name, 'is cut short')
    this.#end = end
    return outer
  }

  #varint(name: string): Numeric {
    const bytes = this.#bytes
    let value = 0
    let scale = 1
    for (let i = 0; i < MOST_BYTES; i++) {
      if (this.#pos >= this.#end) this.fail(name, 'is cut short')
      const byte = bytes[this.#pos++]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? value : this.#exact(i + 1)
      scale *= 128
    }
    this.fail(name, 'has a number without an end')
  }

  /** The number of so many bytes that ends here. */
  #exact(length: number): bigint {
    let value = 0n
    for (let at = this.#pos - 1; at >= this.#pos - length; at--) {
      value = (value << 7n) | BigInt(this.#bytes[at]! & 0x7f)
    }
    return BigInt.asUintN(64, value)
  }

  #leap(length: number): void {
    if (this.#pos + length > this.#end) this.fail('', 'is cut short')
    this.#pos += length
  }

  #skipGroup(depth: number): void {
    const number = this.#field
    while (this.next() !== 0) {
      if (this.#wireType !== GROUP_END) this.skip(depth + 1)
      else if (this.#field === number) return
      else throw this.#wrongType('')
    }
    this.#field = number
    this.fail('', 'is cut short')
  }
}
