/**
 * The requests of all servers of a thread: what they emit them with is patched where they inherit
 * it from, so that the app runs inside, whatever it has made of its server.
 */
import { type Around, apply, type Method, MethodPatch } from '../sampler/async/method-patch.js'
import type { Handling } from './handling.js'
import { hasMount } from './mounts.js'
import type { IncomingRequest, OutgoingResponse } from './request.js'

export class ServerRequests {
  readonly #open: () => Handling
  readonly #patched = new Set<Kind>()
  #handling: Handling | null = null

  /** `open` is called for the first server, unless the app itself decides about its requests. */
  constructor(open: () => Handling) {
    this.#open = open
  }

  /** Of all kinds of servers that the app has loaded until now. */
  watch(): void {
    if (!hasMount()) this.#handling ??= this.#open()
    for (const kind of KINDS) if (!this.#patched.has(kind) && isLoaded(kind)) this.#patch(kind)
  }

  // --- internal ---

  #patch(kind: Kind): void {
    this.#patched.add(kind)
    for (const prototype of prototypesOf(kind)) {
      const around: Around = (original, patch) => this.#around(original, patch)
      new MethodPatch(prototype, 'emit', around).install()
    }
  }

  #around(original: Method, patch: MethodPatch): Method {
    const requests = this
    return function emit(...args) {
      const handling = patch.active && brings(args) ? requests.#current() : null
      if (handling === null) return apply(original, this, args)
      return serve(handling, this as Emitter, original, args)
    }
  }

  /** Null where the app's own mount decides. */
  #current(): Handling | null {
    if (hasMount()) return null
    this.#handling ??= this.#open()
    return this.#handling
  }
}

// --- internal ---

const KINDS = ['http', 'https', 'http2'] as const
type Kind = (typeof KINDS)[number]

interface Emitter {
  listenerCount(event: string): number
}

function brings(args: readonly unknown[]): boolean {
  const [event] = args
  return event === 'request' || event === 'checkContinue' || event === 'checkExpectation'
}

/** As emitting it does without us: returns what it returns, and throws what it throws. */
function serve(
  handling: Handling,
  server: Emitter,
  original: Method,
  args: readonly unknown[],
): unknown {
  const [event, request, response] = args
  let isEmitted = false
  let result: unknown
  handling.handle(request as IncomingRequest, response as OutgoingResponse, () => {
    isEmitted = true
    result = apply(original, server, args)
  })
  // Later, when the gate has decided.
  return isEmitted ? result : server.listenerCount(event as string) > 0
}

/** Loading one of Node's modules for its servers would be most of what a start costs. */
function isLoaded(kind: Kind): boolean {
  const { moduleLoadList } = process as { moduleLoadList?: readonly string[] }
  return moduleLoadList?.includes(`NativeModule ${kind}`) ?? true
}

/** Those of HTTP/2 are exported by nothing. */
function prototypesOf(kind: Kind): object[] {
  if (kind !== 'http2') return [process.getBuiltinModule(`node:${kind}`).Server.prototype]
  const { createServer, createSecureServer } = process.getBuiltinModule('node:http2')
  return [createServer(), createSecureServer()].map((server) => Object.getPrototypeOf(server))
}
