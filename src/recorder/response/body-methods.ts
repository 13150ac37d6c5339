/**
 * The methods by which a response is given its body, with something of ours before them. Node's own
 * are patched, once and for good: nothing is laid over a response, where its app would see it, but
 * where somebody else has laid theirs there, or made a class of it. That is undone at the end.
 */
import { ServerResponse } from 'node:http'
import { apply, type Method, MethodPatch } from '../../sampler/async/method-patch.js'
import { createTags } from '../../sampler/async/object-tags.js'

const NAMES = ['write', 'end', 'flushHeaders'] as const
type Name = (typeof NAMES)[number]

/** Told of each call of the app's; null: it goes on to what was there before. */
export interface BodyMethods {
  called(name: Name, args: readonly unknown[]): { readonly result: unknown } | null
}

/** Calls what was there before, as the app would. */
export class Underneath {
  readonly #response: ServerResponse
  readonly #methods: Methods
  readonly #own: boolean

  /** From now on `above` is told. */
  constructor(response: ServerResponse, above: BodyMethods) {
    this.#response = response
    const shared = methodsOfNode()
    this.#own = !NAMES.every((name) => shared.isReached(response, name))
    this.#methods = this.#own ? new Methods(response) : shared
    holders.set(response, above)
  }

  call(name: Name, ...args: readonly unknown[]): unknown {
    return this.#methods.call(name, this.#response, args)
  }

  /** Nobody is told any more. */
  letGo(): void {
    holders.set(this.#response, null)
    if (this.#own) this.#methods.remove()
  }
}

// --- internal ---

const holders = createTags<BodyMethods>()

class Methods {
  readonly #target: object
  readonly #originals: Partial<Record<Name, Method>> = {}
  readonly #patches: readonly MethodPatch[]

  constructor(target: object) {
    this.#target = target
    this.#patches = NAMES.map((name) => {
      return new MethodPatch(target, name, (original) => this.#around(name, original))
    })
    this.install()
  }

  /** Again, where somebody has undone it. */
  install(): void {
    for (const patch of this.#patches) patch.install()
  }

  /** A call of the response's method comes here, with nobody's in between. */
  isReached(response: ServerResponse, name: Name): boolean {
    const isPatched = this.#patches.every((patch) => patch.isInPlace)
    return isPatched && Reflect.get(response, name) === Reflect.get(this.#target, name)
  }

  call(name: Name, response: ServerResponse, args: readonly unknown[]): unknown {
    return apply(this.#originals[name]!, response, args)
  }

  remove(): void {
    for (const patch of this.#patches) patch.remove()
  }

  // --- internal ---

  #around(name: Name, original: Method): Method {
    this.#originals[name] = original
    return function method(...args) {
      const done = holders.get(this)?.called(name, args) ?? null
      return done === null ? apply(original, this, args) : done.result
    }
  }
}

let ofNode: Methods | null = null

function methodsOfNode(): Methods {
  ofNode ??= new Methods(ServerResponse.prototype)
  ofNode.install()
  return ofNode
}
