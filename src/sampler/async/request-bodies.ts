/**
 * The rest of a server's request comes in on a connection that many share; what is called when it
 * comes (`data`, `end`) is the request's.
 */
import { Duplex, Readable } from 'node:stream'
import { apply, MethodPatch } from './method-patch.js'
import { createTags } from './object-tags.js'
import { arrivalText } from './request-names.js'
import type { Runner } from './runner.js'
import { type RequestContext, Wait } from './waits.js'

export class RequestBodies {
  readonly #runner: Runner
  readonly #passerOf: (request: object) => RequestContext | null
  readonly #owners = createTags<Wait>()
  /** By prototype: of HTTP/1 and HTTP/2 there are one and two. */
  readonly #patches = new Map<object, MethodPatch>()
  #isEnabled = false

  /** `passerOf`: whose request it is of one that nobody has told of here. */
  constructor(runner: Runner, passerOf: (request: object) => RequestContext | null) {
    this.#runner = runner
    this.#passerOf = passerOf
  }

  enable(): void {
    this.#isEnabled = true
    this.#patch(process.getBuiltinModule('node:http').IncomingMessage.prototype)
    for (const patch of this.#patches.values()) patch.install()
  }

  disable(): void {
    this.#isEnabled = false
    for (const patch of this.#patches.values()) patch.rest()
  }

  remove(): void {
    for (const patch of this.#patches.values()) patch.remove()
  }

  /** What comes in for the request is the wait's context's. */
  own(request: object, wait: Wait): void {
    if (!this.#isEnabled) return
    this.#ownStream(request, wait)
    // Of HTTP/2, the request reads from this.
    const { stream } = request as { readonly stream?: unknown }
    if (stream instanceof Duplex) this.#ownStream(stream, wait)
  }

  // --- internal ---

  /** Something has come in; what goes on by it. */
  #arrives(request: object): Wait | null {
    try {
      const { current, log } = this.#runner
      const owner = this.#ownerOf(request)
      if (owner === null) return null
      const { context } = owner
      // Of HTTP/1, the parser's callback is the request's already.
      if (current?.context === context) return current
      if (!context.follows) return owner
      const wait = new Wait(context, owner)
      wait.what = arrivalText(request)
      log.brings(context, wait.what)
      return wait
    } catch {
      return null
    }
  }

  /** Null also where nothing is to come. */
  #ownerOf(stream: object): Wait | null {
    const owner = this.#owners.get(stream)
    if (owner !== null || !hasBody(stream)) return owner
    return this.#passerOf(stream)?.root ?? null
  }

  #ownStream(stream: object, wait: Wait): void {
    const prototype = prototypeOf(stream)
    if (prototype === null) return
    this.#owners.set(stream, wait)
    this.#patch(prototype)
  }

  #patch(prototype: object): void {
    if (this.#patches.has(prototype)) return
    const bodies = this
    const patch = new MethodPatch(
      prototype,
      'push',
      (original, patch) =>
        function push(...args) {
          const owner = patch.active ? bodies.#arrives(this) : null
          if (owner === null) return apply(original, this, args)
          return bodies.#runner.run(owner, () => apply(original, this, args))
        },
    )
    this.#patches.set(prototype, patch)
    patch.install()
  }
}

// --- internal ---

/** Of HTTP/1, by its own word. */
function hasBody(request: { readonly headers?: Readonly<Record<string, unknown>> }): boolean {
  const { headers } = request
  if (headers === undefined) return false
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}

/** Of its class in Node, below which frameworks may have put their own; null: no such stream. */
function prototypeOf(stream: object): object | null {
  for (let at: object | null = stream; at !== null; at = Object.getPrototypeOf(at)) {
    const above = Object.getPrototypeOf(at)
    if (above === Readable.prototype || above === Duplex.prototype) return at
  }
  return null
}
