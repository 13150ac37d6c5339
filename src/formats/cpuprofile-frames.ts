import type { ProfileBuilder } from '../profile/builder.js'
import { ANONYMOUS } from '../profile/frames.js'
import type { Frame, FrameIndex } from '../profile/profile.js'
import type { JsonScanner } from './json-scanner.js'

/** V8's meta nodes have no script, whatever position they claim. */
const META = new Set(['(root)', '(program)', '(idle)', '(garbage collector)'])

const CLOSE_OBJECT = 0x7d
const MAX_PROBES = 32

/** Fields of a V8 call frame, unchecked. Lines and columns count from 0, -1 is unknown. */
export interface RawCallFrame {
  functionName?: unknown
  url?: unknown
  lineNumber?: unknown
  columnNumber?: unknown
}

/**
 * Turns `callFrame` objects into frames of a profile. A profile repeats the same few thousand call
 * frames in a hundred thousand nodes, byte for byte; they are recognised by their bytes and only the
 * first one is decoded.
 */
export class CallFrameReader {
  /** Call frames that had no usable function name. */
  unnamed = 0
  readonly #scanner: JsonScanner
  readonly #builder: ProfileBuilder
  readonly #view: DataView
  #slots = new Int32Array(256).fill(-1)
  readonly #hashes: number[] = []
  readonly #starts: number[] = []
  readonly #lengths: number[] = []
  readonly #frames: FrameIndex[] = []

  constructor(scanner: JsonScanner, builder: ProfileBuilder) {
    this.#scanner = scanner
    this.#builder = builder
    const { buffer, byteOffset, byteLength } = scanner.bytes
    this.#view = new DataView(buffer, byteOffset, byteLength)
  }

  /** Consumes the call frame at the scanner's place. */
  read(): FrameIndex {
    const scanner = this.#scanner
    scanner.peek()
    const start = scanner.pos
    // The first brace ends the object unless a name contains one. Either way it ends the bytes that
    // are hashed, and equal bytes are the same object.
    const end = scanner.bytes.indexOf(CLOSE_OBJECT, start)
    const hash = end === -1 ? 0 : this.#hash(start, end)
    let slot = hash & (this.#slots.length - 1)
    for (let probes = 0; this.#slots[slot] !== -1; probes++) {
      const entry = this.#slots[slot]!
      if (this.#hashes[entry] === hash && this.#isSame(this.#starts[entry]!, start, entry)) {
        scanner.pos = start + this.#lengths[entry]!
        return this.#frames[entry]!
      }
      // A file made of collisions must not make this quadratic.
      if (probes === MAX_PROBES) return this.fromRaw(scanner.value() as RawCallFrame | null)
      slot = (slot + 1) & (this.#slots.length - 1)
    }
    const frame = this.fromRaw(scanner.value() as RawCallFrame | null)
    this.#remember(slot, hash, start, scanner.pos - start, frame)
    return frame
  }

  fromRaw(raw: RawCallFrame | null): FrameIndex {
    if (typeof raw?.functionName !== 'string') this.unnamed++
    return this.#builder.frame(toFrame(raw ?? {}))
  }

  #remember(slot: number, hash: number, start: number, length: number, frame: FrameIndex): void {
    this.#slots[slot] = this.#frames.length
    this.#hashes.push(hash)
    this.#starts.push(start)
    this.#lengths.push(length)
    this.#frames.push(frame)
    if (this.#frames.length * 2 > this.#slots.length) this.#grow()
  }

  /** Every other four bytes and the last four: the compare that follows sees all of them. */
  #hash(start: number, end: number): number {
    const view = this.#view
    const last = end - 4
    let hash = end - start
    for (let at = start + 16; at < last; at += 8) {
      hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    if (last >= start) hash = Math.imul(hash ^ view.getInt32(last, true), 0x85ebca6b)
    return hash ^ (hash >>> 13)
  }

  #isSame(a: number, b: number, entry: number): boolean {
    const view = this.#view
    const length = this.#lengths[entry]!
    const last = length - 4
    if (last < 0 || b + length > view.byteLength) return false
    for (let at = 0; at < last; at += 4) {
      if (view.getInt32(a + at, true) !== view.getInt32(b + at, true)) return false
    }
    return view.getInt32(a + last, true) === view.getInt32(b + last, true)
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 4).fill(-1)
    for (let entry = 0; entry < this.#frames.length; entry++) {
      let slot = this.#hashes[entry]! & (slots.length - 1)
      while (slots[slot] !== -1) slot = (slot + 1) & (slots.length - 1)
      slots[slot] = entry
    }
    this.#slots = slots
  }
}

// --- internal ---

function toFrame({ functionName, url, lineNumber, columnNumber }: RawCallFrame): Frame {
  const name = typeof functionName === 'string' && functionName !== '' ? functionName : ANONYMOUS
  if (META.has(name)) return { name, file: '', line: 0, column: 0 }
  const file = typeof url === 'string' ? url : ''
  return { name, file, line: fromZeroBased(lineNumber), column: fromZeroBased(columnNumber) }
}

function fromZeroBased(position: unknown): number {
  return typeof position === 'number' && Number.isSafeInteger(position) && position >= 0
    ? position + 1
    : 0
}
