/**
 * A method of a prototype that is not ours, with something of ours before it. Whoever patched it
 * before us is called by us, and whoever patches it after us calls us.
 */
import { hasLeft, whenLeaving } from '../visit.js'

export type Method = (this: object, ...args: readonly unknown[]) => unknown

/** Makes ours of the original; ours must not throw but what the original throws. */
export type Around = (original: Method, patch: MethodPatch) => Method

/** As they were when this was loaded: the original is called, whatever an app replaces. */
export const { apply } = Reflect
const { defineProperty, deleteProperty, get, getOwnPropertyDescriptor, setPrototypeOf } = Reflect

export class MethodPatch {
  /** Ours is to do nothing but call the original while this is false. */
  active = false
  readonly #target: object
  readonly #name: string
  readonly #around: Around
  #ours: Method | null = null
  #original: unknown
  /** What the target itself had; undefined where the method is inherited. */
  #own: PropertyDescriptor | undefined
  #forget: (() => void) | null = null

  constructor(target: object, name: string, around: Around) {
    this.#target = target
    this.#name = name
    this.#around = around
  }

  /** False where it could not be patched. */
  get isInPlace(): boolean {
    return this.#ours !== null
  }

  /** What cannot be patched is left alone. */
  install(): void {
    if (hasLeft()) return
    this.active = true
    this.#forget ??= whenLeaving(() => this.remove())
    try {
      this.#install()
    } catch {
      // An accessor of somebody's that throws, for one.
    }
  }

  /** It does nothing until it is installed again; removing it has V8 forget what is optimised. */
  rest(): void {
    this.active = false
  }

  /** Undoes the patch if nobody has laid theirs over it; else it stays and does nothing. */
  remove(): void {
    this.active = false
    this.#forget?.()
    this.#forget = null
    const present = getOwnPropertyDescriptor(this.#target, this.#name)?.value
    if (this.#ours === null || present !== this.#ours) return
    if (this.#own === undefined) deleteProperty(this.#target, this.#name)
    else defineProperty(this.#target, this.#name, this.#own)
    this.#ours = null
  }

  // --- internal ---

  #install(): void {
    const present: unknown = get(this.#target, this.#name)
    // Somebody's that is neither ours nor what we replaced was laid over ours, and calls it.
    const isThere = this.#ours !== null && present !== this.#original
    if (isThere || typeof present !== 'function') return
    this.#original = present
    this.#own = descriptor(getOwnPropertyDescriptor(this.#target, this.#name))
    const original = this.#own === undefined ? this.#inherited() : (present as Method)
    const ours = this.#around(original, this)
    for (const key of ['name', 'length']) {
      defineProperty(ours, key, descriptor({ value: get(present, key), configurable: true })!)
    }
    const enumerable = this.#own?.enumerable ?? true
    const patched = { value: ours, configurable: true, enumerable, writable: true }
    if (defineProperty(this.#target, this.#name, descriptor(patched)!)) this.#ours = ours
  }

  /** It may be patched where it is inherited from, by somebody who does not know of ours. */
  #inherited(): Method {
    const above: Readonly<Record<string, Method>> = Object.getPrototypeOf(this.#target)
    const name = this.#name
    return function inherited(...args) {
      return apply(above[name]!, this, args)
    }
  }
}

// --- internal ---

/** Without what somebody may have put into `Object.prototype`: a `get` there would be one of it. */
function descriptor(own: PropertyDescriptor | undefined): PropertyDescriptor | undefined {
  if (own !== undefined) setPrototypeOf(own, null)
  return own
}
