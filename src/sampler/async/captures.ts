/**
 * How many stacks are captured for a context, and which of them are held. One costs 2–12 µs of the
 * thread, so that those of awaits come from a small bucket, which fills again where the context
 * really waits: awaits that cost next to nothing are left out. Timers, sockets and files cost more
 * by themselves, and their stacks tell who asked: they have a bucket of their own.
 */

/** From there on (ms) it was a wait: below, nothing but others' promises ran in between. */
export const PAUSE_MS = 0.05
/** At once. */
const AWAITS = 32
const OTHERS = 256
const OF_PROGRAM = 2256
/** Earned by a pause, and by each of its ms. */
const BACK = 8
const BACK_PER_MS = 2
/** Held, before those that have been read are looked for. */
const MOST_HELD = 4096

/** What holds a captured stack. */
export interface Holder {
  readonly captured: object | null
  /** It keeps nothing alive from now on. */
  letGo(): void
}

export class Captures {
  /** Of contexts that are not followed. */
  static readonly NONE = new Captures(0, 0, false)
  /** Awaits whose code went on, of which the stack was left out. */
  skipped = 0
  readonly #most: { readonly awaits: number; readonly others: number }
  #awaits: number
  #others: number
  /** Of a thread that is followed as a whole, and of all that pass in it. */
  readonly isOfProgram: boolean
  /** Of a program, ms. */
  #earnedAt = 0
  #held: Holder[] = []
  #mostHeld = MOST_HELD

  private constructor(awaits: number, others: number, isOfProgram: boolean) {
    this.#most = { awaits, others }
    this.#awaits = awaits
    this.#others = others
    this.isOfProgram = isOfProgram
  }

  static ofRequest(): Captures {
    return new Captures(AWAITS, OTHERS, false)
  }

  /**
   * It loads modules first, and somebody in it may always run: what it captures is earned by time
   * that passes.
   */
  static ofProgram(): Captures {
    return new Captures(OF_PROGRAM, OF_PROGRAM, true)
  }

  /** Its code runs again, after so long. */
  earn(at: number, pauseMs: number): void {
    if (this.isOfProgram) {
      this.#fill(BACK_PER_MS * (at - this.#earnedAt))
      this.#earnedAt = at
    } else if (pauseMs > PAUSE_MS) this.#fill(BACK + BACK_PER_MS * pauseMs)
  }

  /** True if one more can be afforded; it has then been paid for. */
  take(isAwait: boolean): boolean {
    if (leftInWindow < 1 || (isAwait ? this.#awaits : this.#others) < 1) return false
    leftInWindow--
    if (isAwait) this.#awaits--
    else this.#others--
    return true
  }

  /** Its stack is held until it is read, or until `letGo`. */
  hold(holder: Holder): void {
    // A program ends with its process.
    if (this.isOfProgram) return
    if (this.#held.push(holder) < this.#mostHeld) return
    this.#held = this.#held.filter((each) => each.captured !== null)
    this.#mostHeld = Math.max(MOST_HELD, 2 * this.#held.length)
  }

  /**
   * The context is over: what lives on, such as a connection, leads to none of its code any more.
   */
  letGo(): void {
    for (const holder of this.#held) holder.letGo()
    this.#held = []
  }

  // --- internal ---

  #fill(captures: number): void {
    this.#awaits = Math.min(this.#most.awaits, this.#awaits + captures)
    this.#others = Math.min(this.#most.others, this.#others + captures)
  }
}

/** The captures of the window before are about to be read. */
export function renewCaptures(): void {
  leftInWindow = CAPTURES_PER_WINDOW
}

// --- internal ---

/**
 * Captures of all contexts together in one window: what is captured has to be read, and takes
 * memory until then.
 */
const CAPTURES_PER_WINDOW = 4000
let leftInWindow = CAPTURES_PER_WINDOW
