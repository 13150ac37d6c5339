import type { RequestContext } from './async/waits.js'
import { now } from './clock.js'
import { Bystander, type Passing, Recording } from './recording.js'
import { BACKGROUND, type BareWindow } from './window.js'

/** Remembered by name, apart from who is under way; older ones are shown as background. */
const MAX_OTHERS = 1 << 15
/** Under way for so long that others have come in their places; the oldest are forgotten. */
const MAX_LONG = 1 << 13
/** Of what never ends, or goes on after its end; of more, all are made anew. */
const MAX_STANDING = 100
/** Jobs inside somebody of whom the next windows tell. */
const MAX_INSIDE = 2000
/** Different titles kept apart from their contexts. */
const MAX_TITLES = 1000
/** Then ids begin anew: columns of windows hold them in 32 bits. */
const MAX_ID = 1 << 30

/** Everybody whose code may show up in somebody's recording, by id. */
export class Contexts {
  readonly #recorded = new Map<number, Recording>()
  /**
   * Who passes, or the title of who has, where its id says, since ids are given in turn; null:
   * nobody of whom more is known.
   */
  readonly #others: (Passing | string | null)[] = new Array(MAX_OTHERS).fill(null)
  readonly #otherIds = new Int32Array(MAX_OTHERS)
  readonly #long = new Map<number, Passing>()
  /** Each title once, since thousands of contexts share a few. */
  readonly #titles = new Map<string, string>()
  /** By title, and by id. */
  readonly #standing = new Map<string, Bystander>()
  readonly #standingIds = new Map<number, Bystander>()
  readonly #inside = new Map<number, number>()
  #lastId = BACKGROUND

  newId(): number {
    this.#lastId = this.#lastId === MAX_ID ? BACKGROUND + 1 : this.#lastId + 1
    return this.#lastId
  }

  add(context: Recording | Passing): void {
    if (context instanceof Recording) this.#recorded.set(context.id, context)
    else this.#remember(context.id, context)
  }

  /** What the context does is the other one's, too, who has it done. */
  nest({ id }: RequestContext, outer: RequestContext): void {
    // The whole of a thread tells its contexts apart.
    if (outer.id === BACKGROUND) return
    if (this.#inside.size >= MAX_INSIDE) {
      const [oldest] = this.#inside.keys()
      this.#inside.delete(oldest!)
    }
    this.#inside.set(id, outer.id)
  }

  /** As they are now. */
  get inside(): ReadonlyMap<number, number> {
    return new Map(this.#inside)
  }

  /** The context of that title, which is no request and never ends. */
  standing(title: string): Bystander {
    return this.#standing.get(title) ?? this.#stand(title, this.newId(), title)
  }

  /** From now on the recording is one of the others. */
  handedOver(recording: Recording): void {
    this.#recorded.delete(recording.id)
    this.keepTitle(recording)
  }

  /** The context has ended: its title is what it is now, and the rest of it may go. */
  keepTitle(context: RequestContext): void {
    const title = context.title()
    if (this.#titles.size >= MAX_TITLES) this.#titles.clear()
    const known = this.#titles.get(title)
    if (known === undefined) this.#titles.set(title, title)
    this.#long.delete(context.id)
    this.#remember(context.id, known ?? title)
  }

  /** Nothing of the context can be in a window. */
  forget({ id }: Passing): void {
    const at = id % MAX_OTHERS
    if (this.#otherIds[at] === id) this.#others[at] = null
    else this.#long.delete(id)
  }

  /**
   * Whoever the id is of. What still runs for a request that has ended continues something that
   * only has its name. Null where nobody knows.
   */
  of(id: number): RequestContext | null {
    const known = this.#recorded.get(id) ?? this.#standingIds.get(id) ?? this.#other(id)
    if (typeof known === 'object' && known !== null) return known
    const isOver = known !== null || this.#otherIds[id % MAX_OTHERS] === id
    return isOver ? this.#stand(`ended: ${id}`, id, known ?? '') : null
  }

  /** All that have not ended. */
  *passing(): Generator<Passing> {
    yield* this.#long.values()
    for (const other of this.#others) if (typeof other === 'object' && other !== null) yield other
  }

  clear(): void {
    this.#recorded.clear()
    this.#others.fill(null)
    this.#long.clear()
    this.#inside.clear()
  }

  /** Names of all whose code is in the window, as far as they are known by now. */
  titlesIn({ segmentContext, sampleContext }: BareWindow): Map<number, string> {
    const titles = new Map<number, string>()
    for (const ids of [segmentContext, sampleContext]) {
      for (const id of ids) {
        if (id <= 0 || titles.has(id)) continue
        const context = this.#recorded.get(id) ?? this.#other(id) ?? this.#standingIds.get(id)
        const title = typeof context === 'string' ? context : (context?.title() ?? '')
        if (title !== '') titles.set(id, title)
      }
    }
    return titles
  }

  // --- internal ---

  #remember(id: number, context: Passing | string): void {
    const at = id % MAX_OTHERS
    const before = this.#others[at]
    if (typeof before === 'object' && before !== null && before.id !== id) this.#outlast(before)
    this.#others[at] = context
    this.#otherIds[at] = id
  }

  #outlast(passing: Passing): void {
    this.#long.set(passing.id, passing)
    if (this.#long.size <= MAX_LONG) return
    for (const oldest of this.#long.keys()) return void this.#long.delete(oldest)
  }

  #other(id: number): Passing | string | null {
    const at = id % MAX_OTHERS
    return this.#otherIds[at] === id ? this.#others[at]! : (this.#long.get(id) ?? null)
  }

  #stand(key: string, id: number, title: string): Bystander {
    if (this.#standing.size >= MAX_STANDING) {
      this.#standing.clear()
      this.#standingIds.clear()
    }
    const context = new Bystander(id, () => title, now())
    this.#standing.set(key, context)
    this.#standingIds.set(id, context)
    return context
  }
}
