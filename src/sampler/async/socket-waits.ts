/** What was asked on each connection and by whom, until the answer is there. */
import { createTags } from './object-tags.js'
import { connectionOf, type Peer } from './peers.js'
import type { NotedWait, WaitLog } from './wait-log.js'
import type { RequestContext } from './waits.js'

export class SocketWaits {
  readonly #log: WaitLog
  readonly #lines = createTags<Line>()

  constructor(log: WaitLog) {
    this.#log = log
  }

  /** The context has written. */
  asked(socket: Peer, context: RequestContext): void {
    const line = this.#lineOf(socket)
    if (line.waits.some((wait) => wait.context === context)) return
    // What has never answered may be a log's server: it is not waited for.
    const wait = line.answers ? this.#log.begin(context, textOf(line)) : this.#log.perhaps(context)
    line.waits.push(wait)
  }

  /** Something has come in: to all that have asked, as far as can be told. */
  arrived(socket: Peer): void {
    const line = this.#lines.get(socket)
    if (line === null) return
    line.answers = true
    if (line.peer === '') line.peer = connectionOf(socket)
    for (const wait of line.waits) {
      if (wait.what === '') wait.what = textOf(line)
      this.#log.end(wait)
    }
    // Whose the rest is, is not known where several have asked.
    if (line.waits.length > 1) line.waits = []
  }

  /** What comes in from now on is what this wait, which has another name, is for. */
  answers(socket: Peer, wait: NotedWait): void {
    const line = this.#lineOf(socket)
    for (const each of line.waits) if (each !== wait) this.#log.forget(each)
    line.waits = [wait]
  }

  /** A driver’s pool has handed it over: `pg db.internal:5432`, not `TCP …`. */
  named(socket: Peer, driver: string): void {
    this.#lineOf(socket).driver = driver
  }

  /** What was asked before is answered. */
  clear(socket: object): void {
    const line = this.#lines.get(socket)
    if (line !== null) line.waits = []
  }

  // --- internal ---

  #lineOf(socket: Peer): Line {
    let line = this.#lines.get(socket)
    if (line === null) {
      line = { waits: [], peer: connectionOf(socket), driver: '', answers: false }
      this.#lines.set(socket, line)
    }
    return line
  }
}

// --- internal ---

interface Line {
  waits: NotedWait[]
  peer: string
  /** Where it is known. */
  driver: string
  /** It has answered before. */
  answers: boolean
}

function textOf({ peer, driver }: Line): string {
  return driver === '' ? peer : peer.replace(/^\w+(?= )/, driver)
}
