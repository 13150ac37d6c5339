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
    for (const wait of line.waits) if (wait.context === context) return
    // What has never answered may be a log's server: it is not waited for.
    const wait = line.answers ? this.#log.begin(context, line.text) : this.#log.perhaps(context)
    line.waits.push(wait)
  }

  /** Something has come in: to all that have asked, as far as can be told. */
  arrived(socket: Peer): void {
    const line = this.#lines.get(socket)
    if (line === null) return
    line.answers = true
    if (line.peer === '') nameLine(line, connectionOf(socket), line.driver)
    for (const wait of line.waits) {
      if (wait.what === '') wait.what = line.text
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
    const line = this.#lineOf(socket)
    if (line.driver !== driver) nameLine(line, line.peer, driver)
  }

  /** What was asked before is answered. */
  clear(socket: object): void {
    const line = this.#lines.get(socket)
    if (line !== null && line.waits.length > 0) line.waits = []
  }

  // --- internal ---

  #lineOf(socket: Peer): Line {
    let line = this.#lines.get(socket)
    if (line === null) {
      line = { waits: [], peer: '', driver: '', text: '', answers: false }
      nameLine(line, connectionOf(socket), '')
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
  /** What a wait for it is called. */
  text: string
  /** It has answered before. */
  answers: boolean
}

function nameLine(line: Line, peer: string, driver: string): void {
  line.peer = peer
  line.driver = driver
  line.text = driver === '' ? peer : peer.replace(/^\w+(?= )/, driver)
}
