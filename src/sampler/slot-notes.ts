import { Int32Column } from '../profile/columns.js'
import { contextOf, type Label, NOBODY } from './label-carrier.js'

/**
 * Whose code each sample is, where a sample's label is one slot of the thread. To set that whenever
 * somebody else begins to run would cost more than all else; so the slot holds a number, and
 * whenever somebody else begins to run and a sample has been taken since the last time, it is noted
 * who ran until then, and the slot has the next number.
 *
 *     runs      A │ B  │ A │ C    │ A
 *     samples         ×       × ×
 *     slot      1 │ 1  │ 2 │ 2    │ 3
 *     notes            1: B       2: C
 */
export class SlotNotes {
  readonly #sampled: () => number
  readonly #setSlot: (note: number) => void
  #running: Label = NOBODY
  /** Samples that had been taken when the slot was set. */
  #seen: number
  /** Of the first note that was not handed over. */
  #first = 0
  #notes = new Int32Column()

  /** `sampled`: how many samples were ever taken. */
  constructor(sampled: () => number, setSlot: (note: number) => void) {
    this.#sampled = sampled
    this.#setSlot = setSlot
    this.#seen = sampled()
    setSlot(this.#first)
  }

  get running(): Label {
    return this.#running
  }

  /** Somebody else runs from now on. */
  switchTo(label: Label): void {
    if (this.#sampled() !== this.#seen) this.#note()
    this.#running = label
  }

  /**
   * Whose the samples are that were taken since the last time, by what the slot was. Call it right
   * before they are handed over: one that comes between is of who runs now.
   */
  take(): (slot: number | undefined) => number | null {
    this.#note()
    const [first, running] = [this.#first, this.#running]
    const notes = this.#notes.finish()
    this.#first += notes.length
    this.#notes = new Int32Column()
    return (slot) => (slot === undefined ? null : contextOf(notes[slot - first] ?? running))
  }

  // --- internal ---

  #note(): void {
    // First of all: a sample that comes now is noted once more, and not with who runs next.
    this.#seen = this.#sampled()
    this.#notes.push(this.#running)
    this.#setSlot(this.#first + this.#notes.length)
  }
}
