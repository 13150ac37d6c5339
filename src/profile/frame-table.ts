import { PairTable } from './pair-table.js'
import type { Frame, FrameIndex } from './profile.js'

/**
 * Frames in the order in which they are first seen, equal ones once, whichever objects they are.
 */
export class FrameTable {
  readonly frames: Frame[]
  /**
   * Made when first asked for: most dumps are read without them. Frames without a file are few, and
   * added late.
   */
  #placed: FrameLookup | null = null
  #bare: FrameLookup | null = null

  /** `frames`: what is in the table to begin with, no two of them equal. */
  constructor(frames: readonly Frame[] = []) {
    this.frames = frames.slice()
  }

  intern(frame: Frame): FrameIndex {
    if (frame.file === '') {
      this.#bare ??= new FrameLookup(this.frames, (each) => each.file === '')
      return this.#bare.intern(frame)
    }
    this.#placed ??= new FrameLookup(this.frames, (each) => each.file !== '')
    return this.#placed.intern(frame)
  }

  /** Adds a frame of which the caller knows that it is not here yet, without looking for it. */
  append(frame: Frame): FrameIndex {
    return this.frames.push(frame) - 1
  }
}

// --- internal ---

/** Finds those of a growing list of frames that are of one sort. */
class FrameLookup {
  readonly #frames: Frame[]
  readonly #isOurs: (frame: Frame) => boolean
  readonly #contents = new FrameContents()
  /** For each number of a content its index in the list. */
  readonly #indexes: FrameIndex[] = []
  #seen = 0

  constructor(frames: Frame[], isOurs: (frame: Frame) => boolean) {
    this.#frames = frames
    this.#isOurs = isOurs
  }

  intern(frame: Frame): FrameIndex {
    for (; this.#seen < this.#frames.length; this.#seen++) {
      const each = this.#frames[this.#seen]!
      if (this.#isOurs(each)) this.#indexes[this.#contents.number(each)] ??= this.#seen
    }
    const number = this.#contents.number(frame)
    const known = this.#indexes[number]
    if (known !== undefined) return known
    this.#seen = this.#frames.push(frame)
    this.#indexes[number] = this.#seen - 1
    return this.#seen - 1
  }
}

/** Numbers frames by their four fields. */
class FrameContents {
  readonly #texts = new Map<string, number>()
  /** Pairs of name and file, of line and column, and of those two: cheaper than a text as a key. */
  readonly #names = new PairTable()
  readonly #places = new PairTable()
  readonly #pairs = new PairTable()

  number(frame: Frame): number {
    const name = this.#names.intern(this.#text(frame.name), this.#text(frame.file))
    return this.#pairs.intern(name, this.#places.intern(frame.line, frame.column))
  }

  #text(text: string): number {
    let index = this.#texts.get(text)
    if (index === undefined) {
      index = this.#texts.size
      this.#texts.set(text, index)
    }
    return index
  }
}
