import { type ProfileBuilder, ROOT_STACK } from '../profile/builder.js'
import { syntheticFrame, UNKNOWN } from '../profile/frames.js'
import type { Frame, StackIndex } from '../profile/profile.js'

/** The stacks of the profiled thread. */
export interface ThreadStacks {
  readonly frames: readonly Frame[]
  readonly parent: readonly number[]
  readonly frame: readonly number[]
  readonly kind: readonly number[]
}

/** Stacks of one profile, below the titles of those whose they are. */
export class TitledStacks {
  readonly #table: ThreadStacks
  readonly #builder: ProfileBuilder
  readonly #byTitle = new Map<string, LogicalStacks>()

  constructor(table: ThreadStacks, builder: ProfileBuilder) {
    this.#table = table
    this.#builder = builder
  }

  /** '': those that are below no title. */
  of(title: string): LogicalStacks {
    let stacks = this.#byTitle.get(title)
    if (stacks === undefined) {
      stacks = new LogicalStacks(this.#table, this.#builder, title)
      this.#byTitle.set(title, stacks)
    }
    return stacks
  }
}

/** Stacks of the thread's table as stacks of one profile. */
export class LogicalStacks {
  readonly #table: ThreadStacks
  readonly #builder: ProfileBuilder
  readonly #adopted: Map<number, StackIndex>
  readonly #joined = new Map<number, StackIndex>()
  readonly title: string

  /** `title`: a frame above them all; '' for none. */
  constructor(table: ThreadStacks, builder: ProfileBuilder, title: string) {
    this.#table = table
    this.#builder = builder
    this.title = title
    const root = title === '' ? ROOT_STACK : this.synthetic(ROOT_STACK, title)
    this.#adopted = new Map([[0, root]])
  }

  /** A frame that is no function, below a stack. */
  synthetic(parent: StackIndex, name: string): StackIndex {
    return this.#builder.stack(parent, this.#builder.frame(syntheticFrame(name)))
  }

  /** A stack of the thread's table as one of the profile's. */
  adopt(stack: number): StackIndex {
    if (stack < 0) return this.synthetic(ROOT_STACK, UNKNOWN)
    const path: number[] = []
    let above = stack
    let found = this.#adopted.get(above)
    while (found === undefined) {
      path.push(above)
      above = this.#table.parent[above] ?? 0
      found = this.#adopted.get(above)
    }
    for (let i = path.length - 1; i >= 0; i--) {
      found = this.#builder.stack(found, this.#frame(this.#table.frame[path[i]!]!))
      this.#adopted.set(path[i]!, found)
    }
    return found
  }

  /** A sample's stack below its logical caller, where no function appears twice at the seam. */
  join(stack: number, caller: number): StackIndex {
    const key = stack * 0x2000000 + caller
    let joined = this.#joined.get(key)
    if (joined === undefined) {
      const { parent, frame } = this.#table
      let first = stack
      while (parent[first]! > 0) first = parent[first]!
      let above = caller
      for (let id = caller; id > 0; id = parent[id]!) {
        if (frame[id] === frame[first]) {
          above = parent[id]!
          break
        }
      }
      joined = this.adopt(above)
      for (const next of this.path(stack)) joined = this.#builder.stack(joined, next)
      this.#joined.set(key, joined)
    }
    return joined
  }

  /** Frames of a table's stack, root first, as frames of the profile. */
  path(stack: number): number[] {
    const path: number[] = []
    for (let id = stack; id > 0; id = this.#table.parent[id]!) {
      path.push(this.#frame(this.#table.frame[id]!))
    }
    return path.reverse()
  }

  // --- internal ---

  #frame(id: number): number {
    return this.#builder.frame(this.#table.frames[id]!)
  }
}
