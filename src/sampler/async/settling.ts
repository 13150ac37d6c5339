import { executionAsyncId, triggerAsyncId } from 'node:async_hooks'
import { now } from '../clock.js'
import { createTags } from './object-tags.js'
import { waits } from './resource-waits.js'
import type { Settlement } from './waits.js'

/**
 * When promises were settled, and ticks and immediates made: since then, what comes of them could
 * have run. By the ids of `async_hooks`, the latest few thousand.
 */
export class Settling {
  readonly #id = new Float64Array(SIZE)
  readonly #at = new Float64Array(SIZE)
  #followers = 0

  /** Somebody's waits are looked at one by one: promises and ticks count from now on. */
  acquire(): void {
    this.#followers++
  }

  release(): void {
    this.#followers--
  }

  get active(): boolean {
    return this.#followers > 0
  }

  /** A resource is made. */
  made(id: number, type: string): void {
    if (this.#followers > 0 && RUN_SOON.has(type)) this.#note(id)
  }

  /** A promise is settled. */
  settled(id: number): void {
    if (this.#followers > 0) this.#note(id)
  }

  /** Of the promise, or of what was made; NaN: not known, or not any more. */
  of(id: number): number {
    return this.#id[id & MASK] === id ? this.#at[id & MASK]! : Number.NaN
  }

  /**
   * Of the resource whose callback begins: when the promise was settled from which it goes on; of
   * what is no promise, when it was made. NaN: not known, or not any more.
   */
  ofCallback(resource: object): number {
    return this.of(resource instanceof Promise ? triggerAsyncId() : executionAsyncId())
  }

  // --- internal ---

  #note(id: number): void {
    this.#id[id & MASK] = id
    this.#at[id & MASK] = now()
  }
}

/** The same of promises without ids: of those that are waited for. */
export const settlements = {
  /** The promise is settled. */
  note(promise: object): void {
    const settlement = known(promise)
    if (settlement !== null) settlement.settledAt = now()
  },

  /** Somebody who is followed waits for the promise. */
  of(promise: object): Settlement {
    let settlement = known(promise)
    if (settlement === null) {
      settlement = { settledAt: Number.NaN }
      others.set(promise, settlement)
    }
    return settlement
  },
}

// --- internal ---

/** Of promises that have no wait of their own. */
const others = createTags<Settlement>()

function known(promise: object): Settlement | null {
  const wait = waits.get(promise)
  return wait?.context.follows ? wait : others.get(promise)
}

/** A power of two. */
const SIZE = 1 << 13
const MASK = SIZE - 1
/** Types that wait for nothing but their turn. */
const RUN_SOON: ReadonlySet<string> = new Set(['TickObject', 'Microtask', 'Immediate'])
