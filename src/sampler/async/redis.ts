/**
 * Commands for Redis, by their names: many use one connection at once, and what has been written to
 * it does not say whose answer comes. `redis` says so itself; `ioredis` has no sign that could be
 * listened to without a change to the app, but two methods through which all commands and replies
 * go.
 */
import { listenersOf } from './channels.js'
import type { Around } from './method-patch.js'
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
  readonly #channels = listenersOf({
    [`${COMMAND}:start`]: (message: Message) => {
      const { command, serverAddress, serverPort } = message
      this.#asked(message, `${nameOf(command)} ${serverOf(serverAddress, serverPort)}`, true)
    },
    [`${COMMAND}:asyncStart`]: (message: Message) => this.#answered(message),
  })

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
    ]
  }

  enable(): void {
    this.#channels.enable()
  }

  disable(): void {
    this.#channels.disable()
  }

  // --- internal ---

  /** A pipeline passes its commands on: the first time is when somebody asks. */
  #sendCommand(): Around {
    const redis = this
    return (original, patch) =>
      function sendCommand(...args) {
        if (patch.active) redis.#sends(this as Client, args[0])
        return Reflect.apply(original, this, args)
      }
  }

  #shiftCommand(): Around {
    const redis = this
    return (original, patch) =>
      function shiftCommand(...args) {
        const item = Reflect.apply(original, this, args)
        if (patch.active) redis.#shifted(item)
        return item
      }
  }

  #sends(client: Client, command: unknown): void {
    try {
      if (!isObject(command) || this.#commands.get(command) !== null) return
      const options = client.options ?? client.redis?.options ?? {}
      const what = `${nameOf((command as { name?: unknown }).name)} ${serverIn(options)}`.trimEnd()
      // Nobody tells us of those that come to nothing.
      this.#asked(command, what, false, options.commandTimeout)
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

  /** `surely`: we are told what becomes of it; else it is given up after `most` ms, if set. */
  #asked(command: object, what: string, surely: boolean, most?: unknown): void {
    const context = this.#runner.current?.context
    if (context === undefined || !(context.follows || context.notesWaits)) return
    this.#commands.set(command, { context, what, noted: this.#note(context, what, surely, most) })
  }

  #note(context: RequestContext, what: string, surely: boolean, most: unknown): NotedWait | null {
    if (!context.notesWaits) return null
    return surely ? this.#log.begin(context, what) : this.#log.perhaps(context, what, most)
  }

  #answered(command: object): void {
    const asked = this.#commands.get(command)
    if (asked === null) return
    if (asked.context.follows) this.#runner.log.answers(asked.context, asked.what)
    if (asked.noted !== null) this.#log.end(asked.noted)
  }
}

// --- internal ---

const COMMAND = 'tracing:node-redis:command'
const IOREDIS = {
  clients: /[\\/]ioredis[\\/]built[\\/]((redis[\\/]index|Redis)|[Pp]ipeline)\.js$/,
  replies: /[\\/]ioredis[\\/]built[\\/]DataHandler\.js$/,
}

interface Message {
  readonly command?: unknown
  readonly serverAddress?: string
  readonly serverPort?: number
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

function serverIn({ path, host, port, sentinels, name }: ClientOptions): string {
  return sentinels ? (name ?? '') : (path ?? serverOf(host ?? 'localhost', port))
}

function serverOf(address = '', port: number | string = ''): string {
  const host = address.includes(':') ? `[${address}]` : address
  return port === '' ? host : `${host}:${port}`
}
