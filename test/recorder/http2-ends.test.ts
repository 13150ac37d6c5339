/** How a response of HTTP/2 has ended, which says "finish" whatever became of it. */
import { once } from 'node:events'
import { connect, constants, createServer, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { IncomingRequest, OutgoingResponse } from '../../src/recorder/request.js'
import { onEnd } from '../../src/recorder/response/response-end.js'

type Handler = (response: Http2ServerResponse) => void
type Client = ReturnType<ReturnType<typeof connect>['request']>

/** Was it aborted, where the app and then its client did that? */
async function isAborted(handle: Handler, act: (client: Client) => void, method = 'GET') {
  const server = createServer()
  const ended = new Promise<boolean>((resolve) => {
    server.on('request', (request, response) => {
      const outgoing = response as unknown as OutgoingResponse
      onEnd(request as unknown as IncomingRequest, outgoing, resolve)
      handle(response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    session.destroy()
    server.close()
  })
  const client = session.request({ ':path': '/', ':method': method })
  client.on('error', () => {})
  client.resume()
  act(client)
  return ended
}

const nothing = () => {}
const reset = (client: Client) =>
  void client.once('response', () => client.close(constants.NGHTTP2_CANCEL))

test.each<[string, Handler, string?]>([
  ['a body', (response) => response.end('x'.repeat(100_000))],
  ['none', (response) => response.writeHead(204).end()],
  ['none that could be sent', (response) => response.end('x'), 'HEAD'],
])('one with %s has ended well', async (_what, handle, method) => {
  expect(await isAborted(handle, nothing, method)).toBe(false)
})

test('a client that goes away, in the middle and before all of it could be sent', async () => {
  expect(await isAborted((response) => void response.write('x'), reset)).toBe(true)
  const large = Buffer.alloc(10_000_000)
  expect(await isAborted((response) => response.end(large), reset)).toBe(true)
})

test('an app that gives up', async () => {
  const giveUp: Handler = (response) => response.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  expect(await isAborted(giveUp, nothing)).toBe(true)
})
