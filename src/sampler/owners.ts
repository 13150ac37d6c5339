import { Recording } from './recording.js'
import type { Owner } from './waits.js'
import type { Window } from './window.js'

/** Remembered by name, apart from recordings under way; older ones are shown as background. */
const MAX_OTHERS = 2000

/** Everybody whose code may show up in somebody's recording, by id. */
export class Owners {
  readonly #recorded = new Map<number, Owner>()
  readonly #others = new Map<number, Owner>()

  add(owner: Owner): void {
    if (owner instanceof Recording) this.#recorded.set(owner.id, owner)
    else this.#remember(owner)
  }

  /** From now on the recording is one of the others. */
  handedOver(recording: Recording): void {
    this.#recorded.delete(recording.id)
    this.#remember(recording)
  }

  clear(): void {
    this.#recorded.clear()
    this.#others.clear()
  }

  /** Names of all whose code is in the window, as far as they are known by now. */
  titlesIn({ segmentOwner, sampleOwner }: Window): Map<number, string> {
    const titles = new Map<number, string>()
    for (const ids of [segmentOwner, sampleOwner]) {
      for (const id of ids) {
        if (titles.has(id)) continue
        const owner = this.#recorded.get(id) ?? this.#others.get(id)
        if (owner !== undefined) titles.set(id, owner.title())
      }
    }
    return titles
  }

  // --- internal ---

  #remember(owner: Owner): void {
    this.#others.set(owner.id, owner)
    if (this.#others.size <= MAX_OTHERS) return
    for (const oldest of this.#others.keys()) return void this.#others.delete(oldest)
  }
}
