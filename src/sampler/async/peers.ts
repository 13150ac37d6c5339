/** What a connection's other end is called. */
export interface Peer {
  readonly connecting: boolean
  readonly _host?: string | null
  readonly remoteAddress?: string
  readonly remotePort?: number
}

/** `db.internal:5432`, as the app wrote it, or `10.0.0.5:5432`; '' while it is not known. */
export function peerOf({ connecting, _host, remoteAddress, remotePort }: Peer): string {
  if (connecting) return ''
  if (remoteAddress === undefined) return 'pipe'
  const host = _host ?? (remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress)
  return `${host}:${remotePort}`
}
