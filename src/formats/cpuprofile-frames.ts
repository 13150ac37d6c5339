import type { ProfileBuilder } from '../profile/builder.js'
import { ANONYMOUS } from '../profile/frames.js'
import type { Frame, FrameIndex } from '../profile/profile.js'
import type { JsonScanner } from './json-scanner.js'

/** V8's meta nodes have no script, whatever position they claim. */
const META = new Set(['(root)', '(program)', '(idle)', '(garbage collector)'])

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
  #slots = new Int32Array(256).fill(-1)
  readonly #hashes: number[] = []
  readonly #starts: number[] = []
  readonly #lengths: number[] = []
  readonly #frames: FrameIndex[] = []

  constructor(scanner: JsonScanner, builder: ProfileBuilder) {
    this.#scanner = scanner
    this.#builder = builder
  }

  /** Consumes the call frame at the scanner's place. */
  read(): FrameIndex {
    const { bytes } = this.#scanner
    this.#scanner.peek()
    const start = this.#scanner.pos
    this.#scanner.skip()
    const length = this.#scanner.pos - start
    const hash = hashOf(bytes, start, length)
    let slot = hash & (this.#slots.length - 1)
    for (let entry = this.#slots[slot]!; entry !== -1; entry = this.#slots[slot]!) {
      if (
        this.#hashes[entry] === hash &&
        this.#lengths[entry] === length &&
        isSame(bytes, this.#starts[entry]!, start, length)
      ) {
        return this.#frames[entry]!
      }
      slot = (slot + 1) & (this.#slots.length - 1)
    }
    this.#scanner.pos = start
    const frame = this.fromRaw(this.#scanner.value() as RawCallFrame | null)
    this.#remember(slot, hash, start, length, frame)
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

function hashOf(bytes: Uint8Array, start: number, length: number): number {
  let hash = length
  for (let i = start; i < start + length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash ^ (hash >>> 15)
}

function isSame(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[a + i] !== bytes[b + i]) return false
  return true
}
