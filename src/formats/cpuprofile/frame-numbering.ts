import { Int32Column } from '../../profile/columns.js'

/**
 * From the frame numbers of the process to those of one file. Kept from file to file, because a map
 * for each of a thousand small files costs more than reading them; starting over only counts up.
 */
export class FrameNumbering {
  #file = 0
  readonly #seenIn = new Int32Column()
  readonly #indexes = new Int32Column()

  startOver(): void {
    this.#file++
  }

  /** The file's index of the frame, or -1. */
  get(number: number): number {
    return number < this.#seenIn.length && this.#seenIn.at(number) === this.#file
      ? this.#indexes.at(number)
      : -1
  }

  set(number: number, index: number): void {
    while (this.#seenIn.length <= number) {
      this.#seenIn.push(0)
      this.#indexes.push(0)
    }
    this.#seenIn.set(number, this.#file)
    this.#indexes.set(number, index)
  }
}
