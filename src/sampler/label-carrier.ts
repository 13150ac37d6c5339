/** How a label reaches the samples. */
import type { AsyncLocalStorage } from 'node:async_hooks'
import { createTags } from './async/object-tags.js'

/**
 * `frame`: carried by V8 with the asynchronous context; nothing to do at each switch. `slot`: one
 * slot per thread that has to be set at each switch. `none`: not at all.
 */
export type Carrier = 'frame' | 'slot' | 'none'

/** Says whose code runs: a context's id, or what knows it. */
export type Label = number | { readonly id: number }

/**
 * Takes any value for a label, and holds it for ever where it leads back to its holder: so it is
 * given ids only.
 */
export interface LabelSetter {
  context: number | object | undefined
  createContextHolder(label: number): object
}

export class LabelCarrier {
  readonly kind: Carrier
  readonly #profiler: LabelSetter
  readonly #store: AsyncLocalStorage<object | undefined> | null
  /** Made once for each label that is an object, and known by it. */
  readonly #holders = createTags<object>()
  readonly #labels = createTags<Label>()

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
  run<T>(label: Label | null, fn: () => T): T {
    if (this.#store === null) return fn()
    return this.#store.run(label === null ? undefined : this.#holderOf(label), fn)
  }

  /** The label of what runs now (`frame`); null with another carrier. */
  get current(): Label | null {
    const holder = this.#store?.getStore()
    return holder === undefined ? null : this.#labels.get(holder)
  }

  /** Labels the rest of the callback that runs now, and what comes of it (`frame`). */
  enter(label: Label | null): void {
    this.#store?.enterWith(label === null ? undefined : this.#holderOf(label))
  }

  /** Sets the slot; nothing with another carrier. */
  setSlot(context: number | null): void {
    if (this.kind === 'slot') this.#profiler.context = context ?? undefined
  }

  // --- internal ---

  #holderOf(label: Label): object {
    const known = typeof label === 'number' ? null : this.#holders.get(label)
    if (known !== null) return known
    const holder = this.#profiler.createContextHolder(typeof label === 'number' ? label : label.id)
    this.#labels.set(holder, label)
    if (typeof label !== 'number') this.#holders.set(label, holder)
    return holder
  }
}
