/**
 * What a context has asked for and not got yet: timers, files, look-ups, connections, work of the
 * thread pool, HTTP requests. When one of several answers, the others are told apart from it.
 * Sockets are no part of it: they are always open.
 */
import { describeResource } from './describe-resource.js'

/** Of a context that asks for more, the oldest are forgotten. */
const MOST = 64
/** Told by name; of more, how many. */
const NAMED = 4

/** Types of `async_hooks` that answer once. */
const ANSWERED_ONCE: ReadonlySet<string> = new Set([
  ...['Timeout', 'FSREQCALLBACK', 'FSREQPROMISE', 'GETADDRINFOREQWRAP', 'GETNAMEINFOREQWRAP'],
  ...['QUERYWRAP', 'TCPCONNECTWRAP', 'PIPECONNECTWRAP', 'HTTPCLIENTREQUEST', 'PBKDF2REQUEST'],
  ...['SCRYPTREQUEST', 'RANDOMBYTESREQUEST', 'HASHREQUEST', 'KEYPAIRGENREQUEST', 'SIGNREQUEST'],
])

export class PendingOperations {
  /** Of contexts that are not followed. */
  static readonly NONE = new PendingOperations()
  readonly #resources = new Set<object>()

  /** True if it is of a kind that is listed. */
  static isOne(type: string): boolean {
    return ANSWERED_ONCE.has(type)
  }

  add(resource: object): void {
    this.#resources.add(resource)
    if (this.#resources.size <= MOST) return
    for (const oldest of this.#resources) return void this.#resources.delete(oldest)
  }

  answered(resource: object): void {
    this.#resources.delete(resource)
  }

  clear(): void {
    this.#resources.clear()
  }

  /** `timer 300 ms, dns example.com`; '' if there are none. */
  describe(): string {
    const counts = new Map<string, number>()
    for (const resource of this.#resources) {
      if (isNothing(resource)) this.#resources.delete(resource)
      else {
        const what = describeResource(resource)
        if (what !== '') counts.set(what, (counts.get(what) ?? 0) + 1)
      }
    }
    const texts = [...counts].map(([what, count]) => (count === 1 ? what : `${count} × ${what}`))
    const left = texts.length - NAMED
    return texts.slice(0, NAMED).join(', ') + (left > 0 ? `, ${left} more` : '')
  }
}

// --- internal ---

/**
 * A timer that was cleared, or has fired, or keeps no process alive: Node sets such ones for
 * itself, for what is to happen if nothing does (a connection's time-out, the date in its headers).
 */
function isNothing(resource: object): boolean {
  const timer = resource as { _destroyed?: unknown; hasRef?(): boolean }
  return timer._destroyed === true || timer.hasRef?.() === false
}
