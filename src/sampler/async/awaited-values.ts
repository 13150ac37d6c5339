import type { Wait } from './waits.js'

/**
 * `await null` makes two promises: one of the value, which is settled at once, and one that follows
 * from it, with which the code goes on. They are one wait, of one place.
 */
export class AwaitedValues {
  #promise: unknown = null
  #wait: Wait | null = null

  /** A promise was made that follows from another; `promise`: itself, or its id. */
  made(promise: unknown, wait: Wait): void {
    this.#promise = promise
    this.#wait = wait
  }

  /** The wait of `parent`, if that was made last. */
  of(parent: unknown): Wait | null {
    const wait = this.#promise === parent ? this.#wait : null
    this.leave()
    return wait
  }

  /** Something else runs. */
  leave(): void {
    this.#promise = this.#wait = null
  }
}
