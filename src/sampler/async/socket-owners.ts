/**
 * Whose work the callbacks of a connection are. It may have been opened by anybody, long ago, and
 * serve many: what comes in is the answer to whoever wrote last, and runs as theirs.
 *
 * Drivers queue what they cannot send yet, and send it when the answer before has come in: then the
 * writer is not who runs. So what is written in the course of an answer is nobody's, unless its
 * driver's pool says whom it has handed the connection to (`pools.ts`). Nobody's is also what
 * several write to at once, for good.
 */
import { Socket } from 'node:net'
import { noteAsked } from './asked.js'
import { type Around, apply, MethodPatch } from './method-patch.js'
import { createTags } from './object-tags.js'
import { notePaths, type Peer, peerOf } from './peers.js'
import { waits } from './resource-waits.js'
import { continueFrom, type Runner } from './runner.js'
import type { SocketWaits } from './socket-waits.js'
import type { Wait } from './waits.js'

export class SocketOwners {
  readonly #runner: Runner
  readonly #waits: SocketWaits
  readonly #nameShared: (peer: string) => Wait
  readonly #lines = createTags<Line>()
  readonly #patches: readonly MethodPatch[]
  /** What was noted before is void, since what was written meanwhile is not known. */
  #since = 0
  #round = 0

  /** `nameShared`: what runs for a connection that is nobody's; `peer` says whose server it is. */
  constructor(runner: Runner, waits: SocketWaits, nameShared: (peer: string) => Wait) {
    this.#runner = runner
    this.#waits = waits
    this.#nameShared = nameShared
    const owners = this
    const write: Around = (original, patch) =>
      function write(...args) {
        if (patch.active) owners.#wrote(this as Client)
        return apply(original, this, args)
      }
    const push: Around = (original, patch) =>
      function push(...args) {
        const owner = patch.active ? owners.#arrived(this as Client, args[0]) : AS_IT_IS
        if (owner === AS_IT_IS) return apply(original, this, args)
        return runner.run(owner, () => apply(original, this, args))
      }
    const destroy: Around = (original, patch) =>
      function _destroy(...args) {
        if (patch.active) owners.#destroyed(this as Client)
        return apply(original, this, args)
      }
    this.#patches = Object.entries({ write, push, _destroy: destroy })
      .map(([name, around]) => new MethodPatch(Socket.prototype, name, around))
      .concat(notePaths(Socket.prototype))
  }

  enable(since: number): void {
    this.#since = since
    this.#round++
    for (const patch of this.#patches) patch.install()
  }

  disable(): void {
    for (const patch of this.#patches) patch.rest()
  }

  remove(): void {
    for (const patch of this.#patches) patch.remove()
  }

  /** A pool hands the connection over: until the next time, what is written is its new owner's. */
  handOver(socket: object, driver: string): void {
    const line = this.#lineOf(socket as Client)
    line.isHandedOver = true
    line.isAwaited = false
    line.isShared = false
    line.isNobodys = false
    this.#waits.named(socket, driver)
    this.#waits.clear(socket)
  }

  // --- internal ---

  /** Somebody is about to write. */
  #wrote(socket: Client): void {
    try {
      // A client’s requests come when they like, and what cannot be read is not answered.
      if (socket.server || !socket.readable) return
      const line = this.#lineOf(socket)
      const running = this.#runner.current
      const isFirst = !line.isAwaited
      if (line.isShared) line.isAwaited = true
      else this.#noteWriter(line, running, socket.writableCorked > 0)
      if (isFirst) this.#waits.clear(socket)
      const isSurely = running?.isByAnswer !== true || line.isHandedOver
      if (isSurely && running?.context.notesWaits) this.#waits.asked(socket, running.context)
      if (line.isNobodys) line.owner = this.#nobody(line, socket)
      if (!socket._handle) return
      waits.set(socket._handle, line.owner)
      if (line.isShared && running?.context.follows)
        noteAsked(socket._handle, running.context, line.answers, () => asking(running))
    } catch {
      // Another shape than we know: it stays its creator's.
    }
  }

  /** `isPart`: of something that is written in several parts. */
  #noteWriter(line: Line, running: Wait | null, isPart: boolean): void {
    // What an answer leads to may be somebody else's that was queued, if no pool says otherwise.
    const isQueued = running?.isByAnswer === true && !line.isHandedOver
    const writer = isQueued ? null : running
    line.isShared = line.isAwaited && line.writer?.context !== writer?.context
    line.isNobodys = line.isShared || isQueued
    if (!line.isAwaited || line.writer !== writer) {
      line.owner = writer && asking(writer)
    }
    if (line.owner !== null && !(line.isAwaited && isPart)) line.owner.isOneAnswer = !line.isAwaited
    line.writer = writer
    line.isAwaited = true
  }

  /** Something has come in: whose it is. */
  #arrived(socket: Client, chunk: unknown): Wait | null | typeof AS_IT_IS {
    try {
      const line = this.#lines.get(socket)
      if (line === null || line.round !== this.#round) {
        // Nobody has written to it that we know of: it is its creator's, if that is not long gone.
        const running = this.#runner.current
        return running !== null && running.context.startedAt < this.#since ? null : AS_IT_IS
      }
      // That nothing more comes is an answer where one is awaited.
      if (chunk !== null || line.isAwaited) this.#waits.arrived(socket)
      line.isAwaited = false
      line.answers++
      return line.isNobodys ? this.#nobody(line, socket) : line.owner
    } catch {
      return AS_IT_IS
    }
  }

  #destroyed(socket: Client): void {
    try {
      if (this.#lines.get(socket)?.isAwaited) this.#waits.arrived(socket)
    } catch {
      // As above.
    }
  }

  /** What runs for a connection that is nobody's, by its server's name. */
  #nobody(line: Line, socket: Client): Wait | null {
    const peer = line.nobody === null ? peerOf(socket) : ''
    if (peer !== '') line.nobody = this.#nameShared(peer)
    return line.nobody
  }

  #lineOf(socket: Client): Line {
    const known = this.#lines.get(socket)
    if (known !== null && known.round === this.#round) return known
    const line = new Line(this.#round)
    this.#lines.set(socket, line)
    return line
  }
}

// --- internal ---

interface Client extends Peer {
  readonly server?: unknown
  readonly readable: boolean
  readonly writableCorked: number
  readonly _handle?: object | null
}

const AS_IT_IS = Symbol('as it is')

/** What continues when the answer is there. */
function asking(writer: Wait): Wait {
  const wait = continueFrom(writer, true)
  wait.isAsking = wait.context.follows
  return wait
}

/** A connection, since the patches were installed. */
class Line {
  readonly round: number
  /** What wrote last, and what continues with the answer; null: nobody's that is known. */
  writer: Wait | null = null
  owner: Wait | null = null
  /** Something was written and not answered yet. */
  isAwaited = false
  isShared = false
  answers = 0
  /** That, or it is not known whose what was written last is. */
  isNobodys = false
  nobody: Wait | null = null
  /** It is of a pool that says whom it hands it to. */
  isHandedOver = false

  constructor(round: number) {
    this.round = round
  }
}
