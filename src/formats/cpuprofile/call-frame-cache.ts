import { Int32Column } from '../../profile/columns.js'
import { FrameTable } from '../../profile/frame-table.js'
import type { Frame } from '../../profile/profile.js'

/** `}` four times. */
const CLOSE_OBJECTS = 0x7d7d7d7d
/** The length of `{"functionName":`. */
const ALWAYS_THE_SAME = 16
const MAX_PROBES = 32
/** Bytes of call frames remembered before starting over. */
const ARENA_SIZE = 32 * 1024 * 1024
/** Of a call frame that is remembered. */
const LONGEST = 128 * 1024

/**
 * Call frames that have been decoded before, recognised by their bytes. A file repeats the same few
 * thousand call frames in a hundred thousand nodes, and the thousand dumps of a cluster repeat them
 * again; equal bytes give the same `Frame` object. Bounded: when full, it forgets everything.
 */
export class CallFrameCache {
  #arena = new DataView(new ArrayBuffer(64 * 1024))
  #used = 0
  #slots = new Int32Array(512).fill(-1)
  #hashes = new Int32Column()
  #starts = new Int32Column()
  #lengths = new Int32Column()
  /** Of each entry, the number of its frame. */
  #numbers = new Int32Column()
  #frames = new FrameTable()
  /** Counts how often everything was forgotten: the numbers of frames start anew. */
  generation = 0
  /** What `find` found out about the bytes, for the `add` that follows. */
  #hash = 0
  /** The length of the call frame that `find` found. */
  length = 0

  /** The number of the frame whose call frame starts here, or -1: then decode it and `add` it. */
  find(view: DataView, start: number): number {
    this.#hash = hashOf(view, start)
    const mask = this.#slots.length - 1
    // A file made of collisions must not make this quadratic.
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const entry = this.#slots[(this.#hash + probe) & mask]!
      if (entry === -1) return -1
      if (this.#hashes.at(entry) === this.#hash && this.#isAt(entry, view, start)) {
        this.length = this.#lengths.at(entry)
        return this.#numbers.at(entry)
      }
    }
    return -1
  }

  /** The frame of a number; equal frames have one number, whatever their bytes. */
  frame(number: number): Frame {
    return this.#frames.frames[number]!
  }

  /**
   * Remembers the frame under the bytes that the last `find` did not find. Its number, -1 if it is
   * too long.
   */
  add(bytes: Uint8Array, start: number, length: number, frame: Frame): number {
    if (this.#used + length > ARENA_SIZE) this.#forget()
    if (length > LONGEST || length < 8) return -1
    if (this.#used + length > this.#arena.byteLength) this.#growArena(this.#used + length)
    new Uint8Array(this.#arena.buffer, this.#used).set(bytes.subarray(start, start + length))
    const entry = this.#numbers.length
    const number = this.#frames.intern(frame)
    this.#hashes.push(this.#hash)
    this.#starts.push(this.#used)
    this.#lengths.push(length)
    this.#numbers.push(number)
    this.#used += length
    this.#place(entry)
    if (this.#numbers.length * 2 > this.#slots.length) this.#growSlots()
    return number
  }

  /**
   * Compares eight bytes at a time. What is in the arena was parsed, so no eight bytes of it are
   * ±0, and those that would be NaN equal nothing: the frame is then decoded once more.
   */
  #isAt(entry: number, view: DataView, start: number): boolean {
    const arena = this.#arena
    const own = this.#starts.at(entry)
    const last = this.#lengths.at(entry) - 8
    if (start + last + 8 > view.byteLength) return false
    for (let at = 0; at < last; at += 8) {
      if (arena.getFloat64(own + at, true) !== view.getFloat64(start + at, true)) return false
    }
    return arena.getFloat64(own + last, true) === view.getFloat64(start + last, true)
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1
    let slot = this.#hashes.at(entry) & mask
    while (this.#slots[slot] !== -1) slot = (slot + 1) & mask
    this.#slots[slot] = entry
  }

  #growSlots(): void {
    this.#slots = new Int32Array(this.#slots.length * 4).fill(-1)
    for (let entry = 0; entry < this.#numbers.length; entry++) this.#place(entry)
  }

  #growArena(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.#arena.byteLength * 2))
    grown.set(new Uint8Array(this.#arena.buffer, 0, this.#used))
    this.#arena = new DataView(grown.buffer)
  }

  #forget(): void {
    this.#used = 0
    this.#slots.fill(-1)
    this.#hashes = new Int32Column()
    this.#starts = new Int32Column()
    this.#lengths = new Int32Column()
    this.#numbers = new Int32Column()
    this.#frames = new FrameTable()
    this.generation++
  }
}

// --- internal ---

/**
 * Of the bytes up to the first closing brace, which ends the object unless a name contains one;
 * equal objects have equal hashes in either case. Looks for the brace in four bytes at once
 * (https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord).
 */
function hashOf(view: DataView, start: number): number {
  const last = view.byteLength - 4
  let hash = 0
  for (let at = start + ALWAYS_THE_SAME; at <= last; at += 4) {
    const word = view.getInt32(at, true)
    const zeroed = word ^ CLOSE_OBJECTS
    const braces = (zeroed - 0x01010101) & ~zeroed & 0x80808080
    if (braces !== 0) {
      const bitsBefore = (31 - Math.clz32(braces & -braces)) & ~7
      hash = Math.imul(hash ^ (at - start), 0x85ebca6b) + (word & ((1 << bitsBefore) - 1))
      break
    }
    hash = (Math.imul(hash, 0x9e3779b1) + word) | 0
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return hash ^ (hash >>> 13)
}
