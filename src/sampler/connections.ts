/**
 * When a request may have come, from what its connection tells: a new one waits to be accepted, one
 * for each turn of the loop; one that is kept alive brings nothing before the last answer is there.
 *
 * Node tells of connections and requests on its diagnostics channels, before the app sees them.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { MethodPatch } from './async/method-patch.js'
import { createTags } from './async/object-tags.js'
import { now } from './clock.js'
import { clusterWorkerId } from './cluster-worker.js'
import type { LoopTurns } from './loop-turns.js'
import type { QueueBound } from './queue-bound.js'

/** What the loop says of its turns. */
type Turns = Pick<
  LoopTurns,
  'turn' | 'checkedAt' | 'checkedBefore' | 'slept' | 'sleptMs' | 'sleptBeforeMs'
>

export class Connections {
  readonly #turns: Turns
  readonly #connections = createTags<Connection>()
  /** Sessions of HTTP/2 that are known to have brought a request. */
  readonly #sessions = createTags<true>()
  /** The last accept, and since when its like have been waiting, one for each turn. */
  #acceptedTurn = Number.NEGATIVE_INFINITY
  #acceptedFrom: Look | null = null
  /** The first request or connection of a turn, which is of what the turn's poll brought. */
  #seenTurn = -1
  #seenAt = 0
  readonly #isWorker = clusterWorkerId() !== null

  constructor(turns: Turns) {
    this.#turns = turns
  }

  /** From now on connections are watched, for as long as the thread lives. */
  watch(): void {
    listen('net.server.socket', ({ socket }) => this.#accepted(socket))
    listen('http.server.request.start', ({ socket }) => this.#begun(socket))
    stampAnswers((response) => this.#answering(response))
  }

  /** Ask in the callback that brought the request. */
  boundOf(request: IncomingMessage, response: ServerResponse): QueueBound {
    const { turn } = this.#turns
    const at = now()
    if (request.httpVersionMajor > 1) return this.#bound(at, this.#lookForStream(request))
    const connection = this.#connections.get(request.socket)
    // Whoever saw it first kept it from us.
    if (connection?.begunTurn !== turn) return this.#bound(at, null)
    // Its answer is queued behind the one to the request before, which was not waited for.
    const isPipelined = response.socket === null
    if (isPipelined) connection.pipelines = true
    const isEncrypted = 'encrypted' in request.socket
    // The last step of the handshake may have come before it.
    const isOfBatch = !isPipelined && !(isEncrypted && connection.requests === 1)
    const cameBy = isOfBatch && this.#seenTurn === turn ? this.#seenAt : at
    return this.#bound(at, this.#lookFor(connection, isEncrypted), cameBy, isOfBatch)
  }

  /** Since when a request that is not seen yet may have waited. */
  get waitingSince(): number {
    const { turn, checkedBefore } = this.#turns
    const isAccepting = turn - this.#acceptedTurn <= 1
    const acceptedFrom = isAccepting ? this.#acceptedFrom : null
    return Math.min(checkedBefore, acceptedFrom?.at ?? checkedBefore)
  }

  // --- internal ---

  #bound(seenAt: number, look: Look | null, cameBy = seenAt, isOfBatch = false): QueueBound {
    const { sleptMs, checkedAt } = this.#turns
    // On Node 20 a spread would take 0.3 µs longer.
    return {
      seenAt,
      from: look?.at ?? null,
      thenSleptMs: look?.sleptMs ?? 0,
      thenEndedBy: look?.endedBy ?? seenAt,
      isOfSleep: look?.isOfSleep ?? false,
      sleptMs,
      checkedAt,
      cameBy,
      isOfBatch,
    }
  }

  #lookFor(connection: Connection, isEncrypted: boolean): Look | null {
    const { turn, slept } = this.#turns
    const looked = this.#looked()
    if (connection.requests > 1) {
      if (looked === null || connection.pipelines) return looked
      const { at, sleptMs, endedBy, isOfSleep } = looked
      return { at: Math.max(at, connection.answeredAt), sleptMs, endedBy, isOfSleep }
    }
    if (isEncrypted) return looked
    if (connection.acceptedTurn === null) return null
    // The poll after the accept would have brought it, had it been there.
    const isNew = turn - connection.acceptedTurn <= (slept ? 0 : 1)
    return isNew ? connection.acceptedFrom : looked
  }

  #lookForStream(request: IncomingMessage): Look | null {
    const { session, id = 0 } = (request as Http2Request).stream ?? {}
    if (session === undefined) return null
    const isFirst = id <= LAST_FIRST_STREAM && this.#sessions.get(session) === null
    this.#sessions.set(session, true)
    return isFirst && !('encrypted' in request.socket) ? null : this.#looked()
  }

  /**
   * What the loop brings now had not come in then, or it would have brought it before; null: it has
   * not looked often enough since it was first watched.
   */
  #looked(): Look | null {
    const { turn, checkedAt, checkedBefore, sleptMs, sleptBeforeMs } = this.#turns
    if (sleptMs === 0) {
      if (turn < 2) return null
      return { at: checkedBefore, sleptMs: sleptBeforeMs, endedBy: checkedAt, isOfSleep: false }
    }
    const endedBy = this.#seenTurn === turn ? this.#seenAt : now()
    return turn < 1 ? null : { at: checkedAt, sleptMs, endedBy, isOfSleep: true }
  }

  #accepted(socket: object): void {
    const { turn, slept } = this.#turns
    // If it slept, nobody else was waiting.
    if (slept || turn - this.#acceptedTurn > 1) this.#acceptedFrom = this.#looked()
    this.#acceptedTurn = turn
    // In a cluster it is the primary that accepts, and the worker is told.
    const from = this.#isWorker ? null : this.#acceptedFrom
    this.#connections.set(socket, new Connection(turn, from))
    if (!this.#isWorker) this.#see()
  }

  #begun(socket: object): void {
    let connection = this.#connections.get(socket)
    if (connection === null) {
      connection = new Connection(null, null)
      this.#connections.set(socket, connection)
    }
    connection.begunTurn = this.#turns.turn
    connection.requests++
    if (connection.acceptedTurn !== null) this.#see()
  }

  #see(): void {
    if (this.#seenTurn === this.#turns.turn) return
    this.#seenTurn = this.#turns.turn
    this.#seenAt = now()
  }

  /** The last bytes of an answer are about to be written. */
  #answering(response: ServerResponse): void {
    const socket = response.socket ?? response.req.socket
    const connection = this.#connections.get(socket)
    if (connection === null) return
    if (response.socket === null) connection.pipelines = true
    connection.answeredAt = now()
  }
}

// --- internal ---

interface Http2Request {
  readonly stream?: { readonly session?: object; readonly id?: number }
}

/** Clients number their streams from 1 or, where an upgrade would have that, from 3. */
const LAST_FIRST_STREAM = 3

/** The loop was about to look, and found nothing; how long it slept then, and had by when. */
interface Look {
  readonly at: number
  readonly sleptMs: number
  readonly endedBy: number
  /** What it brought is looked for. */
  readonly isOfSleep: boolean
}

class Connection {
  /** In which turn it was accepted; null: before we looked, or not by this process's loop. */
  readonly acceptedTurn: number | null
  /** It had not come by then; null: not known. */
  readonly acceptedFrom: Look | null
  /** Requests that it has brought, and the turn in which the last one was seen. */
  requests = 0
  begunTurn = -1
  /** Its last answer was not complete by then. */
  answeredAt = Number.NEGATIVE_INFINITY
  /** It was seen to bring a request before the answer to the one before. */
  pipelines = false

  constructor(acceptedTurn: number | null, acceptedFrom: Look | null) {
    this.acceptedTurn = acceptedTurn
    this.acceptedFrom = acceptedFrom
  }
}

/** A listener that throws would end the process. */
function listen(channel: string, listener: (message: { socket: object }) => void): void {
  subscribe(channel, (message) => {
    try {
      listener(message as { socket: object })
    } catch {
      // Nothing is known of it, then.
    }
  })
}

/** `done` is told before the last bytes of any answer of HTTP/1 are written. */
function stampAnswers(done: (response: ServerResponse) => void): void {
  const { ServerResponse } = process.getBuiltinModule('node:http')
  const patch = new MethodPatch(
    ServerResponse.prototype,
    'end',
    (original) =>
      function end(...args) {
        try {
          if (writesLast(this as ServerResponse, args[0])) done(this as ServerResponse)
        } catch {
          // Nothing is known of it, then.
        }
        return Reflect.apply(original, this, args)
      },
  )
  patch.install()
}

/** Where all that was announced has been written before, the client may know the end already. */
function writesLast(response: ServerResponse, chunk: unknown): boolean {
  if (response.writableEnded) return false
  if (!response.headersSent || response.chunkedEncoding) return true
  return (typeof chunk === 'string' || chunk instanceof Uint8Array) && chunk.length > 0
}
