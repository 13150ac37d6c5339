/**
 * Commands for Redis, by their names: many use one connection at once, and what has been written to
 * it does not say whose answer comes. Neither `redis` nor `ioredis` has a sign that could be
 * listened to without a change to the app: a channel's listener makes them give it other promises,
 * which are settled later, and read its arguments as texts. But both have methods through which all
 * commands and replies go.
 */
import { type Around, apply } from './method-patch.js'
import { type Patched, prototypeOf } from './module-patches.js'
import { createTags } from './object-tags.js'
import type { Runner } from './runner.js'
import type { NotedWait, WaitLog } from './wait-log.js'
import type { RequestContext } from './waits.js'

export class Redis {
  readonly #runner: Runner
  readonly #log: WaitLog
  readonly #commands = createTags<Asked>()
  /** What of clients has to be patched for it. */
  readonly patched: readonly Patched[]
  /** Of `redis`: what is queued now is for that client. */
  #server: string | null = null

  constructor(runner: Runner, log: WaitLog) {
    this.#runner = runner
    this.#log = log
    const sendCommand = this.#sendCommand()
    const ofDefault = (exported: unknown) =>
      prototypeOf((exported as { default?: unknown } | null)?.default)
    this.patched = [
      { path: IOREDIS.clients, prototypeOf: ofDefault, methods: { sendCommand } },
      {
        path: IOREDIS.replies,
        prototypeOf: ofDefault,
        methods: { shiftCommand: this.#shiftCommand() },
      },
      {
        path: NODE_REDIS.clients,
        prototypeOf: ofDefault,
        methods: { sendCommand: this.#ofClient(), _executePipeline: this.#ofClient() },
      },
      {
        path: NODE_REDIS.queues,
        prototypeOf: (exported) => prototypeOf((exported as Queues | null)?.DoublyLinkedList),
        methods: { add: this.#add() },
      },
      {
        path: NODE_REDIS.queues,
        prototypeOf: (exported) => prototypeOf((exported as Queues | null)?.SinglyLinkedList),
        methods: { shift: this.#shift() },
      },
    ]
  }

  // --- internal ---

  /** A pipeline passes its commands on: the first time is when somebody asks. */
  #sendCommand(): Around {
    const redis = this
    return (original, patch) =>
      function sendCommand(...args) {
        if (patch.active) redis.#sends(this as Client, args[0])
        return apply(original, this, args)
      }
  }

  #shiftCommand(): Around {
    const redis = this
    return (original, patch) =>
      function shiftCommand(...args) {
        const item = apply(original, this, args)
        if (patch.active) redis.#shifted(item)
        return item
      }
  }

  /** It queues its commands before it returns. */
  #ofClient(): Around {
    const redis = this
    return (original, patch) =>
      function send(...args) {
        if (!patch.active) return apply(original, this, args)
        const outer = redis.#server
        redis.#server = serverBehind(this as NodeRedisClient)
        try {
          return apply(original, this, args)
        } finally {
          redis.#server = outer
        }
      }
  }

  /** Into the queue of what is to be written. */
  #add(): Around {
    const redis = this
    return (original, patch) =>
      function add(...args) {
        if (patch.active && redis.#server !== null) redis.#queued(args[0], redis.#server)
        return apply(original, this, args)
      }
  }

  /** Out of the queue of what waits for its reply. */
  #shift(): Around {
    const redis = this
    return (original, patch) =>
      function shift(...args) {
        const item = apply(original, this, args)
        if (patch.active) redis.#shiftedOut(item)
        return item
      }
  }

  #queued(item: unknown, server: string): void {
    try {
      const { args } = item as { readonly args?: readonly unknown[] }
      this.#asked(item as object, `${nameOf(args?.[0])} ${server}`)
    } catch {
      // Another shape than we know.
    }
  }

  #sends(client: Client, command: unknown): void {
    try {
      if (!isObject(command) || this.#commands.get(command) !== null) return
      const options = client.options ?? client.redis?.options ?? {}
      const what = `${nameOf((command as { name?: unknown }).name)} ${serverIn(options)}`.trimEnd()
      this.#asked(command, what, options.commandTimeout)
    } catch {
      // Another shape than we know.
    }
  }

  #shifted(item: unknown): void {
    try {
      const command = (item as { command?: unknown } | undefined)?.command
      if (isObject(command)) this.#answered(command)
    } catch {
      // As above.
    }
  }

  #shiftedOut(item: unknown): void {
    try {
      if (isObject(item)) this.#answered(item)
    } catch {
      // As above.
    }
  }

  /** Nobody tells us of those that come to nothing; it is given up after `most` ms, if set. */
  #asked(command: object, what: string, most?: unknown): void {
    const context = this.#runner.current?.context
    if (context === undefined || !(context.follows || context.notesWaits)) return
    const noted = context.notesWaits ? this.#log.perhaps(context, what, most) : null
    this.#commands.set(command, { context, what, noted })
  }

  #answered(command: object): void {
    const asked = this.#commands.get(command)
    if (asked === null) return
    if (asked.context.follows) this.#runner.log.answers(asked.context, asked.what)
    if (asked.noted !== null) this.#log.end(asked.noted)
  }
}

// --- internal ---

const IOREDIS = {
  clients: /[\\/]ioredis[\\/]built[\\/]((redis[\\/]index|Redis)|[Pp]ipeline)\.js$/,
  replies: /[\\/]ioredis[\\/]built[\\/]DataHandler\.js$/,
}

const NODE_REDIS = {
  clients: /[\\/]@redis[\\/]client[\\/]dist[\\/]lib[\\/]client[\\/]index\.js$/,
  queues: /[\\/]@redis[\\/]client[\\/]dist[\\/]lib[\\/]client[\\/]linked-list\.js$/,
}

interface Queues {
  readonly DoublyLinkedList?: unknown
  readonly SinglyLinkedList?: unknown
}

/** Of `redis`. */
interface NodeRedisClient {
  readonly options?: { readonly socket?: ClientOptions }
}

/** Of `ioredis`: a connection, or a pipeline of one. */
interface Client {
  readonly options?: ClientOptions
  readonly redis?: { readonly options?: ClientOptions }
}

interface ClientOptions {
  readonly path?: string
  readonly host?: string
  readonly port?: number
  /** Ms. */
  readonly commandTimeout?: unknown
  /** They know where the server is: `host` and `port` are those of nobody. */
  readonly sentinels?: object | null
  /** What they call it. */
  readonly name?: string
}

interface Asked {
  readonly context: RequestContext
  readonly what: string
  readonly noted: NotedWait | null
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** A word; what else an app may have sent is not told. */
function nameOf(command: unknown): string {
  const isWord = typeof command === 'string' && /^[a-z][\w.-]{0,31}$/i.test(command)
  return isWord ? `redis ${command.toUpperCase()}` : 'redis'
}

function serverBehind({ options }: NodeRedisClient): string | null {
  try {
    const { path, host = 'localhost', port = 6379 } = options?.socket ?? {}
    return path ?? serverOf(host, port)
  } catch {
    return null
  }
}

function serverIn({ path, host, port, sentinels, name }: ClientOptions): string {
  return sentinels ? (name ?? '') : (path ?? serverOf(host ?? 'localhost', port))
}

function serverOf(address = '', port: number | string = ''): string {
  const host = address.includes(':') ? `[${address}]` : address
  return port === '' ? host : `${host}:${port}`
}
