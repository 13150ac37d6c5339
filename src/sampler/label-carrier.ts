/** How a label reaches the samples. */
import type { AsyncLocalStorage } from 'node:async_hooks'
import { createTags } from './async/object-tags.js'
import type { Label } from './native-samples.js'

/**
 * `frame`: carried by V8 with the asynchronous context; nothing to do at each switch. `slot`: one
 * slot per thread that has to be set at each switch. `none`: not at all.
 */
export type Carrier = 'frame' | 'slot' | 'none'

export interface LabelSetter {
  context: Label | undefined
  createContextHolder(label: Label): object
}

export class LabelCarrier {
  readonly kind: Carrier
  readonly #profiler: LabelSetter
  readonly #store: AsyncLocalStorage<object | undefined> | null
  // Making a holder takes 0.9 µs; each label has one.
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
    if (holder === undefined) return null
    return this.#labels.get(holder) ?? this.#profiler.context ?? null
  }

  /** Labels the rest of the callback that runs now, and what comes of it (`frame`). */
  enter(label: Label | null): void {
    this.#store?.enterWith(label === null ? undefined : this.#holderOf(label))
  }

  /** Sets the slot; nothing with another carrier. */
  setSlot(label: Label | null): void {
    if (this.kind === 'slot') this.#profiler.context = label ?? undefined
  }

  // --- internal ---

  #holderOf(label: Label): object {
    if (typeof label === 'number') return this.#profiler.createContextHolder(label)
    let holder = this.#holders.get(label)
    if (holder === null) {
      holder = this.#profiler.createContextHolder(label)
      this.#holders.set(label, holder)
      this.#labels.set(holder, label)
    }
    return holder
  }
}
