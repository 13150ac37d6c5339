import { randomBytes } from 'node:crypto'
import { createServer, type Server, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { ProfviewError } from '../errors.js'
import type { KnownDumps } from '../store/dump-list.js'
import { isDirectory } from '../store/path-stat.js'
import type { ReadLimits } from '../store/profile-file.js'
import { toQuery } from '../viewer-api/wire.js'
import { refusalOf } from './guard.js'
import { COMMON_HEADERS, DATA_POLICY } from './headers.js'
import { createViewerRouter } from './router.js'
import { openInputs } from './source.js'

export interface ViewerServerOptions extends ReadLimits {
  /** Profile files, directories of dumps, or both. */
  readonly inputs: readonly string[]
  /** Their dumps, where somebody has read them before. */
  readonly known?: KnownDumps
  /** Of the inputs, a directory that will be made. */
  readonly awaited?: string
  /** Default `127.0.0.1`: this machine only. */
  readonly host?: string
  /** Where to listen; the next free port if that one is taken, any free one if it is 0. */
  readonly port?: number
  /** Functions as they were written, where source maps tell; default true. */
  readonly sourceMaps?: boolean
  /** Of the project whose source texts may be shown; default: the current directory. */
  readonly cwd?: string
  /** A built page other than the package's own. */
  readonly page?: string
}

export interface ViewerServer {
  /** With the secret in its path; of a single file, the address of its call tree. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves the viewer over the inputs until closed. Read-only, GET and HEAD only, nothing answered
 * without the secret. Rejects with `IO` where it cannot listen.
 *
 *     const { url, close } = await startViewer({ inputs: ['profiles'] })
 */
export async function startViewer(options: ViewerServerOptions): Promise<ViewerServer> {
  const { inputs, host = '127.0.0.1', port = DEFAULT_PORT } = options
  const source = openInputs(inputs, options)
  const secret = randomBytes(16).toString('base64url')
  const door = { host, port: 0, secret }

  const app = express()
  app.disable('x-powered-by')
  app.set('case sensitive routing', true)
  app.use(
    `/${secret}`,
    createViewerRouter(source, {
      ...options,
      roots: inputs.filter(isDirectory),
    }),
  )

  const server = createServer(LIMITS, (request, response) => {
    const status = refusalOf(request, door)
    if (status === 0) return app(request, response)
    response.writeHead(status, {
      ...COMMON_HEADERS,
      'Content-Security-Policy': DATA_POLICY,
      'Content-Type': 'text/plain; charset=utf-8',
      ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
    })
    response.end(`${STATUS_CODES[status]}\n`)
  })
  server.maxConnections = 256
  door.port = await listen(server, host, port)

  const single = source.single()
  const hash = single === '' ? '' : `#/tree?${toQuery({ by: 'ids', ids: [single] })}`
  return {
    url: `http://${nameOf(host)}:${door.port}/${secret}/${hash}`,
    close: () => close(server),
  }
}

// --- internal ---

const DEFAULT_PORT = 4747
const PORTS_TO_TRY = 50

const LIMITS = {
  // The guard answers for a missing Host, like for any other wrong one.
  requireHostHeader: false,
  // A selection of several thousand dumps is a long URL.
  maxHeaderSize: 64 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  for (let tried = 0; ; tried++) {
    // Port 0 means any: the last resort when a whole range is taken.
    const next = port === 0 || tried === PORTS_TO_TRY || port + tried > 65_535 ? 0 : port + tried
    try {
      return await listenOnce(server, host, next)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (next !== 0 && (code === 'EADDRINUSE' || code === 'EACCES')) continue
      throw new ProfviewError('IO', `cannot listen on ${host}: ${code}`, { cause: error })
    }
  }
}

function listenOnce(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function nameOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
