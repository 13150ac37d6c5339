/** Who runs now, and the run segments that come of it. */
import { now } from '../clock.js'
import { OURSELVES } from '../window.js'
import { OURS } from './ownerless.js'
import type { Readiness } from './readiness.js'
import type { SegmentLog } from './segments.js'
import type { RequestContext, Wait } from './waits.js'

/** What is continued; null: nobody's that is known. */
export type Runs = Wait | null | typeof IDLE
export const IDLE = Symbol('idle')

export class Running {
  /** What runs now. */
  what: Runs = IDLE
  /** Since then, ms. */
  openedAt = 0
  readonly #segments: SegmentLog
  readonly #readiness: Readiness
  readonly #onSwitch: (context: RequestContext | null) => void
  /** What the callbacks have interrupted that are under way. */
  readonly #outer: Runs[] = []
  #depth = 0

  /**
   * `onSwitch` is told each time another context begins to run (null: nobody we know); it must not
   * throw.
   */
  constructor(
    segments: SegmentLog,
    readiness: Readiness,
    onSwitch: (context: RequestContext | null) => void,
  ) {
    this.#segments = segments
    this.#readiness = readiness
    this.#onSwitch = onSwitch
  }

  /** What the code that runs now continues; null where it is nobody's that is known. */
  get wait(): Wait | null {
    return this.what === IDLE ? null : this.what
  }

  /** A callback begins; true if it interrupts another one. */
  interrupt(): boolean {
    this.#outer[this.#depth] = this.what
    return this.#depth++ > 0
  }

  /** A callback ends: what it has interrupted. */
  outer(): Runs {
    if (this.#depth === 0) return IDLE
    const outer = this.#outer[--this.#depth]!
    this.#outer[this.#depth] = IDLE
    return outer
  }

  /** What ran outside of all callbacks has ended, if it is this; true if it is still running. */
  isOver(wait: Wait): boolean {
    if (this.#depth === 0) return this.what === wait
    if (this.#outer[0] === wait) this.#outer[0] = IDLE
    return false
  }

  get isNested(): boolean {
    return this.#depth > 0
  }

  forgetOuter(): void {
    this.#outer.length = this.#depth = 0
  }

  /** Time that the context has run; ms, up to now. */
  ranMs(context: RequestContext): number {
    return context.ranMs + (contextOf(this.what) === context ? now() - this.openedAt : 0)
  }

  /** `settled`: when what goes on could have done so, as far as the loop's callback let it. */
  enter(next: Runs, at = now(), settled = Number.NaN): void {
    const running = this.what
    if (running !== IDLE) this.#close(at, running)
    if (next !== IDLE) this.#open(at, next, settled)
    this.what = next
    const context = contextOf(next)
    if (context !== contextOf(running)) this.#onSwitch(context)
  }

  /** Charges a stretch of our own work. */
  charge(start: number, end: number): void {
    const running = this.what
    if (running !== IDLE) this.#close(start, running)
    this.#segments.append(start, end, OURSELVES, null)
    if (running !== IDLE) this.#open(end, running, end)
  }

  /** A segment that is open is cut in two, and `between` called when none is. */
  cut<T>(at: number, between: () => T): T {
    const running = this.what
    if (running !== IDLE) this.#close(at, running)
    const result = between()
    if (running !== IDLE) this.#open(at, running)
    return result
  }

  // --- internal ---

  #open(at: number, wait: Wait | null, settled = Number.NaN): void {
    this.openedAt = at
    this.#segments.nextSettled = settled
    if (wait !== null) this.#readiness.resumes(wait.context, at, settled)
    this.#segments.open(at, wait)
  }

  #close(at: number, wait: Wait | null): void {
    this.#segments.close(at)
    if (wait === null) return
    wait.context.ranMs += at - this.openedAt
    wait.context.ranAt = at
  }
}

// --- internal ---

function contextOf(running: Runs): RequestContext | null {
  return running === IDLE || running === null || running === OURS ? null : running.context
}
