/** Where a connection comes from, asked without a trace. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import http2, { type Http2ServerRequest } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { IncomingRequest } from '../../src/recorder/request.js'
import { unnoted } from '../../src/recorder/socket-ends.js'
import { rawConnection, serve } from '../support/app.js'

const endsOf = (request: object) =>
  (['remoteAddress', 'remotePort', 'localPort'] as const).map((name) =>
    unnoted(request as IncomingRequest, name),
  )

test('of HTTP/1', async () => {
  let seen: unknown[] = []
  const look = ({ socket }: IncomingMessage) => {
    const before = Reflect.ownKeys(socket)
    const ends = endsOf({ socket, httpVersionMajor: 1 })
    const after = Reflect.ownKeys(socket)
    seen = [ends, after, [socket.remoteAddress, socket.remotePort, socket.localPort], before]
  }
  const { port } = await serve((request, response) => {
    look(request)
    response.end()
  })
  const { socket, until } = await rawConnection(port)
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await until(/200/)
  expect(seen.slice(0, 2)).toEqual(seen.slice(2))
})

test('of HTTP/2, what the app says of it counts', async () => {
  const seen: unknown[] = []
  const server = http2.createServer()
  let behind: Socket | undefined
  server.on('connection', (socket) => {
    behind = socket
  })
  server.on('request', (request: Http2ServerRequest, response) => {
    const before = Reflect.ownKeys(behind!)
    seen.push(endsOf(request)[0])
    expect(Reflect.ownKeys(behind!)).toEqual(before)
    Object.defineProperty(behind, 'remoteAddress', { value: '192.0.2.1' })
    seen.push(endsOf(request)[0])
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    client.destroy()
    server.close()
  })
  const stream = client.request({ ':path': '/' }).resume()
  await once(stream, 'end')
  expect(seen).toEqual(['127.0.0.1', '192.0.2.1'])
})

test('of what only answers for itself, and of nothing', () => {
  class Fake {
    readonly #address = '127.0.0.1'
    get remoteAddress() {
      return this.#address
    }
  }
  expect(endsOf({ socket: new Fake() })).toEqual(['127.0.0.1', undefined, undefined])
  expect(endsOf({ socket: null })).toEqual([undefined, undefined, undefined])
})
