/**
 * An app that answers in every way that Node and Express know. What it says depends on the request
 * alone, byte for byte, so that it can be compared with the same app under the profiler.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createGzip } from 'node:zlib'
import express from 'express'

const FILE = fileURLToPath(new URL('../../LICENSE', import.meta.url))
const BYTES = Buffer.alloc(4_000_000, 'abcdefghijklmnopqrstuvwxyz\n')
const store = new AsyncLocalStorage()

/**
 * `middleware`: the profiler's, or null. `events`: by `x-id`, what the app was told of the request
 * and its response, in order.
 */
export function createApp(middleware, events = new Map()) {
  const app = express()
  // What fails tells the client no stack, in which we could be seen.
  app.set('env', 'production')
  if (middleware !== null) app.use(middleware)
  app.use((request, response, next) => {
    listen(request, response, events)
    store.run(request.url, next)
  })
  for (const [path, handler] of Object.entries(ROUTES)) app.all(path, handler)
  app.use((error, _request, response, next) => {
    if (error.message !== 'handled') return next(error)
    response.status(503).json({ error: error.message, store: withoutTrigger(store.getStore()) })
  })
  const server = createServer({ keepAliveTimeout: 60_000 }, app)
  server.on('upgrade', (_request, socket, head) => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n')
    socket.write(head)
    socket.pipe(socket)
  })
  server.on('connect', (_request, socket) => {
    socket.on('error', () => {})
    socket.end('HTTP/1.1 200 Connected\r\n\r\nbytes')
  })
  return server
}

// --- internal ---

const ROUTES = {
  '/json/:count': (request, response) => {
    const count = Number(request.params.count)
    response.json(Array.from({ length: count }, (_, i) => ({ i, text: 'é'.repeat(i % 7) })))
  },
  '/text/:size': (request, response) => {
    response.type('text').send('x'.repeat(Number(request.params.size)))
  },
  '/large/:size': (request, response) => {
    response.end(BYTES.subarray(0, Number(request.params.size)))
  },
  '/status/:code': (request, response) => response.sendStatus(Number(request.params.code)),
  '/empty': (_request, response) => response.status(204).end(),
  '/redirect': (_request, response) => response.redirect('/text/1'),
  '/file': (_request, response) => response.sendFile(FILE),
  '/awaits/:count': async (request, response) => {
    const seen = []
    for (let i = 0; i < Number(request.params.count); i++) {
      await (i % 3 === 0 ? wait(1) : i % 3 === 1 ? turn() : readFile(FILE))
      seen.push(withoutTrigger(store.getStore()))
    }
    response.json(seen)
  },
  '/busy/:ms': (request, response) => {
    const end = performance.now() + Number(request.params.ms)
    while (performance.now() < end);
    response.send('busy')
  },
  '/chunks/:count/:size': async (request, response) => {
    for (let i = 0; i < Number(request.params.count); i++) {
      response.write(`${i}`.repeat(Number(request.params.size)))
      await (i % 2 === 0 ? turn() : wait(1))
    }
    response.end('last')
  },
  '/stream/:count': (request, response) => {
    return pipeline(Readable.from(parts(Number(request.params.count))), response)
  },
  '/read': (_request, response) => pipeline(createReadStream(FILE), response),
  '/gzip/:size': (request, response) => {
    response.setHeader('Content-Encoding', 'gzip')
    const bytes = BYTES.subarray(0, Number(request.params.size))
    return pipeline(Readable.from([bytes]), createGzip(), response)
  },
  '/trailers': (request, response) => {
    if (request.method === 'HEAD' || request.httpVersion === '1.0') return response.end('none')
    response.writeHead(200, { Trailer: 'X-Sum', 'Content-Type': 'text/plain' })
    response.write('with trailers')
    response.addTrailers({ 'X-Sum': '42' })
    response.end()
  },
  '/hints': (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' }, () => {
      response.writeProcessing()
      response.end('after hints')
    })
  },
  '/headers/:form': (request, response) => HEADERS[request.params.form](response),
  '/flushed': async (_request, response) => {
    response.flushHeaders()
    await wait(1)
    response.end('flushed before')
  },
  '/corked': (_request, response) => {
    response.cork()
    response.write('one ')
    response.write('two ')
    response.uncork()
    response.end('three')
  },
  '/body': async (request, response) => {
    const hash = createHash('sha256')
    let length = 0
    for await (const bytes of request) {
      hash.update(bytes)
      length += bytes.length
    }
    response.json({ length, hash: hash.digest('hex') })
  },
  '/unread': (_request, response) => response.set('connection', 'close').send('did not read it'),
  '/fails/:how': (request, response, next) => FAILURES[request.params.how](response, next),
  '/socket': (request, response) => {
    response.detachSocket(request.socket)
    request.socket.end('HTTP/1.1 299 By Hand\r\ncontent-length: 2\r\n\r\nok')
  },
}

const HEADERS = {
  object: (response) => response.writeHead(200, { 'X-A': '1', 'Set-Cookie': ['a=1', 'b=2'] }).end(),
  flat: (response) => response.writeHead(203, ['X-A', '1', 'X-a', '2', 'X-B', '3']).end('flat'),
  message: (response) => response.writeHead(201, 'Made Up', { 'content-length': 2 }).end('ok'),
  both(response) {
    response.setHeader('X-First', '1')
    response.setHeader('X-Twice', 'set')
    response.writeHead(200, { 'X-Twice': 'written', 'X-Last': '2' }).end('both')
  },
  theirs(response) {
    response.setHeader('Server-Timing', 'db;dur=5')
    response.setHeader('X-Profile', 'the app’s own'.slice(0, 7))
    response.end('theirs')
  },
  dateless(response) {
    response.sendDate = false
    response.removeHeader('X-Powered-By')
    response.end('dateless')
  },
}

const FAILURES = {
  now() {
    throw new Error('thrown')
  },
  handled: (_response, next) => setImmediate(next, new Error('handled')),
  async later() {
    await wait(1)
    throw new Error('rejected')
  },
  async started(response) {
    response.write('started')
    await turn()
    throw new Error('too late')
  },
  destroyed: (response) => response.write('half', () => response.destroy()),
  silently: (response) => response.destroy(),
  short: (response) => response.writeHead(200, { 'Content-Length': 9 }).end('short'),
}

async function* parts(count) {
  for (let i = 0; i < count; i++) {
    if (i % 5 === 0) await turn()
    yield BYTES.subarray(i, i + 1000 * (i % 40))
  }
}

function listen(request, response, events) {
  const id = request.headers['x-id']
  if (id === undefined) return
  const seen = { request: [], response: [] }
  events.set(id, seen)
  // What is aborted is told by one more event of the request or one less, as it comes.
  for (const name of ['end', 'error']) request.on(name, () => seen.request.push(name))
  for (const name of ['finish', 'close', 'error', 'drain', 'pipe', 'unpipe']) {
    response.on(name, () => name !== 'drain' && seen.response.push(name))
  }
}

/** The address as it would be had nobody asked for a profile. */
function withoutTrigger(url) {
  return url?.replace(/[?&]profile=1/, '')
}
