import { FrameTable } from '../profile/frame-table.js'
import type { Frame } from '../profile/profile.js'
import type { StackTableDelta } from '../sampler/window.js'
import type { ThreadStacks } from './logical-stacks.js'

/** A copy of one of the thread's tables, grown window by window. */
export class WindowStacks implements ThreadStacks {
  readonly generation: number
  readonly frames: Frame[] = []
  readonly parent: number[] = []
  readonly frame: number[] = []
  readonly kind: number[] = []

  constructor(generation: number) {
    this.generation = generation
  }

  learn({ reset, frames, corrected, parent, frame, kind }: StackTableDelta): void {
    if (reset)
      for (const column of [this.frames, this.parent, this.frame, this.kind]) column.length = 0
    for (const each of frames) this.frames.push(each)
    for (const [id, each] of corrected) this.frames[id] = each
    for (let i = 0; i < parent.length; i++) {
      this.parent.push(parent[i]!)
      this.frame.push(frame[i]!)
      this.kind.push(kind[i]!)
    }
  }

  /** Of which an empty one becomes what this is. */
  all(): StackTableDelta {
    return {
      ...noRows(this.generation),
      frames: this.frames,
      parent: Int32Array.from(this.parent),
      frame: Int32Array.from(this.frame),
      kind: Uint8Array.from(this.kind),
    }
  }
}

/** Nothing new of a table. */
export function noRows(generation: number): StackTableDelta {
  return {
    generation,
    reset: false,
    frames: [],
    corrected: [],
    parent: new Int32Array(),
    frame: new Int32Array(),
    kind: new Uint8Array(),
  }
}

/** The stacks of several tables, those of each after those of the one before. */
export class JoinedStacks {
  readonly stacks: ThreadStacks
  readonly #offsets: ReadonlyMap<WindowStacks, number>

  /** As most recordings are of one table, it is not copied. */
  constructor(tables: ReadonlySet<WindowStacks>) {
    const [only = new WindowStacks(0)] = tables
    const offsets = new Map([[only, 0]])
    this.#offsets = offsets
    this.stacks = only
    if (tables.size <= 1) return
    const frames = new FrameTable()
    const [parent, frame, kind]: [number[], number[], number[]] = [[], [], []]
    for (const table of tables) {
      const offset = parent.length
      offsets.set(table, offset)
      const ours = table.frames.map((each) => frames.intern(each))
      for (let i = 0; i < table.parent.length; i++) {
        const above = table.parent[i]!
        parent.push(above > 0 ? above + offset : above)
        frame.push(ours[table.frame[i]!] ?? -1)
        kind.push(table.kind[i]!)
      }
    }
    this.stacks = { frames: frames.frames, parent, frame, kind }
  }

  /** A stack of one of the tables; none stays none. */
  of(stack: number, table: WindowStacks): number {
    return stack > 0 ? stack + this.#offsets.get(table)! : stack
  }
}
