import { Int32Column } from '../profile/columns.js'
import { FrameTable } from '../profile/frame-table.js'
import type { Frame } from '../profile/profile.js'

const CLOSE_OBJECT = 0x7d
const MAX_PROBES = 32
/** Bytes of call frames remembered before starting over. */
const ARENA_SIZE = 8 * 1024 * 1024

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
  find(bytes: Uint8Array, view: DataView, start: number): number {
    // The first brace ends the object unless a name contains one. Either way it ends the bytes that
    // are hashed, and equal bytes are the same object.
    const end = bytes.indexOf(CLOSE_OBJECT, start)
    this.#hash = end === -1 ? 0 : hashOf(view, start, end)
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

  /** Remembers the frame under the bytes that the last `find` did not find. Its number, -1 if it is too long. */
  add(bytes: Uint8Array, start: number, length: number, frame: Frame): number {
    if (this.#used + length > ARENA_SIZE) this.#forget()
    if (length > ARENA_SIZE / 64 || length < 4) return -1
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

  #isAt(entry: number, view: DataView, start: number): boolean {
    const arena = this.#arena
    const own = this.#starts.at(entry)
    const last = this.#lengths.at(entry) - 4
    if (start + last + 4 > view.byteLength) return false
    for (let at = 0; at < last; at += 4) {
      if (arena.getInt32(own + at, true) !== view.getInt32(start + at, true)) return false
    }
    return arena.getInt32(own + last, true) === view.getInt32(start + last, true)
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

/** Every other four bytes and the last four: the comparison that follows sees all of them. */
function hashOf(view: DataView, start: number, end: number): number {
  const last = end - 4
  let hash = end - start
  for (let at = start + 16; at < last; at += 8) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1)
    hash ^= hash >>> 15
  }
  if (last >= start) hash = Math.imul(hash ^ view.getInt32(last, true), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}
