/**
 * An await of which the stack was left out, and which turns out to have been a wait. Its code goes
 * on, and with what it makes or settles first it is on the stack, with those who await it.
 *
 *     await query()        left out: awaits before it have cost next to nothing
 *     ── 3 ms later ──     goes on
 *     await render()       here the stack tells where it was: it is captured once for both
 */

import { captureStack } from './capture-stack.js'
import { PAUSE_MS } from './captures.js'
import type { Wait } from './waits.js'

export class Resumed {
  #unplaced: Wait | null = null

  /** The wait's code goes on. */
  goesOn(wait: Wait, at: number): void {
    const { follows, captures, ranAt } = wait.context
    if (!follows || wait.isPlaced) return
    captures.skipped++
    if (at - ranAt > PAUSE_MS) this.#unplaced = wait
  }

  /** Something else runs. */
  leave(): void {
    this.#unplaced = null
  }

  /** What goes on has made this; null: it has settled a promise. */
  acts(made: Wait | null): void {
    if (this.#unplaced !== null) this.#place(this.#unplaced, made)
  }

  // --- internal ---

  #place(wait: Wait, made: Wait | null): void {
    this.#unplaced = null
    const { captures } = wait.context
    wait.captured = made?.captured ?? null
    if (wait.captured === null) captureStack(wait, true)
    else captures.hold(wait)
    if (wait.captured === null) return
    wait.isLate = true
    captures.skipped--
  }
}
