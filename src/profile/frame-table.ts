import { PairTable } from './pairs.js'
import type { Frame, FrameIndex } from './profile.js'

/** Frames in the order in which they are first seen, equal ones once, whichever objects they are. */
export class FrameTable {
  readonly frames: Frame[] = []
  /** Made when first asked for: most dumps are read without it. */
  #contents: FrameContents | null = null
  #indexed = 0

  intern(frame: Frame): FrameIndex {
    this.#contents ??= new FrameContents()
    while (this.#indexed < this.frames.length) {
      this.#contents.number(this.frames[this.#indexed++]!)
    }
    const index = this.#contents.number(frame)
    if (index === this.frames.length) this.#indexed = this.frames.push(frame)
    return index
  }

  /** Adds a frame of which the caller knows that it is not here yet, without looking for it. */
  append(frame: Frame): FrameIndex {
    return this.frames.push(frame) - 1
  }
}

// --- internal ---

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
