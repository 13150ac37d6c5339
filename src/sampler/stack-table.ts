/**
 * The stacks of a thread, interned: samples and logical call chains become one integer each. A
 * table has room for so many; then the next one takes its place, and is a generation younger.
 */
import type { Frame } from '../profile/profile.js'
import { isEngine, isPlumbing } from './engine-frames.js'
import { type FrameId, FunctionTable, type Originals } from './function-table.js'
import type { NativeFrame } from './native-samples.js'
import { SampledStacks } from './sampled-stacks.js'
import { StackRows } from './stack-rows.js'
import { CODE, type StackTableDelta } from './window.js'

/** Index into the table; 0 is the empty stack. */
export type StackId = number

export type { FrameId }

/** The native sampler's package runs below us, as part of us. */
const OWN_PACKAGE = '/node_modules/@datadog/pprof/'

/** Of each generation: some 5 MB of stacks, and 20 MB of functions. */
export interface TableLimits {
  readonly stacks: number
  readonly functions: number
}

const LIMITS: TableLimits = { stacks: 1 << 17, functions: 1 << 15 }

export class StackTable {
  /** Of the thread's tables, one after another. */
  readonly generation: number
  #sentStacks = 0
  /** Functions that were seen to await: a stack trace never leaves them out between two others. */
  readonly awaiting = new Set<FrameId>()
  readonly #own: string
  readonly #originals: Originals
  readonly #limits: TableLimits
  #functions: FunctionTable
  #rows: StackRows
  #isForgotten = false
  readonly #sampled: SampledStacks

  /** `own` is the folder of this package's code: its frames are the profiler's, not the app's. */
  constructor(
    own: string,
    originals: Originals = (frame) => frame,
    limits = LIMITS,
    generation = 0,
  ) {
    this.#own = own
    this.#originals = originals
    this.#limits = limits
    this.generation = generation
    this.#functions = new FunctionTable(originals, limits.functions)
    this.#rows = new StackRows(limits.stacks, this.#functions)
    this.#sampled = new SampledStacks(this, limits.functions)
  }

  get frames(): readonly Frame[] {
    return this.#functions.frames
  }

  get parent(): readonly StackId[] {
    return this.#rows.parent
  }

  get frame(): readonly FrameId[] {
    return this.#rows.frame
  }

  /** CODE, COLLECTING, PROFILING or IDLING, by stack. */
  get kind(): readonly number[] {
    return this.#rows.kind
  }

  get size(): number {
    return this.#rows.size
  }

  /** It should be followed by another before it is full. */
  get isFilled(): boolean {
    return 2 * this.size > this.#limits.stacks || this.#functions.isFilled
  }

  /** An empty one for what comes from now on. */
  next(): StackTable {
    return new StackTable(this.#own, this.#originals, this.#limits, this.generation + 1)
  }

  /** Nobody reads it any more; what still means a stack of it, means one that is cut. */
  forget(): void {
    this.#isForgotten = true
    this.#functions = new FunctionTable(this.#originals, 0)
    this.#rows = new StackRows(0, this.#functions)
    this.awaiting.clear()
    this.#sampled.forget()
  }

  push(parent: StackId, frame: FrameId, kind = CODE): StackId {
    return this.#rows.push(parent, frame, kind)
  }

  /** A stack of the table before as one of this. */
  moved(stack: StackId, from: StackTable): StackId {
    if (stack === 0) return 0
    if (from.#isForgotten) return this.#rows.cut(0, CODE)
    const path = from.path(stack).map((frame) => {
      const own = this.#functions.adopt(from.#functions, frame)
      if (from.awaiting.has(frame)) this.awaiting.add(own)
      return own
    })
    return this.of(path, from.kind[stack])
  }

  /** A frame by where it begins, as a sample (`exact`) or a stack trace has it. */
  intern(name: string, file: string, line: number, column: number, exact: boolean): FrameId {
    return this.#functions.intern(name, file, line, column, exact)
  }

  /** See there. */
  settleNext(): boolean {
    return this.#functions.settleNext()
  }

  /**
   * A sample's stack, root side first in the table; memory of the window only. `hooked`: hooks of
   * ours were on.
   */
  sampled(frames: readonly NativeFrame[], hooked = false): StackId {
    return this.#sampled.of(frames, hooked)
  }

  /** Frees what only the last window needed. */
  endWindow(): void {
    this.#sampled.endWindow()
  }

  /** Rows since the last time, as frames: of these or of stacks, whichever take longer. */
  get unsent(): number {
    return Math.max(this.#functions.unsent, (this.size - this.#sentStacks) / STACKS_A_FRAME)
  }

  /** All rows since the last time, or of the first so many frames and what stacks take as long. */
  delta(most = Number.POSITIVE_INFINITY): StackTableDelta {
    const from = this.#sentStacks
    const to = Math.min(this.size, from + most * STACKS_A_FRAME)
    this.#sentStacks = to
    return {
      generation: this.generation,
      reset: from === 0,
      ...this.#functions.take(most),
      parent: Int32Array.from(this.parent.slice(from, to)),
      frame: Int32Array.from(this.frame.slice(from, to)),
      kind: Uint8Array.from(this.kind.slice(from, to)),
    }
  }

  /** The next `delta` starts anew, with all rows. */
  resend(): void {
    this.#functions.resend()
    this.#sentStacks = 0
  }

  /** The frames of a stack, root first. */
  path(stack: StackId): FrameId[] {
    const path: FrameId[] = []
    for (let id = stack; id > 0; id = this.parent[id]!) path.push(this.frame[id]!)
    return path.reverse()
  }

  /** The stack of `path` (root first) called from `caller`. */
  below(caller: StackId, path: readonly FrameId[], kind = CODE): StackId {
    let id = caller
    for (let i = 0; i < path.length; i++) {
      id = this.push(id, path[i]!, i === path.length - 1 ? kind : CODE)
      if (this.#rows.isCut(id)) return this.#rows.cut(this.parent[id]!, kind)
    }
    return id
  }

  of(path: readonly FrameId[], kind = CODE): StackId {
    return this.below(0, path, kind)
  }

  isOwn(frame: { readonly file: string }): boolean {
    return frame.file.startsWith(this.#own) || frame.file.includes(OWN_PACKAGE)
  }

  /**
   * Drops the engine's dispatchers (and all of Node on the way to the first real code) at the root
   * side.
   */
  trimRoot(path: readonly FrameId[]): readonly FrameId[] {
    let start = 0
    while (start < path.length && this.#isOfEngine(path[start]!)) start++
    if (start === path.length) {
      start = 0
      while (start < path.length && isPlumbing(this.frames[path[start]!]!)) start++
    }
    return start === 0 ? path : path.slice(start)
  }

  // --- internal ---

  #isOfEngine(frame: FrameId): boolean {
    return isEngine(this.frames[frame]!) && frame !== this.#functions.knownCut
  }
}

// --- internal ---

/** To copy three numbers takes so much less than to clone a frame. */
const STACKS_A_FRAME = 20
