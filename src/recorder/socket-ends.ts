/**
 * The two ends of a request's connection. A socket that is asked for them notes them on itself,
 * where its app would see it.
 */
import type { Socket } from 'node:net'
import { ownerOf } from '../sampler/async/peers.js'
import type { IncomingRequest } from './request.js'

type Name = 'remoteAddress' | 'remotePort' | 'localPort'

export function unnoted<N extends Name>(request: IncomingRequest, name: N): Socket[N] | undefined {
  const socket = socketOf(request)
  if (!socket) return undefined
  try {
    // What Node notes it notes on this.
    return (Object.create(socket) as Socket)[name]
  } catch {
    // Not of Node: something that only answers for itself.
    return socket[name]
  }
}

// --- internal ---

/** HTTP/2 gives a proxy, which hands on what it is asked and what is noted. */
function socketOf({ socket, httpVersionMajor }: IncomingRequest): Socket | null {
  if (!(httpVersionMajor > 1)) return socket
  const { _handle: handle } = socket as { readonly _handle?: object | null }
  return ((handle && ownerOf(handle)) as Socket | null) ?? socket
}
