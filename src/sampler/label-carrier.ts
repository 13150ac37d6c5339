/** How a label reaches the samples. */
import type { AsyncLocalStorage } from 'node:async_hooks'

/**
 * `frame`: carried by V8 with the asynchronous context. `slot`: one slot of the thread, and hooks
 * that say who runs. `none`: not at all.
 */
export type Carrier = 'frame' | 'slot' | 'none'

/**
 * Says whose code runs: a context's id; the same below zero where an answer on a socket has led
 * there. An object would live as long as whatever runs under its label.
 */
export type Label = number

/** Code that is nobody's. */
export const NOBODY: Label = 0

/** Its context's id; null: nobody's. */
export function contextOf(label: Label | undefined): number | null {
  return label === undefined || label === NOBODY ? null : Math.abs(label)
}

/** Somebody whose label is carried, and by what, which takes 0.3 µs to make. */
export interface Labelled {
  holder: Holder | null
  /** Of the label below zero. */
  answerHolder: Holder | null
}

/** What the store has to hold, for samples to have the label. */
export interface Holder {
  label?: Label
}

/** The profiler, as far as it is about labels. */
export interface LabelSetter {
  /** Of what runs now. */
  context: unknown
  createContextHolder(label: Label): Holder
}

/** Carries none. */
export class LabelCarrier {
  readonly kind: Carrier = 'none'
  /** Events that could not be noted. */
  failedEvents = 0

  /** The label of what runs now, as far as it is known. */
  get current(): Label {
    return NOBODY
  }

  /**
   * Runs `fn` and all that comes of it under the label, as far as labels are carried. `whose`: who
   * may keep what carries it. Whatever fails here, `fn` is called once, and only it can throw.
   */
  run<T>(_label: Label, fn: () => T, _whose?: Labelled): T {
    return fn()
  }

  /** Labels the rest of the callback that runs now, and what comes of it. */
  enter(_label: Label, _whose?: Labelled): void {}

  /** Labels are needed, by one more, until `release`. */
  acquire(): void {}

  release(): void {}

  /** From now on others say who runs, by `switchTo`, until `resume`; returns who does. */
  suspend(): Label {
    return NOBODY
  }

  switchTo(_label: Label): void {}

  /** `running`: who runs now. */
  resume(_running: Label): void {}

  /** What the resource that is called now would run under; nobody's where others have to know. */
  labelOf(_resource: object): Label {
    return NOBODY
  }

  /**
   * Whose samples are, by what is in their slot; null: nobody's. Called right before they are
   * handed over.
   */
  take(): (slot: number | undefined) => number | null {
    return () => null
  }
}

export class FrameLabels extends LabelCarrier {
  override readonly kind = 'frame'
  readonly #profiler: LabelSetter
  readonly #store: AsyncLocalStorage<Holder | undefined>

  /** `store`: what the profiler reads the label from. */
  constructor(profiler: LabelSetter, store: AsyncLocalStorage<Holder | undefined>) {
    super()
    this.#profiler = profiler
    this.#store = store
  }

  override get current(): Label {
    return this.#store.getStore()?.label ?? NOBODY
  }

  override run<T>(label: Label, fn: () => T, whose?: Labelled): T {
    const entered = this.#replace(label, whose)
    try {
      return fn()
    } finally {
      if (entered !== null) this.#restore(entered.outer)
    }
  }

  override enter(label: Label, whose?: Labelled): void {
    this.#store.enterWith(this.#holderOf(label, whose))
  }

  override take(): (slot: Label | undefined) => number | null {
    return contextOf
  }

  // --- internal ---

  /** Null where that cannot be done. */
  #replace(label: Label, whose?: Labelled): { readonly outer: Holder | undefined } | null {
    try {
      const outer = this.#store.getStore()
      this.#store.enterWith(this.#holderOf(label, whose))
      return { outer }
    } catch {
      return null
    }
  }

  #restore(outer: Holder | undefined): void {
    try {
      this.#store.enterWith(outer)
    } catch {
      // Then its label stays, to the end of the callback.
    }
  }

  #holderOf(label: Label, whose?: Labelled): Holder | undefined {
    if (label === NOBODY) return undefined
    if (whose === undefined) return this.#make(label)
    const kept = label > NOBODY ? 'holder' : 'answerHolder'
    whose[kept] ??= this.#make(label)
    return whose[kept]
  }

  #make(label: Label): Holder {
    const holder = this.#profiler.createContextHolder(label)
    holder.label = label
    return holder
  }
}
