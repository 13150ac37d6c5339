import { Float64Column, Int32Column } from '../../profile/columns.js'
import { ByteWriter } from '../shared/byte-writer.js'

/** The long lists of a file, as `readCpuprofile` wants them. */
export interface LongLists {
  /** Node ids, behind one free slot. */
  readonly samples: Int32Column | null
  readonly timeDeltas: Float64Column | null
}

const INT32_MAX = 0x7fffffff
const LONGEST_KEY = 'timeDeltas'.length
/** Of a list, looked at to guess how many elements it has. */
const SEEN = 64 * 1024

/**
 * Takes a `.cpuprofile` piece by piece and keeps all of it but the elements of its two long lists,
 * which become columns as they pass: so a file needs not fit into memory beside its samples. What
 * comes out is a file with empty lists, and the columns.
 *
 *     {"nodes":[…],"samples":[1,2],…  →  {"nodes":[…],"samples":[],…  and 1, 2
 */
export class ListReader {
  readonly #rest = new ByteWriter(1024 * 1024)
  readonly #size: number
  #samples: Int32Column | null = null
  #timeDeltas: Float64Column | null = null
  /** Bytes of earlier pieces. */
  #before = 0
  #depth = 0
  #inString = false
  #escaped = false
  /** The latest text at the top level: the key of the list that follows. */
  #key = ''
  #list: Int32Column | Float64Column | null = null
  #number = new NumberReader()

  constructor(size: number) {
    this.#size = size
  }

  /**
   * False if a list holds anything but plain whole numbers: then the file must be read as a whole.
   */
  push(piece: Uint8Array): boolean {
    let kept = 0
    for (let at = 0; at < piece.length; ) {
      if (this.#list === null) {
        at = this.#walk(piece, at)
        if (!this.#listsBegin(piece, at)) continue
        this.#rest.raw(piece.subarray(kept, at))
        if (!this.#begin(piece, at)) return false
      }
      at = this.#number.readInto(this.#list!, piece, at)
      if (at === -1) return false
      kept = at
      if (at < piece.length) this.#end()
    }
    if (this.#list === null) this.#rest.raw(piece.subarray(kept))
    this.#before += piece.length
    return true
  }

  finish(): { bytes: Uint8Array; lists: LongLists } {
    const lists = { samples: this.#samples, timeDeltas: this.#timeDeltas }
    return { bytes: this.#rest.finish(), lists }
  }

  /** Up to the end of the piece, or to just behind the bracket that opens one of the lists. */
  #walk(piece: Uint8Array, from: number): number {
    let at = from
    while (at < piece.length) {
      const byte = piece[at++]!
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (byte === 0x5c) this.#escaped = true
        else if (byte === 0x22) this.#inString = false
        else if (this.#depth === 1 && this.#key.length <= LONGEST_KEY) {
          this.#key += String.fromCharCode(byte)
        }
      } else if (byte === 0x22) {
        this.#inString = true
        if (this.#depth === 1) this.#key = ''
      } else if (byte === 0x7b) this.#depth++
      else if (byte === 0x5b) {
        if (this.#depth++ === 1 && isLong(this.#key)) return at
      } else if (byte === 0x7d || byte === 0x5d) this.#depth--
    }
    return at
  }

  #listsBegin(piece: Uint8Array, at: number): boolean {
    return this.#depth === 2 && isLong(this.#key) && piece[at - 1] === 0x5b && !this.#inString
  }

  #begin(piece: Uint8Array, at: number): boolean {
    const known = this.#samples ?? this.#timeDeltas
    const capacity = known?.length ?? this.#estimate(piece, at)
    if (this.#key === 'samples') {
      if (this.#samples !== null) return false
      this.#samples = new Int32Column(capacity + 1)
      this.#samples.push(0)
      this.#list = this.#samples
    } else {
      if (this.#timeDeltas !== null) return false
      this.#timeDeltas = new Float64Column(capacity)
      this.#list = this.#timeDeltas
    }
    this.#number = new NumberReader()
    return true
  }

  #end(): void {
    // One more is appended when the deltas become weights.
    if (this.#samples === null || this.#timeDeltas === null) this.#list!.shrink(1)
    this.#list = null
    this.#key = ''
  }

  /** As if the rest of the file were this list: memory that is not written to costs nothing. */
  #estimate(piece: Uint8Array, at: number): number {
    const seen = piece.subarray(at, at + SEEN)
    if (seen.length === 0) return 0
    let commas = 1
    for (const byte of seen) if (byte === 0x2c) commas++
    return Math.ceil(((this.#size - this.#before - at) / seen.length) * commas)
  }
}

// --- internal ---

function isLong(key: string): boolean {
  return key === 'samples' || key === 'timeDeltas'
}

/** Digits that may be cut anywhere by the end of a piece. */
class NumberReader {
  #value = 0
  #digits = 0
  #negative = false
  /** White space has ended the number. */
  #over = false
  #any = false

  /**
   * Up to the bracket that closes the list, or the end of the piece; -1 for anything but whole
   * numbers.
   */
  readInto(list: Int32Column | Float64Column, piece: Uint8Array, from: number): number {
    const isIds = list instanceof Int32Column
    let value = this.#value
    let digits = this.#digits
    for (let at = from; at < piece.length; at++) {
      const byte = piece[at]!
      if (byte >= 0x30 && byte <= 0x39) {
        if (this.#over || digits === 15) return -1
        value = value * 10 + byte - 0x30
        digits++
      } else if (byte === 0x2c || byte === 0x5d) {
        if (digits === 0) return byte === 0x5d && !this.#any && !this.#negative ? at : -1
        if (isIds && (this.#negative || value > INT32_MAX)) return -1
        list.push(this.#negative ? -value : value)
        this.#any = true
        this.#negative = false
        this.#over = false
        if (byte === 0x5d) return at
        value = 0
        digits = 0
      } else if (byte === 0x2d) {
        if (isIds || digits > 0 || this.#negative) return -1
        this.#negative = true
      } else if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
        if (digits > 0) this.#over = true
        else if (this.#negative) return -1
      } else return -1
    }
    this.#value = value
    this.#digits = digits
    return piece.length
  }
}
