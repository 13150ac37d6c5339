/**
 * Stacks as rows of a caller and a frame, each once, and so many at most: what would be one more is
 * cut where the rows know it no further.
 *
 *     known    app › handler › load › read
 *     sampled  app › handler › load › parse › walk
 *     row      app › handler › load › (stack cut off)
 *
 * A hash with chains in columns: a `Map` of so many rows takes the thread 20 ms when it grows.
 */
import type { FunctionTable } from './function-table.js'
import { CODE } from './window.js'

/** The frame below what is known of a stack that is cut. */
type Cuts = Pick<FunctionTable, 'cut' | 'knownCut'>

/** Of the rows, this share may be cuts. */
const CUTS = 0.25

export class StackRows {
  readonly parent: number[] = [-1]
  readonly frame: number[] = [-1]
  /** CODE, COLLECTING, PROFILING or IDLING. */
  readonly kind: number[] = [CODE]
  readonly #most: number
  readonly #heads: Int32Array
  /** The next row with the same head; 0: none. */
  readonly #next: number[] = [0]
  readonly #functions: Cuts

  constructor(most: number, functions: Cuts) {
    this.#most = most
    this.#functions = functions
    this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(most / 2 + 1)))
  }

  get size(): number {
    return this.parent.length
  }

  /** The row, or the one that stands for what cannot be told apart any more. */
  push(parent: number, frame: number, kind: number): number {
    const known = this.#find(parent, frame, kind)
    if (known !== 0) return known
    if (this.isCut(parent)) return this.cut(this.parent[parent]!, kind)
    const isFull = this.size >= this.#most * (1 - CUTS)
    if (isFull || frame === this.#functions.knownCut) return this.cut(parent, kind)
    return this.#add(parent, frame, kind)
  }

  isCut(stack: number): boolean {
    return stack !== 0 && this.frame[stack] === this.#functions.knownCut
  }

  /** Something below `stack`, or below one of its callers, where for that there is no room. */
  cut(stack: number, kind: number): number {
    const frame = this.#functions.cut
    for (let at = stack; ; at = this.parent[at]!) {
      const known = this.#find(at, frame, kind)
      if (known !== 0) return known
      if (this.size < this.#most || at === 0) return this.#add(at, frame, kind)
    }
  }

  // --- internal ---

  #find(parent: number, frame: number, kind: number): number {
    let id = this.#heads[this.#headOf(parent, frame, kind)]!
    while (id !== 0) {
      if (this.parent[id] === parent && this.frame[id] === frame && this.kind[id] === kind) break
      id = this.#next[id]!
    }
    return id
  }

  #add(parent: number, frame: number, kind: number): number {
    const id = this.parent.push(parent) - 1
    this.frame.push(frame)
    this.kind.push(kind)
    const head = this.#headOf(parent, frame, kind)
    this.#next.push(this.#heads[head]!)
    this.#heads[head] = id
    return id
  }

  #headOf(parent: number, frame: number, kind: number): number {
    let mixed = Math.imul(parent, 0x9e3779b1) ^ Math.imul(frame * 4 + kind, 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
    return (mixed ^ (mixed >>> 13)) & (this.#heads.length - 1)
  }
}
