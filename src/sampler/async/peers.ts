/**
 * What a connection's other end is called: as the app wrote it, `db.internal:5432`, else by its
 * address. Asked through the handle: a socket would note its peer's address on itself.
 */
import { apply, MethodPatch } from './method-patch.js'
import { createTags } from './object-tags.js'

/** A socket of Node, as far as it is asked. */
export interface Peer {
  readonly connecting?: boolean
  readonly encrypted?: boolean
  /** The other end is a client of it. */
  readonly server?: unknown
  /** Of TLS; of a server also where it was laid over a connection later (`STARTTLS`). */
  readonly _tlsOptions?: { readonly isServer?: unknown } | null
  /** Where the app gave a name instead of an address. */
  readonly _host?: string | null
  /** Over which a TLS socket was laid. */
  readonly _parent?: Peer | null
  readonly _handle?: PeerHandle | null
}

/** `db.internal:5432`, `10.0.0.5:5432`, `/run/db.sock`; '' while it is not known. */
export function peerOf(socket: Peer): string {
  const { connecting, _host, _parent, _handle: handle } = socket
  if (connecting) return ''
  const path = pathOf(socket)
  if (path !== '') return path
  if (!handle?.getpeername) return 'pipe'
  const peer: Address = {}
  if (handle.getpeername(peer) !== 0 || peer.address === undefined) return ''
  const address = peer.address.includes(':') ? `[${peer.address}]` : peer.address
  return `${_host ?? _parent?._host ?? address}:${peer.port}`
}

/** `TCP db.internal:5432`, `TLS db.internal:5432`, `unix /run/db.sock`; '' as above. */
export function connectionOf(socket: Peer): string {
  if (isOfClient(socket)) return 'client'
  const peer = peerOf(socket)
  if (peer === '' || peer === 'pipe') return peer
  if (pathOf(socket) !== '') return `unix ${peer}`
  return `${socket.encrypted ? 'TLS' : 'TCP'} ${peer}`
}

/** Of Node's objects, the one whose handle it is; null if there is none any more. */
export function ownerOf(handle: object): object | null {
  for (const key of Object.getOwnPropertySymbols(handle)) {
    if (key.description === 'owner_symbol') return Reflect.get(handle, key) ?? null
  }
  return null
}

/** Notes the paths that sockets are connected to; nothing of Node tells them afterwards. */
export function notePaths(prototype: object): MethodPatch {
  return new MethodPatch(prototype, 'connect', (original, patch) => {
    return function connect(...args) {
      if (patch.active) notePath(this, args[0])
      return apply(original, this, args)
    }
  })
}

// --- internal ---

interface Address {
  readonly address?: string
  readonly port?: number
}

interface PeerHandle {
  getpeername?(out: Address): number
  getsockname?(out: Address): number
}

/** Where clients are is none of ours. */
function isOfClient(socket: Peer): boolean {
  const { server, _tlsOptions, _parent, _host } = socket
  if (server || _tlsOptions?.isServer || _parent?.server) return true
  return !_host && !_parent && isAccepted(socket._handle)
}

/** Of one that another process has handed over, only its ports tell who has called whom. */
function isAccepted(handle: PeerHandle | null | undefined): boolean {
  const [here, there]: [Address, Address] = [{}, {}]
  if (!handle?.getsockname || !handle.getpeername) return false
  if (handle.getsockname(here) !== 0 || handle.getpeername(there) !== 0) return false
  return Number(here.port) < FIRST_OF_CLIENTS && Number(there.port) >= FIRST_OF_CLIENTS
}

/** Ports from here on are given to who has not chosen one (Linux; elsewhere fewer of them). */
const FIRST_OF_CLIENTS = 32_768

const paths = createTags<{ readonly path: string }>()

function pathOf(socket: Peer): string {
  return (paths.get(socket) ?? (socket._parent && paths.get(socket._parent)))?.path ?? ''
}

/** Called with a path, with options, or with what Node has made of either. */
function notePath(socket: object, first: unknown): void {
  try {
    const options: unknown = Array.isArray(first) ? first[0] : first
    const path =
      typeof options === 'object' && options !== null ? Reflect.get(options, 'path') : options
    // A number that is written as text is a port.
    if (typeof path !== 'string' || path === '' || Number(path) >= 0) return
    // Linux has names without a file, which begin with a zero byte.
    paths.set(socket, { path: path.replace(/^\0/, '@') })
  } catch {
    // An accessor of the app's that throws: Node will find it, too.
  }
}
