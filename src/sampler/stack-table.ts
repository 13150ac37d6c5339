/** All stacks of a thread, interned: samples and logical call chains become one integer each. */
import { GC, IDLE } from '../profile/frames.js'
import type { Frame } from '../profile/profile.js'
import { isEngine, isHookDispatch, isPlumbing } from './engine-frames.js'
import { type FrameId, FunctionTable, type Originals } from './function-table.js'
import type { NativeFrame } from './native-samples.js'
import { CODE, COLLECTING, IDLING, PROFILING, type StackTableDelta } from './window.js'

/** Index into the table; 0 is the empty stack. */
export type StackId = number

export type { FrameId }

/** The native sampler's package runs below us, as part of us. */
const OWN_PACKAGE = '/node_modules/@datadog/pprof/'

export class StackTable {
  readonly frames: Frame[]
  readonly parent: StackId[] = [-1]
  readonly frame: FrameId[] = [-1]
  /** CODE, COLLECTING, PROFILING or IDLING, by stack. */
  readonly kind: number[] = [CODE]
  #sentStacks = 0
  /** Functions that were seen to await: a stack trace never leaves them out between two others. */
  readonly awaiting = new Set<FrameId>()
  readonly #own: string
  readonly #functions: FunctionTable
  readonly #children = new Map<number, StackId>()
  /** Of the window that is being put together, since stacks have most of their frames in common. */
  readonly #sampled = new Map<readonly NativeFrame[], StackId>()
  readonly #seen = new Map<NativeFrame, Seen>()
  /** Of all windows: V8 shows the same few functions again and again. */
  readonly #files = new Map<string, SampledFile>()

  /** `own` is the folder of this package's code: its frames are the profiler's, not the app's. */
  constructor(own: string, originals: Originals = (frame) => frame) {
    this.#own = own
    this.#functions = new FunctionTable(originals)
    this.frames = this.#functions.frames
  }

  get size(): number {
    return this.parent.length
  }

  push(parent: StackId, frame: FrameId, kind = CODE): StackId {
    const key = parent * 0x4000000 + frame * 4 + kind
    let id = this.#children.get(key)
    if (id === undefined) {
      id = this.parent.push(parent) - 1
      this.frame.push(frame)
      this.kind.push(kind)
      this.#children.set(key, id)
    }
    return id
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
    let id = this.#sampled.get(frames)
    if (id === undefined) {
      id = this.#sampledStack(frames, hooked)
      this.#sampled.set(frames, id)
    }
    return id
  }

  /** Frees what only the last window needed. */
  endWindow(): void {
    this.#sampled.clear()
    this.#seen.clear()
  }

  /** Rows since the last time: of frames or of stacks, whichever are more. */
  get unsent(): number {
    return Math.max(this.#functions.unsent, this.parent.length - this.#sentStacks)
  }

  /** All rows since the last time, or the first of them, so many frames and stacks. */
  delta(most = Number.POSITIVE_INFINITY): StackTableDelta {
    const from = this.#sentStacks
    const to = Math.min(this.parent.length, from + most)
    this.#sentStacks = to
    return {
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
    while (start < path.length && isEngine(this.frames[path[start]!]!)) start++
    if (start === path.length) {
      start = 0
      while (start < path.length && isPlumbing(this.frames[path[start]!]!)) start++
    }
    return start === 0 ? path : path.slice(start)
  }

  // --- internal ---

  #sampledStack(frames: readonly NativeFrame[], hooked: boolean): StackId {
    const leaf = frames[0]
    if (leaf === undefined) return 0
    if (leaf.file === '' && leaf.name === GC) {
      return this.push(0, this.intern(GC, '', 0, 0, true), COLLECTING)
    }
    if (leaf.file === '' && leaf.name === IDLE)
      return this.push(0, this.intern(IDLE, '', 0, 0, true), IDLING)
    const path: FrameId[] = []
    let profiling = false
    let inHook = false
    for (let i = frames.length - 1; i >= 0; i--) {
      const frame = frames[i]!
      const seen = this.#see(frame)
      if (seen.isOwn) {
        inHook ||= i + 1 < frames.length && isHookDispatch(frames[i + 1]!)
        profiling = true
        continue
      }
      // Builtins that we call are ours; a caller's function that we call is not, but from a hook.
      if (profiling && (inHook || seen.isNode)) continue
      profiling = false
      if (seen.id === -1) seen.id = this.#idOf(frame)
      path.push(seen.id)
    }
    profiling ||= hooked && isHookDispatch(leaf)
    if (profiling) {
      while (path.length > 0 && isPlumbing(this.frames[path.at(-1)!]!)) path.pop()
    }
    return this.of(this.trimRoot(path), profiling ? PROFILING : CODE)
  }

  #see(frame: NativeFrame): Seen {
    let seen = this.#seen.get(frame)
    if (seen === undefined) {
      const { isOwn, isNode } = this.#fileOf(frame.file)
      seen = { id: -1, isOwn, isNode }
      this.#seen.set(frame, seen)
    }
    return seen
  }

  #fileOf(file: string): SampledFile {
    let known = this.#files.get(file)
    if (known === undefined) {
      const isNode = file === '' || isPlumbing({ file })
      known = { isOwn: this.isOwn({ file }), isNode, functions: new Map() }
      this.#files.set(file, known)
    }
    return known
  }

  /** Interning what has been interned before by this name and place would change nothing. */
  #idOf({ name, file, line, column }: NativeFrame): FrameId {
    const { functions } = this.#fileOf(file)
    const place = line * 0x4000000 + column
    const known = functions.get(place)
    if (known?.name === name) return known.id
    const id = this.intern(name, file, line, column, true)
    functions.set(place, { name, id })
    return id
  }
}

// --- internal ---

/** What is known of a sample's frame. */
interface Seen {
  /** -1: not interned. */
  id: FrameId
  readonly isOwn: boolean
  /** It is a builtin, or calls back. */
  readonly isNode: boolean
}

interface SampledFile {
  readonly isOwn: boolean
  readonly isNode: boolean
  /** By where they begin. */
  readonly functions: Map<number, { readonly name: string; readonly id: FrameId }>
}
