import { type Budget, currentBudget } from './budget.js'
import { frameKey } from './frames.js'
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
  readonly #budget: Budget | null = currentBudget()

  /** `frames`: what is in the table to begin with, no two of them equal. */
  constructor(frames: readonly Frame[] = []) {
    this.frames = frames.slice()
  }

  intern(frame: Frame): FrameIndex {
    const count = this.frames.length
    const index = this.#lookup(frame).intern(frame)
    if (index === count) this.#take(frame)
    return index
  }

  /** Adds a frame of which the caller knows that it is not here yet, without looking for it. */
  append(frame: Frame): FrameIndex {
    this.#take(frame)
    return this.frames.push(frame) - 1
  }

  #lookup(frame: Frame): FrameLookup {
    if (frame.file === '') {
      this.#bare ??= new FrameLookup(this.frames, (each) => each.file === '')
      return this.#bare
    }
    this.#placed ??= new FrameLookup(this.frames, (each) => each.file !== '')
    return this.#placed
  }

  #take({ name, file }: Frame): void {
    this.#budget?.take(BYTES_OF_FRAME + 2 * (name.length + file.length))
  }
}

// --- internal ---

/** Of a frame with its entries in maps, but for its texts. */
const BYTES_OF_FRAME = 400

/** Finds those of a growing list of frames that are of one sort. */
class FrameLookup {
  readonly #frames: Frame[]
  readonly #isOurs: (frame: Frame) => boolean
  readonly #indexes = new Map<string, FrameIndex>()
  #seen = 0

  constructor(frames: Frame[], isOurs: (frame: Frame) => boolean) {
    this.#frames = frames
    this.#isOurs = isOurs
  }

  intern(frame: Frame): FrameIndex {
    for (; this.#seen < this.#frames.length; this.#seen++) {
      const each = this.#frames[this.#seen]!
      if (!this.#isOurs(each)) continue
      const key = frameKey(each)
      if (!this.#indexes.has(key)) this.#indexes.set(key, this.#seen)
    }
    const key = frameKey(frame)
    const known = this.#indexes.get(key)
    if (known !== undefined) return known
    this.#indexes.set(key, this.#seen)
    this.#seen = this.#frames.push(frame)
    return this.#seen - 1
  }
}
