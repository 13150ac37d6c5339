/** What the app sees of its response and its connection, profiled or not. */
import { EventEmitter } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { Dumps, profview, rawConnection, serve } from '../support/app.js'

type Sight = Readonly<Record<string, unknown>>

/** All that can be found out about an emitter: what it has, and who listens. */
function sightOf(emitter: EventEmitter): Sight {
  const own = Object.getOwnPropertyDescriptors(emitter) as Record<PropertyKey, PropertyDescriptor>
  const names = emitter.eventNames().filter((name) => emitter.listenerCount(name) > 0)
  return {
    own: Reflect.ownKeys(own)
      // The first says as much as its listeners; the other is that of the body which went out.
      .filter((key) => !['_eventsCount', '_contentLength'].includes(String(key)))
      .map((key) => [String(key), typeof own[key]!.value, typeof own[key]!.get]),
    isOf: Object.getPrototypeOf(emitter).constructor.name,
    listeners: names.map((name) => [String(name), emitter.listenerCount(name)]).sort(),
    max: emitter.getMaxListeners(),
  }
}

/** What a handler sees at its start, before and after its first byte, and at its end. */
async function seenOf(ask: string, isOurs = true) {
  const seen: { response: Sight; request: Sight; socket: Sight }[] = []
  const dumps = new Dumps()
  const use = isOurs ? profview.profiler(dumps.options()) : null
  let sawAll = () => {}
  const done = new Promise<void>((resolve) => {
    sawAll = resolve
  })
  const look = (request: IncomingMessage, response: ServerResponse, socket: EventEmitter) =>
    seen.push({
      response: sightOf(response),
      request: sightOf(request),
      socket: sightOf(socket),
    })
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    look(request, response, socket)
    response.writeHead(201, { 'Content-Type': 'text/plain' })
    look(request, response, socket)
    response.write('first ')
    look(request, response, socket)
    response.once('finish', () =>
      setImmediate(() => {
        look(request, response, socket)
        sawAll()
      }),
    )
    response.end('last')
  }
  const { port } = await serve((request, response) => {
    if (use === null) handle(request, response)
    else use(request, response, () => handle(request, response))
  })
  const { socket, until } = await rawConnection(port)
  socket.write(`GET ${ask} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  await until(/first |<\/html>/)
  await done
  if (isOurs) await dumps.one()
  return seen
}

/** Of the socket, the one that listens for its end while the request is recorded. */
function withoutOne({ listeners, ...sight }: Sight): Sight {
  const counted = listeners as [string, number][]
  return {
    ...sight,
    listeners: counted.map(([name, count]) => [name, name === 'close' ? count - 1 : count]),
  }
}

// A second one finds all patches in place.
test.each(['/?profile=1', '/?profile=1', '/?profile=html', '/?profile=html'])(
  'a response to %s is the same to the last property and listener',
  async (ask) => {
    const bare = await seenOf(ask, false)
    const ours = await seenOf(ask)
    expect(ours.map(({ response }) => response)).toEqual(bare.map(({ response }) => response))
    expect(ours.map(({ request }) => request)).toEqual(bare.map(({ request }) => request))
    const during = ours.slice(0, 3).map(({ socket }) => withoutOne(socket))
    expect(during).toEqual(bare.slice(0, 3).map(({ socket }) => socket))
    expect(ours[3]!.socket).toEqual(bare[3]!.socket)
  },
)

/** As adapters of serverless platforms make it, which ask when it has ended what was written. */
test.each(['1', 'html'])('one without a connection is written when it is ended: %s', (value) => {
  const written: string[] = []
  const write = (data: unknown, encoding: unknown, done: unknown = encoding) => {
    written.push(String(data))
    if (typeof done === 'function') done()
  }
  const socket = Object.assign(new EventEmitter(), {
    ...{ remoteAddress: '127.0.0.1', writable: true, _writableState: {}, destroy() {} },
    ...{ cork() {}, uncork() {}, write },
  })
  const request = Object.assign(new IncomingMessage(socket as never), {
    ...{ url: '/', method: 'GET', httpVersion: '1.1', headers: { 'x-profile': value } },
  })
  const response = new ServerResponse(request)
  response.assignSocket(socket as never)
  const dumps = new Dumps()
  const use = profview.profiler(dumps.options({ authorize: () => true }))
  use(request, response, () => response.end('hello'))
  expect(written.join()).toMatch(/x-profile-id:[\s\S]*hello/i)
})
