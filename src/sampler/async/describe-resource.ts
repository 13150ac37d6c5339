/**
 * What an asynchronous resource is, in people's words. Never a secret: ports, hosts, delays and the
 * names of Node's operations; no path, query, header or body.
 */

import { answerOn } from './answers.js'

/** `timer 20 ms`, `TCP 127.0.0.1:5432`, `dns example.com`; '' for what says nothing by itself. */
export function describeResource(resource: object): string {
  try {
    return describe(resource as Resource)
  } catch {
    return ''
  }
}

/** True for promises and ticks: they follow from something else, which is what was waited for. */
export function isConsequence(resource: object): boolean {
  if (resource instanceof Promise) return true
  // Ticks are plain objects, as the work of native add-ons is; what runs by itself as an
  // AsyncResource is a microtask.
  if (resource.constructor === Object) return Object.hasOwn(resource, 'callback')
  const name = resource.constructor?.name
  // Node's own promises are of a class that knows nothing of the app's.
  return name === 'AsyncResource' || name === 'SafePromise'
}

// --- internal ---

interface Resource {
  readonly constructor: { readonly name: string }
  readonly _idleTimeout?: number
  readonly hostname?: string
  readonly address?: string
  readonly port?: number
  readonly req?: { readonly method?: string; readonly host?: string }
  getpeername?(out: { address?: string; port?: number }): number
}

function describe(resource: Resource): string {
  const answer = answerOn(resource)
  if (answer !== '') return answer
  const name = resource.constructor.name
  const known = KINDS.get(name)
  if (known !== undefined) return typeof known === 'string' ? known : known(resource)
  if (name.endsWith('Job')) return `crypto ${name.slice(0, -3)}`
  // The class, never a property: what an app's own resources hold is the app's.
  return name
}

const KINDS = new Map<string, string | ((resource: Resource) => string)>([
  ['Timeout', (timer) => `timer ${Number(timer._idleTimeout?.toFixed(1))} ms`],
  ['Immediate', 'immediate'],
  ['FSReqCallback', 'file'],
  ['FSReqPromise', 'file'],
  ['FileHandleCloseReq', 'file'],
  ['ReadFileJob', 'file'],
  ['GetAddrInfoReqWrap', (request) => `dns ${request.hostname}`],
  ['GetNameInfoReqWrap', 'dns'],
  ['QueryReqWrap', 'dns'],
  ['ChannelWrap', 'dns'],
  ['TCPConnectWrap', (request) => `connect ${request.address}:${request.port}`],
  ['PipeConnectWrap', (request) => `connect ${request.address}`],
  ['TCP', (handle) => `TCP ${peerOf(handle)}`.trim()],
  ['TLSWrap', (handle) => `TLS ${peerOf(handle)}`.trim()],
  ['Pipe', 'pipe'],
  ['WriteWrap', 'socket write'],
  ['ShutdownWrap', 'socket end'],
  ['HTTPClientAsyncResource', (client) => `HTTP ${client.req?.method} ${client.req?.host}`],
  ['HTTPServerAsyncResource', 'request body'],
  ['MessagePort', 'worker message'],
  ['Worker', 'worker'],
  ['WorkerHandle', 'worker'],
  ['Zlib', 'zlib'],
  ['BrotliEncoder', 'zlib'],
  ['BrotliDecoder', 'zlib'],
  ['Process', 'child process'],
  ['Object', 'native add-on'],
])

function peerOf(handle: Resource): string {
  const peer: { address?: string; port?: number } = {}
  if (handle.getpeername?.(peer) !== 0 || peer.address === undefined) return ''
  return peer.address.includes(':')
    ? `[${peer.address}]:${peer.port}`
    : `${peer.address}:${peer.port}`
}
