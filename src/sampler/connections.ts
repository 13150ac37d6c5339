/**
 * When a request may have come, from what its connection tells: a new one waits to be accepted, one
 * for each turn of the loop; one that is kept alive brings nothing before the last answer is there.
 *
 * Node tells of connections and requests on its diagnostics channels, before the app sees them.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { stampAnswers } from './answer-stamps.js'
import { listenersOf } from './async/channels.js'
import { createTags } from './async/object-tags.js'
import { now } from './clock.js'
import { CloseListeners } from './close-listeners.js'
import { clusterWorkerId } from './cluster-worker.js'
import { Arrival, Connection, type Look, type Polled, type Waiting } from './connection.js'
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
  /** In the turn in which a request was asked about last. */
  #polled: Polled = { turn: -1, sleptMs: 0, checkedAt: 0, look: null }
  readonly #closed: CloseListeners

  constructor(turns: Turns) {
    this.#turns = turns
    this.#closed = new CloseListeners((socket) => {
      const connection = this.#connections.get(socket)
      if (connection === null) return
      connection.request = null
      connection.ends(true)
    })
  }

  /** From now on connections are watched, for as long as the thread lives. */
  watch(): void {
    const told = {
      'net.server.socket': ({ socket }: Message) => this.#accepted(socket),
      'http.server.request.start': ({ socket, request }: Message) => this.#begun(socket, request),
      'http.server.response.finish': (end: Message) => this.#finished(end.socket, end.request),
    }
    listenersOf(told).enable()
    stampAnswers((response) => this.#answering(response))
  }

  /**
   * Tells of the request's end, for next to nothing; false where somebody else has to: it is not of
   * HTTP/1, its answer is queued behind another one, or Node has not told of its start.
   */
  tellEnd(waiting: Waiting, request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request
    const connection = socket ? this.#connections.get(socket) : null
    if (connection?.request !== request) return false
    if (response.socket !== socket || response.req !== request) return false
    if (!connection.isWatched) {
      connection.isWatched = true
      this.#closed.add(socket)
    }
    connection.waiting = waiting
    return true
  }

  /** Whoever waited need not be told any more. Nothing is left on the socket. */
  ignore(waiting: Waiting, socket: Socket): void {
    const connection = this.#connections.get(socket)
    if (connection === null || (connection.waiting ?? waiting) !== waiting) return
    connection.waiting = null
    connection.isWatched = false
    this.#closed.remove(socket)
  }

  /** Who waits for the request's end. */
  waitingFor(request: { readonly socket?: object | null }): Waiting | null {
    const waiting = this.#connections.get(request.socket ?? request)?.waiting ?? null
    return waiting?.request === request ? waiting : null
  }

  /** Whether that is who has decided about the request, as far as its connection knows. */
  hasDecided(decider: object, request: IncomingMessage): boolean {
    const connection = this.#connections.get(request.socket)
    return connection?.decider === decider && connection.request === request
  }

  /** That has decided about the request; false where somebody else has to remember it. */
  decides(decider: object, request: IncomingMessage): boolean {
    const connection = this.#connections.get(request.socket)
    if (connection?.request !== request || (connection.decider ?? decider) !== decider) return false
    connection.decider = decider
    return true
  }

  /** Ask in the callback that brought the request. */
  boundOf(request: IncomingMessage, response: ServerResponse): QueueBound {
    return this.arrivalOf(request, response, now()).bound
  }

  /** The same, for who may not want to know in the end. */
  arrivalOf(request: IncomingMessage, response: ServerResponse, at: number): Arrival {
    if (request.httpVersionMajor > 1) {
      return new Arrival(at, this.#look(), this.#lookForStream(request))
    }
    const connection = this.#connections.get(request.socket)
    const { turn, sleptMs } = this.#turns
    // Whoever saw it first kept it from us.
    if (connection?.begunTurn !== turn) return new Arrival(at, this.#look(), null)
    const isKnown = this.#polled.turn === turn && this.#polled.sleptMs === sleptMs
    if (!isKnown) this.#polled = this.#look()
    // Its answer is queued behind the one to the request before, which was not waited for.
    const isPipelined = response.socket === null
    if (isPipelined) connection.pipelines = true
    const isEncrypted = 'encrypted' in request.socket
    // The last step of the handshake may have come before it.
    const isOfBatch = !isPipelined && !(isEncrypted && connection.requests === 1)
    const cameBy = isOfBatch && this.#seenTurn === turn ? this.#seenAt : at
    const look = this.#lookFor(connection, isEncrypted)
    const answeredAt = connection.pipelines ? Number.NEGATIVE_INFINITY : connection.answeredAt
    return new Arrival(at, this.#polled, look, answeredAt, cameBy, isOfBatch)
  }

  /** Since when a request that is not seen yet may have waited. */
  get waitingSince(): number {
    const { turn, checkedBefore } = this.#turns
    const isAccepting = turn - this.#acceptedTurn <= 1
    const acceptedFrom = isAccepting ? this.#acceptedFrom : null
    return Math.min(checkedBefore, acceptedFrom?.at ?? checkedBefore)
  }

  // --- internal ---

  #look(): Polled {
    const { turn, sleptMs, checkedAt } = this.#turns
    return { turn, sleptMs, checkedAt, look: this.#looked() }
  }

  /** What it came after. */
  #lookFor(connection: Connection, isEncrypted: boolean): Look | null {
    const { turn, look, sleptMs } = this.#polled
    if (connection.requests > 1 || isEncrypted) return look
    if (connection.acceptedTurn === null) return null
    // The poll after the accept would have brought it, had it been there.
    const isNew = turn - connection.acceptedTurn <= (sleptMs > 0 ? 0 : 1)
    return isNew ? connection.acceptedFrom : look
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

  #begun(socket: object, request: object): void {
    let connection = this.#connections.get(socket)
    if (connection === null) {
      connection = new Connection(null, null)
      this.#connections.set(socket, connection)
    }
    connection.begunTurn = this.#turns.turn
    connection.requests++
    connection.request = request
    connection.decider = null
    if (connection.acceptedTurn !== null) this.#see()
  }

  #finished(socket: object, request: object): void {
    const connection = this.#connections.get(socket)
    if (connection === null) return
    if (connection.request === request) connection.request = null
    if (connection.waiting?.request === request) connection.ends(false)
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

interface Message {
  readonly socket: object
  readonly request: object
}
