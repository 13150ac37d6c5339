/** Samples' stacks as rows of a table: without our own code, and whose time they are. */
import { GC, IDLE } from '../profile/frames.js'
import type { Frame } from '../profile/profile.js'
import { isHookDispatch, isPlumbing } from './engine-frames.js'
import type { FrameId } from './function-table.js'
import type { NativeFrame } from './native-samples.js'
import { CODE, COLLECTING, IDLING, PROFILING } from './window.js'

type StackId = number

/** Of a `StackTable`. */
interface Stacks {
  readonly frames: readonly Frame[]
  push(parent: StackId, frame: FrameId, kind: number): StackId
  intern(name: string, file: string, line: number, column: number, exact: boolean): FrameId
  of(path: readonly FrameId[], kind: number): StackId
  trimRoot(path: readonly FrameId[]): readonly FrameId[]
  isOwn(frame: { readonly file: string }): boolean
}

export class SampledStacks {
  readonly #stacks: Stacks
  readonly #most: number
  /** Of the window that is being put together, since stacks have most of their frames in common. */
  readonly #sampled = new Map<readonly NativeFrame[], StackId>()
  readonly #seen = new Map<NativeFrame, Seen>()
  /** Of all windows: V8 shows the same few functions again and again. */
  readonly #files = new Map<string, SampledFile>()

  /** `most`: so many files are remembered, and functions of each. */
  constructor(stacks: Stacks, most: number) {
    this.#stacks = stacks
    this.#most = most
  }

  /** See `StackTable.sampled`. */
  of(frames: readonly NativeFrame[], hooked: boolean): StackId {
    let id = this.#sampled.get(frames)
    if (id === undefined) {
      id = this.#stackOf(frames, hooked)
      this.#sampled.set(frames, id)
    }
    return id
  }

  /** Frees what only the last window needed. */
  endWindow(): void {
    this.#sampled.clear()
    this.#seen.clear()
  }

  /** Frees all. */
  forget(): void {
    this.endWindow()
    this.#files.clear()
  }

  // --- internal ---

  #stackOf(frames: readonly NativeFrame[], hooked: boolean): StackId {
    const leaf = frames[0]
    if (leaf === undefined) return 0
    if (leaf.file === '' && leaf.name === GC) {
      return this.#stacks.push(0, this.#stacks.intern(GC, '', 0, 0, true), COLLECTING)
    }
    if (leaf.file === '' && leaf.name === IDLE)
      return this.#stacks.push(0, this.#stacks.intern(IDLE, '', 0, 0, true), IDLING)
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
      while (path.length > 0 && isPlumbing(this.#stacks.frames[path.at(-1)!]!)) path.pop()
    }
    return this.#stacks.of(this.#stacks.trimRoot(path), profiling ? PROFILING : CODE)
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
      known = { isOwn: this.#stacks.isOwn({ file }), isNode, functions: new Map() }
      if (this.#files.size < this.#most) this.#files.set(file, known)
    }
    return known
  }

  /** Interning what has been interned before by this name and place would change nothing. */
  #idOf({ name, file, line, column }: NativeFrame): FrameId {
    const { functions } = this.#fileOf(file)
    const place = line * 0x4000000 + column
    const known = functions.get(place)
    if (known?.name === name) return known.id
    const id = this.#stacks.intern(name, file, line, column, true)
    if (functions.size < this.#most) functions.set(place, { name, id })
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
