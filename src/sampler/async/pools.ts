/**
 * Connection pools that keep those who wait in a queue of their own: a callback that they are given
 * runs when somebody else gives a connection back, and shall run as whoever asked for it.
 */
import { now } from '../clock.js'
import { type Around, apply } from './method-patch.js'
import { type Patched, prototypeOf } from './module-patches.js'
import { createTags } from './object-tags.js'
import { continueFrom, type Runner } from './runner.js'
import type { SocketOwners } from './socket-owners.js'
import type { NotedWait, WaitLog } from './wait-log.js'
import type { Wait } from './waits.js'

export class Pools {
  readonly #runner: Runner
  readonly #sockets: SocketOwners
  readonly #log: WaitLog
  readonly #checkouts = createTags<Checkout>()
  readonly #pgPools = createTags<string>()
  /** Of ours. */
  readonly #callbacks = createTags<true>()
  /** What of drivers has to be patched for it. */
  readonly patched: readonly Patched[]

  constructor(runner: Runner, sockets: SocketOwners, log: WaitLog) {
    this.#runner = runner
    this.#sockets = sockets
    this.#log = log
    this.patched = [
      { path: PG_POOL, prototypeOf, methods: this.#pgPool() },
      { path: MYSQL2_POOL, prototypeOf: ownerOfGetConnection, methods: this.#mysql2Pool() },
    ]
  }

  // --- internal ---

  #pgPool(): Record<string, Around> {
    const pools = this
    const connect: Around = (original, patch) =>
      function connect(...args: unknown[]) {
        if (!patch.active) return apply(original, this, args)
        const pool = this as PgPool
        if (typeof args[0] === 'function') {
          pools.#bind(args, () => pools.#checkOut(pools.#pgPoolText(pool), !isFree(pool)))
          return apply(original, this, args)
        }
        const last = lastInQueue(pool)
        const given = apply(original, this, args)
        pools.#queued(pool, last)
        return given
      }
    const acquire: Around = (original, patch) =>
      function _acquireClient(...args) {
        if (patch.active) pools.#acquired(args[0], args[1])
        return apply(original, this, args)
      }
    return { connect, _acquireClient: acquire }
  }

  /** Its channel would throw where the app gives no callback. */
  #mysql2Pool(): Record<string, Around> {
    const pools = this
    const give = (connection: unknown) =>
      pools.#handOver((connection as Mysql2Connection | undefined)?.stream, 'mysql2')
    const getConnection: Around = (original, patch) =>
      function getConnection(...args: unknown[]) {
        const [callback] = args
        // Who has waited in its queue asks again with ours.
        const isNew = typeof callback === 'function' && pools.#callbacks.get(callback) === null
        if (patch.active && isNew) {
          pools.#bind(args, () => pools.#checkOut(mysql2Text(this as Mysql2Pool)), give)
        }
        return apply(original, this, args)
      }
    return { getConnection }
  }

  /** In place of the callback, the first argument, the same as code of whoever runs now. */
  #bind(args: unknown[], checkOut: () => Checkout, give?: (connection: unknown) => void): void {
    try {
      const bound = this.#bound(checkOut(), args[0] as Callback, give)
      this.#callbacks.set(bound, true)
      args[0] = bound
    } catch {
      // It is called as whoever gives the connection back.
    }
  }

  #bound(checkout: Checkout, callback: Callback, give?: (connection: unknown) => void): Callback {
    const pools = this
    return function bound(...args) {
      try {
        pools.#given(checkout)
        give?.(args[1])
      } catch {
        // Nothing is known of the wait, then.
      }
      return pools.#runner.run(checkout.wait, () => apply(callback, this as object, args))
    }
  }

  /** Whoever runs now has been promised a connection, and waits in the queue where it has grown. */
  #queued(pool: PgPool, last: object | null): void {
    try {
      const item = lastInQueue(pool)
      if (item === null || item === last) return
      // It may give up, of which nobody tells us.
      const most = pool.options?.connectionTimeoutMillis
      this.#checkouts.set(item, this.#checkOut(this.#pgPoolText(pool), false, most))
    } catch {
      // Another shape than we know.
    }
  }

  #acquired(client: unknown, item: unknown): void {
    try {
      this.#handOver((client as PgClient | undefined)?.connection?.stream, 'pg')
      const checkout = typeof item === 'object' && item !== null ? this.#checkouts.get(item) : null
      if (checkout !== null) this.#given(checkout)
    } catch {
      // As above.
    }
  }

  /**
   * Whoever runs now has asked for a connection. `surely`: we are told what becomes of it; else it
   * is given up after `most` ms, where the app says so.
   */
  #checkOut(what: string, surely = true, most?: unknown): Checkout {
    const { current } = this.#runner
    const wait = current && continueFrom(current, false)
    const context = current?.context.notesWaits ? current.context : null
    const noted =
      context && (surely ? this.#log.begin(context, what) : this.#log.perhaps(context, what, most))
    return { wait, what, noted, at: noted?.begin ?? now() }
  }

  /** `pg pool db.internal:5432`, as far as the app has said it. */
  #pgPoolText(pool: PgPool): string {
    let text = this.#pgPools.get(pool)
    if (text === null) {
      text = pgPoolText(pool)
      this.#pgPools.set(pool, text)
    }
    return text
  }

  #given({ wait, what, noted, at }: Checkout): void {
    const isWait = now() - at >= SHORTEST_MS
    if (wait?.context.follows && isWait) {
      wait.what = what
      this.#runner.log.brings(wait.context, what)
    }
    if (noted === null) return
    if (isWait) this.#log.end(noted)
    else this.#log.forget(noted)
  }

  #handOver(socket: unknown, driver: string): void {
    if (typeof socket === 'object' && socket !== null) this.#sockets.handOver(socket, driver)
  }
}

// --- internal ---

const PG_POOL = /[\\/]pg-pool[\\/]index\.js$/
/** A connection that is there at once is not waited for, ms. */
const SHORTEST_MS = 0.2
const MYSQL2_POOL = /[\\/]mysql2[\\/]lib[\\/](base[\\/])?pool\.js$/

type Callback = (this: unknown, ...args: unknown[]) => unknown

interface PgClient {
  readonly connection?: { readonly stream?: unknown }
}

interface PgPool {
  readonly _pendingQueue?: readonly object[]
  readonly _idle?: readonly object[]
  readonly options?: {
    readonly host?: string
    readonly port?: number
    readonly connectionString?: string
    /** Ms. */
    readonly connectionTimeoutMillis?: unknown
  }
}

interface Mysql2Connection {
  readonly stream?: unknown
}

interface Mysql2Pool {
  readonly config?: {
    readonly connectionConfig?: {
      readonly socketPath?: string
      readonly host?: string
      readonly port?: number
    }
  }
}

/** Somebody has asked a pool for a connection. */
interface Checkout {
  readonly wait: Wait | null
  readonly what: string
  readonly noted: NotedWait | null
  /** ms. */
  readonly at: number
}

/** A connection is there, and will be given in the same turn of the loop. */
function isFree({ _idle: idle, _pendingQueue: queue }: PgPool): boolean {
  return Array.isArray(idle) && Array.isArray(queue) && idle.length > queue.length
}

function lastInQueue(pool: PgPool): object | null {
  try {
    const { _pendingQueue: queue } = pool
    return (Array.isArray(queue) && queue[queue.length - 1]) || null
  } catch {
    return null
  }
}

function pgPoolText({ options }: PgPool): string {
  const { host, port, connectionString } = options ?? {}
  if (host !== undefined) return `pg pool ${host}${port === undefined ? '' : `:${port}`}`
  if (connectionString === undefined) return 'pg pool'
  // Its host alone: there is a password in it.
  return URL.canParse(connectionString) ? `pg pool ${new URL(connectionString).host}` : 'pg pool'
}

/** Of a class that has the method itself, and does not inherit it from another that is patched. */
function ownerOfGetConnection(exported: unknown): unknown {
  const prototype = prototypeOf(exported)
  const isOwn = typeof prototype === 'object' && Object.hasOwn(prototype ?? {}, 'getConnection')
  return isOwn ? prototype : null
}

function mysql2Text({ config }: Mysql2Pool): string {
  const { socketPath, host, port } = config?.connectionConfig ?? {}
  return `mysql2 pool ${socketPath ?? `${host || 'localhost'}:${port || 3306}`}`
}
