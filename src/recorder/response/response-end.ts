/** When a response has ended. */
import type { Socket } from 'node:net'
import type { Waiting } from '../../sampler/connection.js'
import type { Connections } from '../../sampler/connections.js'
import { whenLeaving } from '../../sampler/visit.js'
import type { IncomingRequest, OutgoingResponse } from '../request.js'

/**
 * As `onEnd`, of a request that is recorded: where its connection can tell, nothing is laid on the
 * response, and on its socket one listener for as long.
 */
export function whenOver(
  connections: Connections,
  request: IncomingRequest,
  response: OutgoingResponse,
  done: (aborted: boolean) => void,
): () => void {
  const { socket } = request
  const ending = new Ending(request, (aborted) => {
    connections.ignore(ending, socket)
    done(aborted)
  })
  if (!connections.tellEnd(ending, request, response)) return onEnd(request, response, done)
  return () => {
    ending.request = null
    connections.ignore(ending, socket)
  }
}

/**
 * Calls `done` once, when the response has been handed over completely or never will be. A
 * pipelined response whose connection dies while it waits is not told of it on Node 20, and a
 * request is closed as soon as its body has been read, hence the socket. Returns what stops
 * listening.
 */
export function onEnd(
  request: IncomingRequest,
  response: OutgoingResponse,
  done: (aborted: boolean) => void,
): () => void {
  let unwatch = () => {}
  const finish = () => end(isCutOff(response))
  const close = () => end(!response.writableFinished)
  function end(aborted: boolean) {
    try {
      stop()
      done(aborted)
    } catch {
      // Ours, and not the app's to notice.
    }
  }
  function stop() {
    forget()
    response.removeListener('finish', finish)
    response.removeListener('close', close)
    unwatch()
  }
  const forget = whenLeaving(stop)
  response.on('finish', finish)
  response.on('close', close)
  if (request.socket) unwatch = SocketWatch.add(request.socket, close)
  return stop
}

/** The response has been sent, or there is nobody left to send it to. */
export function isOver(request: IncomingRequest, response: OutgoingResponse): boolean {
  return response.writableFinished || response.destroyed || request.socket?.destroyed === true
}

// --- internal ---

/** A response of HTTP/2 is said to have finished when its stream was reset, too. */
function isCutOff(response: OutgoingResponse): boolean {
  const { stream } = response as { stream?: { readonly rstCode?: number } }
  return stream !== undefined && (!response.writableEnded || Boolean(stream.rstCode))
}

class Ending implements Waiting {
  request: IncomingRequest | null
  readonly #done: (aborted: boolean) => void

  constructor(request: IncomingRequest, done: (aborted: boolean) => void) {
    this.request = request
    this.#done = done
  }

  over(aborted: boolean): void {
    if (this.request === null) return
    this.request = null
    try {
      this.#done(aborted)
    } catch {
      // Ours, and not the app's to notice.
    }
  }
}

/** One listener for each socket, however many pipelined requests are recorded on it. */
class SocketWatch {
  static readonly #all = new WeakMap<Socket, SocketWatch>()
  readonly #watchers = new Set<() => void>()
  readonly #tell = () => {
    for (const watcher of [...this.#watchers]) watcher()
  }

  static add(socket: Socket, watcher: () => void): () => void {
    const watch = SocketWatch.#all.get(socket) ?? new SocketWatch()
    SocketWatch.#all.set(socket, watch)
    if (watch.#watchers.size === 0) socket.on('close', watch.#tell)
    watch.#watchers.add(watcher)
    return () => {
      if (watch.#watchers.delete(watcher) && watch.#watchers.size === 0) {
        socket.removeListener('close', watch.#tell)
      }
    }
  }
}
