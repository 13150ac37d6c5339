import { Recording } from './recording.js'
import type { Owner } from './waits.js'
import type { Window } from './window.js'

/** Neighbours remembered by name; older ones are shown as background. */
const MAX_OWNERS = 2000

/** Everybody whose code may show up in somebody's recording, by id. */
export class Owners {
  readonly #byId = new Map<number, Owner>()

  add(owner: Owner): void {
    this.#byId.set(owner.id, owner)
    if (this.#byId.size <= MAX_OWNERS) return
    for (const [id, known] of this.#byId) {
      if (!(known instanceof Recording)) return void this.#byId.delete(id)
    }
  }

  clear(): void {
    this.#byId.clear()
  }

  /** Names of all whose code is in the window, as far as they are known by now. */
  titlesIn({ segmentOwner, sampleOwner }: Window): Map<number, string> {
    const titles = new Map<number, string>()
    for (const ids of [segmentOwner, sampleOwner]) {
      for (const id of ids) {
        const owner = titles.has(id) ? undefined : this.#byId.get(id)
        if (owner !== undefined) titles.set(id, owner.title())
      }
    }
    return titles
  }
}
