/** How long what has failed is left alone: twice as long after each failure that comes soon. */
export class BackOff {
  readonly #firstMs: number
  readonly #longestMs: number
  #failures = 0
  #failedAt = Number.NEGATIVE_INFINITY

  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs
    this.#longestMs = longestMs
  }

  /** It has failed at this time, ms: how long it rests from then on, ms. */
  failed(at: number): number {
    if (at - this.#failedAt > 2 * this.#longestMs) this.#failures = 0
    this.#failedAt = at
    return Math.min(this.#longestMs, this.#firstMs * 2 ** this.#failures++)
  }
}
