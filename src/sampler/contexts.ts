import type { RequestContext, Wait } from './async/waits.js'
import { Recording } from './recording.js'
import { BACKGROUND, type Window } from './window.js'

/** Remembered by name, apart from recordings under way; older ones are shown as background. */
const MAX_OTHERS = 1 << 15
/** Of what is no request and never ends; of more, all are named anew. */
const MAX_STANDING = 100
/** Different titles kept apart from their contexts. */
const MAX_TITLES = 1000

type Known = Pick<RequestContext, 'id' | 'title' | 'root'>

/** Everybody whose code may show up in somebody's recording, by id. */
export class Contexts {
  readonly #recorded = new Map<number, RequestContext>()
  /** Contexts, or the titles of those that are gone, where their id says: ids are given in turn. */
  readonly #others: (Known | string | null)[] = new Array(MAX_OTHERS).fill(null)
  readonly #otherIds = new Float64Array(MAX_OTHERS)
  /** Each title once, since thousands of contexts share a few. */
  readonly #titles = new Map<string, string>()
  readonly #standing = new Map<string, RequestContext>()
  #lastId = BACKGROUND

  newId(): number {
    return ++this.#lastId
  }

  add(context: Known): void {
    if (context instanceof Recording) this.#recorded.set(context.id, context)
    else this.#remember(context.id, context)
  }

  /** The context of that title, which is no request and never ends; `make` makes it. */
  standing(title: string, make: () => RequestContext): RequestContext {
    let context = this.#standing.get(title)
    if (context === undefined) {
      if (this.#standing.size >= MAX_STANDING) this.#standing.clear()
      context = make()
      this.#standing.set(title, context)
    }
    return context
  }

  /** From now on the recording is one of the others. */
  handedOver(recording: Recording): void {
    this.#recorded.delete(recording.id)
    this.keepTitle(recording)
  }

  /** The context has ended: its title is what it is now, and the rest of it may go. */
  keepTitle(context: Known): void {
    const title = context.title()
    if (this.#titles.size >= MAX_TITLES) this.#titles.clear()
    const known = this.#titles.get(title)
    if (known === undefined) this.#titles.set(title, title)
    this.#remember(context.id, known ?? title)
  }

  /** Nothing of the context can be in a window. */
  forget({ id }: Known): void {
    if (this.#otherIds[id % MAX_OTHERS] === id) this.#others[id % MAX_OTHERS] = null
  }

  /** What continues nothing but the context; null where the context is gone. */
  rootOf(id: number): Wait | null {
    const context = this.#other(id)
    return context === null || typeof context === 'string' ? null : context.root
  }

  clear(): void {
    this.#recorded.clear()
    this.#others.fill(null)
  }

  /** Names of all whose code is in the window, as far as they are known by now. */
  titlesIn({ segmentContext, sampleContext }: Window): Map<number, string> {
    const titles = new Map<number, string>()
    for (const ids of [segmentContext, sampleContext]) {
      for (const id of ids) {
        if (id <= 0 || titles.has(id)) continue
        const context = this.#recorded.get(id) ?? this.#other(id)
        if (context !== null)
          titles.set(id, typeof context === 'string' ? context : context.title())
      }
    }
    for (const [title, { id }] of this.#standing) titles.set(id, title)
    return titles
  }

  // --- internal ---

  #remember(id: number, context: Known | string): void {
    this.#others[id % MAX_OTHERS] = context
    this.#otherIds[id % MAX_OTHERS] = id
  }

  #other(id: number): Known | string | null {
    return this.#otherIds[id % MAX_OTHERS] === id ? this.#others[id % MAX_OTHERS]! : null
  }
}
