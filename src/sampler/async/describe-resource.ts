/**
 * What an asynchronous resource is, in people's words. Never a secret: ports, hosts, delays and the
 * names of Node's operations; no path of a URL or a file, query, header or body.
 */
import { answerOn } from './answers.js'
import { childOn, childText } from './child-processes.js'
import { type HttpRequest, httpText } from './http-names.js'
import { createTags } from './object-tags.js'
import { connectionOf, ownerOf, type Peer, peerOf } from './peers.js'
import { arrivalText, type ServerRequest } from './request-names.js'

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

/** What runs now begins a connection: a look-up, which has the host’s name, or an earlier try. */
export function noteHost(connect: object, maker: Resource): void {
  const host = hosts.get(maker)?.host ?? maker.hostname
  if (typeof host === 'string') hosts.set(connect, { host })
}

// --- internal ---

interface Resource {
  readonly constructor: { readonly name: string }
  readonly _idleTimeout?: number
  readonly hostname?: string
  readonly address?: string
  readonly port?: number
  readonly handle?: object
  readonly req?: HttpRequest
  readonly socket?: { readonly parser?: { readonly incoming?: ServerRequest | null } | null }
  readonly owner?: { readonly session?: Http2Session }
}

/** Of a server or of a client, as far as it is asked. */
interface Http2Session {
  readonly server?: unknown
  readonly socket?: Peer
}

const hosts = createTags<{ readonly host: string }>()

function describe(resource: Resource): string {
  const answer = answerOn(resource)
  if (answer !== '') return answer
  const name = resource.constructor.name
  const known = KINDS.get(name)
  if (known !== undefined) return typeof known === 'string' ? known : known(resource)
  if (name.endsWith('FileJob')) return 'file'
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
  ['FSEvent', 'file change'],
  ['StatWatcher', 'file change'],
  ['GetAddrInfoReqWrap', dnsText],
  ['GetNameInfoReqWrap', dnsText],
  ['QueryReqWrap', dnsText],
  ['ChannelWrap', 'dns'],
  ['TCPConnectWrap', connectText],
  ['PipeConnectWrap', ({ address }) => `connect unix ${address?.replace(/^\0/, '@')}`],
  ['TCP', (handle) => connectionOn(handle) || 'TCP'],
  ['TLSWrap', (handle) => connectionOn(handle) || 'TLS'],
  ['Pipe', otherEnd],
  ['WriteWrap', ({ handle }) => (isResponse(handle) ? 'response' : `write ${otherEnd(handle)}`)],
  ['ShutdownWrap', ({ handle }) => (isResponse(handle) ? 'response' : `end ${otherEnd(handle)}`)],
  ['HTTPClientAsyncResource', ({ req }) => (req === undefined ? 'HTTP' : httpText(req))],
  ['HTTPServerAsyncResource', ({ socket }) => arrivalText(socket?.parser?.incoming)],
  ['Http2Session', (handle) => http2Text(ownerOf(handle))],
  ['Http2Stream', ({ owner }) => http2Text(owner?.session)],
  ['MessagePort', 'worker message'],
  ['Worker', 'worker'],
  ['WorkerHandle', 'worker'],
  ['Zlib', 'zlib'],
  ['BrotliEncoder', 'zlib'],
  ['BrotliDecoder', 'zlib'],
  ['ZstdCompress', 'zlib'],
  ['ZstdDecompress', 'zlib'],
  ['Process', (handle) => childText(ownerOf(handle) ?? {})],
  ['Signal', 'signal'],
  ['Object', 'native add-on'],
])

function dnsText({ hostname }: Resource): string {
  return hostname === undefined || ADDRESS.test(hostname) ? 'dns' : `dns ${hostname}`
}

/**
 * Who is looked up by address is mostly a client: `203.0.113.9`, `2001:db8::9`, and the same
 * backwards (`9.113.0.203.in-addr.arpa`, names of block lists).
 */
const ADDRESS = /(^|\.)\d{1,3}(\.\d{1,3}){3}(\.|$)|:|([\da-f]\.){16}/i

function connectText(connect: Resource): string {
  const { address = '', port } = connect
  const host = hosts.get(connect)?.host ?? (address.includes(':') ? `[${address}]` : address)
  return `connect ${host}:${port}`
}

/** Of a connection, or of a pipe of ours. */
function otherEnd(handle: object | undefined): string {
  if (handle === undefined) return 'socket'
  return childOn(handle) || connectionOn(handle) || 'pipe'
}

/** What a session of ours has asked for; a server's requests name what they get themselves. */
function http2Text(session: Http2Session | null | undefined): string {
  if (!session || session.server || session.socket === undefined) return ''
  return `HTTP/2 ${peerOf(session.socket)}`
}

function connectionOn(handle: object): string {
  const owner = ownerOf(handle)
  return owner === null ? '' : connectionOf(owner)
}

/** A server writes to its client. */
function isResponse(handle: object | undefined): boolean {
  const socket = handle && ownerOf(handle)
  return socket ? Boolean(Reflect.get(socket, 'server')) && '_httpMessage' in socket : false
}
