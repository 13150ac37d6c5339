/** How a label reaches the samples. */
import type { AsyncLocalStorage } from 'node:async_hooks'

/**
 * `frame`: carried by V8 with the asynchronous context; nothing to do at each switch. `slot`: one
 * slot per thread that has to be set at each switch. `none`: not at all.
 */
export type Carrier = 'frame' | 'slot' | 'none'

/**
 * Says whose code runs: a context's id; the same below zero where an answer on a socket has led
 * there. An object would live as long as whatever runs under its label.
 */
export type Label = number

/** Code that is nobody's. */
export const NOBODY: Label = 0

/** The profiler, as far as it is about labels. */
export interface LabelSetter {
  /** Of what runs now. */
  context: unknown
  /** What the store has to hold, for samples to have the label; 0.3 µs. */
  createContextHolder(label: Label): object
}

export class LabelCarrier {
  readonly kind: Carrier
  readonly #profiler: LabelSetter
  readonly #store: AsyncLocalStorage<object | undefined> | null

  /** `store`: what the profiler reads the label from; null with another carrier than `frame`. */
  constructor(
    kind: Carrier,
    profiler: LabelSetter,
    store: AsyncLocalStorage<object | undefined> | null,
  ) {
    this.kind = kind
    this.#profiler = profiler
    this.#store = store
  }

  /** Runs `fn` and all that comes of it under the label (`frame`), or just runs it. */
  run<T>(label: Label, fn: () => T): T {
    if (this.#store === null) return fn()
    return this.#store.run(this.#holderOf(label), fn)
  }

  /** The label of what runs now (`frame`); nobody's with another carrier. */
  get current(): Label {
    if (this.#store === null || this.#store.getStore() === undefined) return NOBODY
    return this.#profiler.context as Label
  }

  /** Labels the rest of the callback that runs now, and what comes of it (`frame`). */
  enter(label: Label): void {
    this.#store?.enterWith(this.#holderOf(label))
  }

  /** Sets the slot; nothing with another carrier. */
  setSlot(context: number | null): void {
    if (this.kind === 'slot') this.#profiler.context = context ?? undefined
  }

  // --- internal ---

  #holderOf(label: Label): object | undefined {
    return label === NOBODY ? undefined : this.#profiler.createContextHolder(label)
  }
}
