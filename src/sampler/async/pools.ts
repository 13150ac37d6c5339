/**
 * Connection pools that keep those who wait in a queue of their own: a callback that they are given
 * runs when somebody else gives a connection back, and shall run as whoever asked for it.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createRequire } from 'node:module'
import { MethodPatch } from './method-patch.js'
import { createTags } from './object-tags.js'
import { continueFrom, type Runner } from './runner.js'
import type { SocketOwners } from './socket-owners.js'
import type { Wait } from './waits.js'

export class Pools {
  readonly #runner: Runner
  readonly #sockets: SocketOwners
  readonly #patches = new Map<object, readonly MethodPatch[]>()
  readonly #checkouts = createTags<Checkout>()
  #isEnabled = false
  #modulesSeen = 0

  constructor(runner: Runner, sockets: SocketOwners) {
    this.#runner = runner
    this.#sockets = sockets
  }

  enable(): void {
    this.#isEnabled = true
    for (const [channel, listener] of this.#mysql2) subscribe(channel, listener)
    for (const patches of this.#patches.values()) for (const patch of patches) patch.install()
    this.look()
  }

  disable(): void {
    this.#isEnabled = false
    for (const [channel, listener] of this.#mysql2) unsubscribe(channel, listener)
    for (const patches of this.#patches.values()) for (const patch of patches) patch.remove()
  }

  /** Looks for drivers among the modules that the app has loaded since the last time. */
  look(): void {
    if (!this.#isEnabled) return
    const paths = Object.keys(modules)
    if (paths.length === this.#modulesSeen) return
    this.#modulesSeen = paths.length
    for (const path of paths) if (PG_POOL.test(path)) this.#patchPgPool(modules[path]?.exports)
  }

  // --- internal ---

  #patchPgPool(Pool: unknown): void {
    if (typeof Pool !== 'function' || this.#patches.has(Pool)) return
    const { prototype } = Pool
    if (typeof prototype !== 'object' || prototype === null) return
    const pools = this
    const patches = [
      new MethodPatch(
        prototype,
        'connect',
        (original, patch) =>
          function connect(callback, ...rest) {
            const bound =
              patch.active && typeof callback === 'function'
                ? pools.#bound(callback as Callback)
                : callback
            return Reflect.apply(original, this, [bound, ...rest])
          },
      ),
      new MethodPatch(
        prototype,
        '_acquireClient',
        (original, patch) =>
          function _acquireClient(...args) {
            if (patch.active) pools.#handOver((args[0] as PgClient | undefined)?.connection?.stream)
            return Reflect.apply(original, this, args)
          },
      ),
    ]
    this.#patches.set(Pool, patches)
    for (const patch of patches) patch.install()
  }

  /** The callback as code of whoever runs now. */
  #bound(callback: Callback): Callback {
    const runner = this.#runner
    const { current } = runner
    const wait = current && continueFrom(current, false)
    return function bound(...args) {
      return runner.run(wait, () => Reflect.apply(callback, this, args))
    }
  }

  #handOver(socket: unknown): void {
    if (typeof socket === 'object' && socket !== null) this.#sockets.handOver(socket)
  }

  readonly #mysql2: readonly (readonly [string, (message: unknown) => void])[] = [
    [`${MYSQL2_POOL}:start`, (message) => this.#asked(message as object)],
    [`${MYSQL2_POOL}:asyncStart`, (message) => this.#given(message as Mysql2Message)],
    [`${MYSQL2_POOL}:asyncEnd`, (message) => this.#checkouts.get(message as object)?.leave?.()],
  ]

  #asked(message: object): void {
    const { current } = this.#runner
    this.#checkouts.set(message, { wait: current && continueFrom(current, false), leave: null })
  }

  #given(message: Mysql2Message): void {
    const checkout = this.#checkouts.get(message)
    if (checkout === null) return
    this.#handOver(message.result?.stream)
    checkout.leave = this.#runner.enter(checkout.wait)
  }
}

// --- internal ---

const modules = createRequire(import.meta.url).cache
const PG_POOL = /[\\/]pg-pool[\\/]index\.js$/
const MYSQL2_POOL = 'tracing:mysql2:pool:connect'

type Callback = (this: unknown, ...args: unknown[]) => unknown

interface PgClient {
  readonly connection?: { readonly stream?: unknown }
}

interface Mysql2Message {
  readonly result?: { readonly stream?: unknown }
}

/** Somebody has asked a pool for a connection. */
interface Checkout {
  readonly wait: Wait | null
  leave: (() => void) | null
}
