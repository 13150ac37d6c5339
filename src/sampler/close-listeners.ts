import type { Socket } from 'node:net'
import { isVisit, whenLeaving } from './visit.js'

/** One function for all sockets, which listens for their end. */
export class CloseListeners {
  readonly #listener: (this: Socket) => void
  /** In a process that is only visited: those that have it. */
  readonly #watched = new Set<Socket>()

  constructor(closed: (socket: Socket) => void) {
    const watched = this.#watched
    this.#listener = function closedSocket(this: Socket) {
      try {
        this.removeListener('close', closedSocket)
        watched.delete(this)
        closed(this)
      } catch {
        // Nobody is told, then.
      }
    }
    whenLeaving(() => {
      for (const socket of this.#watched) socket.removeListener('close', this.#listener)
    })
  }

  add(socket: Socket): void {
    if (isVisit()) this.#watched.add(socket)
    socket.on('close', this.#listener)
  }

  remove(socket: Socket): void {
    this.#watched.delete(socket)
    socket.removeListener('close', this.#listener)
  }
}
