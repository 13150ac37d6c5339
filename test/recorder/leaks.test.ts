/**
 * What a client sends or is stands in no byte of a dump, wherever it passes: its address, a Host
 * header that is passed on, a method of its own, the text of a search.
 */
import { reverse } from 'node:dns/promises'
import { once } from 'node:events'
import { get as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import type { ProfilerOptions } from '../../src/index.js'
import { Dumps, profview, serve } from '../support/app.js'
import type { Dump } from '../support/dump-check.js'
import { burn } from '../support/waits.mjs'

/** An address of this machine that only the client has. */
const CLIENT = '127.0.0.77'
const hasClient = process.platform === 'linux'
/** TLS without certificates. */
const PSK = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
const KEY = Buffer.from('0123456789abcdef')

type Work = (request: IncomingMessage, response: ServerResponse) => Promise<unknown>

/** The dump of one request, with these headers, from the client's own address. */
async function dumpOf(
  work: Work,
  headers: Record<string, string> = {},
  options: ProfilerOptions = {},
): Promise<Dump> {
  const dumps = new Dumps()
  const middleware = profview.profiler(dumps.options({ authorize: () => true, ...options }))
  const { port } = await serve((request, response) => {
    middleware(request, response, async () => {
      await work(request, response)
      response.end('x')
    })
  })
  const from = hasClient ? { localAddress: CLIENT } : {}
  const asked = ask({ host: '127.0.0.1', port, headers: { 'x-profile': '1', ...headers }, ...from })
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  await once(answer.resume(), 'end')
  return dumps.one()
}

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test('the Host that a proxy passes on is not where it goes', async () => {
  const upstream = await serve((_request, response) => void setTimeout(() => response.end('x'), 20))
  const { bytes, names } = await dumpOf(
    async (request) => {
      for (const headers of [request.headers, {}]) {
        const asked = ask({ host: 'localhost', family: 4, port: upstream.port, headers })
        const [answer] = (await once(asked, 'response')) as [IncomingMessage]
        await once(answer.resume(), 'end')
      }
    },
    { host: 'secret.example' },
  )
  expect(bytes).not.toContain('secret')
  expect(names).toContain('[await] HTTP GET localhost')
  expect(names).toContain(`[await] HTTP GET localhost:${upstream.port}`)
})

test('a regular expression that came with a request', async () => {
  const { bytes, names } = await dumpOf(
    async (request) => {
      const search = new RegExp(`(a+)+${request.headers['x-search']}`)
      const end = performance.now() + 100
      while (performance.now() < end) search.test('aaaaaaaaaaaaaaaaaa!')
    },
    { 'x-search': 'secret' },
  )
  expect(bytes).not.toContain('secret')
  expect(names).toContain('RegExp')
})

test('a module whose text is in its address', async () => {
  const { bytes, names } = await dumpOf(
    async (request) => {
      const text = `export default function run(burn) { burn(100) } // ${request.headers['x-text']}`
      const address = `data:text/javascript,${encodeURIComponent(text)}`
      const { default: run } = await import(/* @vite-ignore */ address)
      run(burn)
    },
    { 'x-text': 'secret' },
  )
  expect(bytes).not.toContain('secret')
  expect(names).toContain('run')
})

test('a method that only HTTP/2 has', async () => {
  const dumps = new Dumps()
  const middleware = profview.profiler(dumps.options({ authorize: () => true }))
  const server = createHttp2Server((request, response) => {
    middleware(request as never, response as never, () => response.end('x'))
  })
  const port = await listening(server)
  const client = connectHttp2(`http://127.0.0.1:${port}`)
  onTestFinished(() => client.destroy())
  const stream = client.request({ ':method': 'SECRET-TOKEN', ':path': '/', 'x-profile': '1' })
  stream.end()
  await once(stream.resume(), 'end')
  const { bytes, meta } = await dumps.one()
  expect(bytes).not.toMatch(/secret/i)
  expect(meta.request?.method).toBe('OTHER')
})

test.runIf(hasClient).each([true, false])(
  'the client’s address, with awaits followed: %s',
  async (awaits) => {
    const [plain, upgraded] = [createTcpServer(), createTcpServer()]
    const from = { host: '127.0.0.1', localAddress: CLIENT }
    const join = async (server: Server) => connect({ ...from, port: await listening(server) })
    const accepted = [once(plain, 'connection'), once(upgraded, 'connection')]
    const [client, other] = [await join(plain), await join(upgraded)]
    const [[served], [begun]] = (await Promise.all(accepted)) as [[Socket], [Socket]]
    onTestFinished(() => void [client, other, served, begun].map((socket) => socket.destroy()))
    const { bytes, names } = await dumpOf(
      async (request) => {
        setTimeout(() => client.write('x'), 20)
        await once(served, 'data')
        // As mail and database servers do (`STARTTLS`).
        const secure = new TLSSocket(begun, {
          ...PSK,
          isServer: true,
          pskCallback: () => KEY,
        } as object)
        const psk = { identity: 'a', psk: KEY }
        const checkServerIdentity = () => undefined
        const asking = connectTls({
          ...PSK,
          socket: other,
          pskCallback: () => psk,
          checkServerIdentity,
        })
        await once(asking, 'secureConnect')
        setTimeout(() => asking.write('x'), 20)
        await once(secure, 'data')
        await reverse(request.socket.remoteAddress!).catch(() => {})
      },
      {},
      { awaits },
    )
    expect(bytes).not.toContain(CLIENT)
    if (awaits) expect(names).toContain('[await] client')
  },
)
