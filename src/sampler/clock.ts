/**
 * Two clocks meet in a profile: samples carry the wall clock (epoch µs), run segments the monotonic
 * one (`performance.now()`, ms). The offset between them is found from the outside, by bracketing
 * ticks of `Date.now()`; a few dozen observations at different phases narrow it to microseconds.
 */
export let now: () => number = performance.now.bind(performance)
let epochNow: () => number = Date.now

/** Milliseconds on the monotonic clock that all threads, and all processes of a machine, share. */
export function hrtimeMs(): number {
  const [seconds, nanos] = process.hrtime()
  return seconds * 1000 + nanos / 1e6
}

/** Other clocks, for tests; returns what sets the ones from before again. */
export function setClocks(clocks: { now: () => number; epochNow: () => number }): () => void {
  const before = { now, epochNow }
  ;({ now, epochNow } = clocks)
  return () => {
    ;({ now, epochNow } = before)
  }
}

/** How far two clocks may drift apart: 50 µs a second is ten times what NTP usually does. */
const DRIFT = 5e-5
/** Known well enough, ms. */
const PRECISE = 0.1
/** Looks that take more than a millisecond together, in which the clock ticks over. */
const MANY_LOOKS = 5000

/** How far a clock that counts whole milliseconds is ahead of the monotonic one. */
export class ClockOffset {
  readonly #read: () => number
  #low = Number.NEGATIVE_INFINITY
  #high = Number.POSITIVE_INFINITY
  #observedAt = 0

  constructor(read: () => number) {
    this.#read = read
  }

  /** The other clock minus the monotonic clock, ms. */
  get value(): number {
    return (this.#low + this.#high) / 2
  }

  /** Half the width of what is known, ms. */
  get uncertainty(): number {
    return (this.#high - this.#low) / 2
  }

  /** One look at both clocks, about 0.1 µs; right even if the thread is preempted in between. */
  observe(): void {
    const before = now()
    const other = this.#read()
    const after = now()
    const slack = (after - this.#observedAt) * DRIFT
    this.#observedAt = after
    const low = other - after
    const high = other + 1 - before
    this.#low = Math.max(this.#low - slack, low)
    this.#high = Math.min(this.#high + slack, high)
    if (this.#low > this.#high) {
      // The other clock was set: what was known is void.
      this.#low = low
      this.#high = high
    }
  }

  /** Watches the clock tick over, if it is not known well enough; a look is a step. */
  *calibrate(): Generator<void, void> {
    this.observe()
    for (let looks = 1; looks < MANY_LOOKS && this.uncertainty > PRECISE; looks++) {
      yield
      this.observe()
    }
  }
}

/** Of the wall clock. */
export class EpochOffset extends ClockOffset {
  constructor() {
    super(() => epochNow())
  }
}
