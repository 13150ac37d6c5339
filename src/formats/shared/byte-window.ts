import { currentBudget } from '../../profile/budget.js'

/** A file that is read as far as it is needed, from its start. */
export interface ByteSource {
  readonly size: number
  /** Reads from `position` on into all of `into`, unless the file ends before: how many bytes. */
  read(into: Uint8Array, position: number): number
  /** Bytes to hold at once, more where one thing is longer; default: a megabyte. */
  readonly window?: number
}

const WINDOW = 1024 * 1024
/** Of a window; nearly everything is shorter. */
const LOOK_AHEAD = 1 / 64

/**
 * A place in a file, and the bytes around it: all of them, or of a file that may be larger than
 * memory those from the place on.
 */
export class ByteWindow {
  bytes: Uint8Array
  /** Over the same bytes. */
  view: DataView
  /** In the window. */
  pos = 0
  /** Nothing comes behind the window. */
  ended: boolean
  /** Of a file, as much as is held at once. */
  readonly size: number
  /** The latest fault was that the window ends. */
  protected isCut = false
  readonly #source: ByteSource | null
  readonly #budget = currentBudget()
  /** Bytes of the file before the window. */
  #before = 0

  constructor(from: Uint8Array | ByteSource) {
    const isWhole = from instanceof Uint8Array
    this.bytes = isWhole ? from : new Uint8Array(0)
    this.view = viewOf(this.bytes)
    this.ended = isWhole
    this.#source = isWhole ? null : from
    this.size = this.#source?.window ?? WINDOW
  }

  /** The place in the file of a place in the window. */
  offsetOf(pos: number): number {
    return this.#before + pos
  }

  /**
   * Has so many bytes from here on in the window, unless the file ends before. What is before the
   * place is gone then.
   */
  reserve(count: number): void {
    if (this.ended || this.bytes.length - this.pos >= count) return
    const rest = this.bytes.subarray(this.pos)
    // Half of a window, so that its rest need not be moved to its front over and over again.
    const isLarge = count > this.size / 2
    const size = isLarge ? Math.min(2 * count, this.left() + this.size) : this.size
    const bytes = size <= this.bytes.length ? this.bytes : this.#larger(size)
    bytes.set(rest)
    this.#before += this.pos
    this.pos = 0
    let length = rest.length
    while (length < bytes.length && !this.ended) {
      const read = this.#source!.read(bytes.subarray(length), this.#before + length)
      if (read === 0) this.ended = true
      length += read
    }
    this.bytes = bytes.subarray(0, length)
    this.view = viewOf(this.bytes)
  }

  /**
   * Reads what has to be in the window as a whole; where it is not, once more with more of the file
   * in it: `read` must be able to begin again.
   */
  whole<Value>(read: () => Value): Value {
    for (let size = this.size * LOOK_AHEAD; ; size *= 8) {
      this.reserve(size)
      const start = this.pos
      this.isCut = false
      try {
        const value = read()
        // A number goes on, perhaps.
        if (this.pos < this.bytes.length || this.ended) return value
      } catch (error) {
        if (this.ended || !(this.isCut || this.pos >= this.bytes.length)) throw error
      }
      this.pos = start
    }
  }

  #larger(size: number): Uint8Array {
    this.#budget?.take(size - this.bytes.length)
    return new Uint8Array(size)
  }

  /** All that comes. */
  reserveAll(): void {
    while (!this.ended) this.reserve(this.left() + 1)
  }

  /** Bytes of the file from here on. */
  left(): number {
    const inWindow = this.bytes.length - this.pos
    if (this.ended) return inWindow
    return Math.max(inWindow, this.#source!.size - this.offsetOf(this.pos))
  }
}

// --- internal ---

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
