import { type AsyncHook, createHook, executionAsyncId, triggerAsyncId } from 'node:async_hooks'
import { now } from '../clock.js'

/**
 * When promises were settled, and ticks and immediates made: since then, what comes of them could
 * have run. By the ids of `async_hooks`, the latest few thousand.
 */
export class Settling {
  readonly #id = new Float64Array(SIZE)
  readonly #at = new Float64Array(SIZE)
  #followers = 0
  readonly #hook: AsyncHook

  /** `onSettle` is told that what runs settles a promise; it must not throw. */
  constructor(onSettle: () => void) {
    this.#hook = createHook({
      promiseResolve: (id) => {
        this.#note(id)
        onSettle()
      },
    })
  }

  /** Somebody's waits are looked at one by one: promises and ticks count from now on. */
  acquire(): void {
    if (this.#followers++ === 0) this.#hook.enable()
  }

  release(): void {
    if (--this.#followers === 0) this.#hook.disable()
  }

  get active(): boolean {
    return this.#followers > 0
  }

  /** A resource is made. */
  made(id: number, type: string): void {
    if (this.#followers > 0 && RUN_SOON.has(type)) this.#note(id)
  }

  /**
   * Of the resource whose callback begins: when the promise was settled from which it goes on; of
   * what is no promise, when it was made. NaN: not known, or not any more.
   */
  ofCallback(resource: object): number {
    const id = resource instanceof Promise ? triggerAsyncId() : executionAsyncId()
    return this.#id[id & MASK] === id ? this.#at[id & MASK]! : Number.NaN
  }

  // --- internal ---

  #note(id: number): void {
    this.#id[id & MASK] = id
    this.#at[id & MASK] = now()
  }
}

// --- internal ---

/** A power of two. */
const SIZE = 1 << 13
const MASK = SIZE - 1
/** Types that wait for nothing but their turn. */
const RUN_SOON: ReadonlySet<string> = new Set(['TickObject', 'Microtask', 'Immediate'])
