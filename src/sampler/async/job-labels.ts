/**
 * The labels of promises and ticks, which are by far the most of what code makes: by their ids,
 * which are given in turn, since a tag on each would cost more than what it is asked for. Of those
 * whose place has been taken since, the ones that wait to be called are kept aside, while there is
 * room: where a request has made tens of thousands that wait, the next ones need tags.
 *
 *     places   5 6 3 4
 *     ids      … 3 4 5 6    aside: 1, which has not been called
 */
import { type Label, NOBODY } from '../label-carrier.js'

/** Places: what waits for longer than so many are made, costs more. A power of 2. */
const PLACES = 1 << 14
/** Kept aside, and never called perhaps; the younger half at least. */
const MOST_ASIDE = 1 << 16
/** What is older by so many ids will hardly be called any more: seconds of a busy loop. */
const LONG_AGO = 1 << 22

export class JobLabels {
  /** Below zero where nobody waits for the call any more. */
  readonly #ids = new Float64Array(PLACES)
  readonly #labels = new Int32Array(PLACES)
  #aside = new Map<number, Label>()
  #asideBefore = new Map<number, Label>()
  /** The last id of those. */
  #lastBefore = Number.NEGATIVE_INFINITY

  /** `waits`: it is to be called, as far as can be told. False: there is no room for it. */
  made(id: number, label: Label, waits: boolean): boolean {
    const at = id % PLACES
    const before = this.#ids[at]!
    if (before > 0 && !this.#setAside(before, this.#labels[at]!, id)) return false
    this.#ids[at] = waits && label !== NOBODY ? id : -id
    this.#labels[at] = label
    return true
  }

  /** The label of what is called now; null: it is not known here. */
  called(id: number): Label | null {
    const at = id % PLACES
    const known = this.#ids[at]!
    if (known === id) this.#ids[at] = -id
    else if (known !== -id) return this.#fromAside(id)
    return this.#labels[at]!
  }

  // --- internal ---

  #setAside(id: number, label: Label, newest: number): boolean {
    if (this.#aside.size >= MOST_ASIDE / 2) {
      if (newest - this.#lastBefore < LONG_AGO) return false
      this.#asideBefore = this.#aside
      this.#lastBefore = newest
      this.#aside = new Map()
    }
    this.#aside.set(id, label)
    return true
  }

  #fromAside(id: number): Label | null {
    return this.#aside.get(id) ?? this.#asideBefore.get(id) ?? null
  }
}
