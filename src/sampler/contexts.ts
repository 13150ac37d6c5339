import type { Owner } from './async/waits.js'
import { Recording } from './recording.js'
import type { Window } from './window.js'

/** Remembered by name, apart from recordings under way; older ones are shown as background. */
const MAX_OTHERS = 1 << 15
/** Different titles kept apart from their owners. */
const MAX_TITLES = 1000

/** Everybody whose code may show up in somebody's recording, by id. */
export class Owners {
  readonly #recorded = new Map<number, Owner>()
  /** Owners, or the titles of those that are gone, where their id says: ids are given in turn. */
  readonly #others: (Owner | string | null)[] = new Array(MAX_OTHERS).fill(null)
  readonly #otherIds = new Float64Array(MAX_OTHERS)
  /** Each title once, since thousands of owners share a few. */
  readonly #titles = new Map<string, string>()

  add(owner: Owner): void {
    if (owner instanceof Recording) this.#recorded.set(owner.id, owner)
    else this.#remember(owner.id, owner)
  }

  /** From now on the recording is one of the others. */
  handedOver(recording: Recording): void {
    this.#recorded.delete(recording.id)
    this.settle(recording)
  }

  /** The owner has ended: its title is what it is now, and the rest of it may go. */
  settle(owner: Owner): void {
    const title = owner.title()
    if (this.#titles.size >= MAX_TITLES) this.#titles.clear()
    const known = this.#titles.get(title)
    if (known === undefined) this.#titles.set(title, title)
    this.#remember(owner.id, known ?? title)
  }

  clear(): void {
    this.#recorded.clear()
    this.#others.fill(null)
  }

  /** Names of all whose code is in the window, as far as they are known by now. */
  titlesIn({ segmentOwner, sampleOwner }: Window): Map<number, string> {
    const titles = new Map<number, string>()
    for (const ids of [segmentOwner, sampleOwner]) {
      for (const id of ids) {
        if (id <= 0 || titles.has(id)) continue
        const owner = this.#recorded.get(id) ?? this.#other(id)
        if (owner !== null) titles.set(id, typeof owner === 'string' ? owner : owner.title())
      }
    }
    return titles
  }

  // --- internal ---

  #remember(id: number, owner: Owner | string): void {
    this.#others[id % MAX_OTHERS] = owner
    this.#otherIds[id % MAX_OTHERS] = id
  }

  #other(id: number): Owner | string | null {
    return this.#otherIds[id % MAX_OTHERS] === id ? this.#others[id % MAX_OTHERS]! : null
  }
}
