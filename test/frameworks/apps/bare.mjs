import { createServer } from 'node:http'
import { createServer as createHttp2Server, createSecureServer } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { Readable } from 'node:stream'
import { generate } from 'selfsigned'
import { clockedWork, events, findItems, findUser, lines, sizeOf, sleep } from './shop.mjs'

const middleware = process.env.MOUNT === 'app' ? await mounted() : null

function handle(request, response) {
  if (middleware === null) return void answer(request, response)
  middleware(request, response, () => void answer(request, response))
}

async function answer(request, response) {
  try {
    const [, first, ...rest] = request.url.split('?')[0].split('/')
    const handler = HANDLERS[`${request.method} ${first}`]
    if (handler === undefined) response.writeHead(404).end()
    else await handler(request, response, rest)
  } catch {
    response.writeHead(500).end('failed')
  }
}

const HANDLERS = {
  'GET hello': async (_request, response) => {
    await sleep(5)
    response.end('hello')
  },
  'GET users': async (_request, response, [id]) => json(response, await findUser(id)),
  'GET shop': async (_request, response, [, order]) => json(response, await findItems(order)),
  'POST echo': async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    json(response, JSON.parse(Buffer.concat(chunks)))
  },
  'GET fail': async () => {
    await sleep(5)
    throw new Error('as it should')
  },
  'GET lines': async (_request, response) => {
    response.setHeader('Content-Type', 'text/plain')
    Readable.from(lines()).pipe(response)
  },
  'GET events': async (_request, response) => {
    response.setHeader('Content-Type', 'text/event-stream')
    Readable.from(events()).pipe(response)
  },
  'GET slow': async (_request, response) => {
    await sleep(60_000, null, { ref: false })
    response.end('late')
  },
  'PUT files': async (request, response) => json(response, { size: await sizeOf(request) }),
  'GET clocked': async (_request, response, [name]) => json(response, await clockedWork(name)),
}

function json(response, value) {
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(value))
}

/** No framework knows its routes. */
async function mounted() {
  const { profiler } = await import('profview')
  const routes = ['/hello', '/users/:id', '/shop/orders/:order/items', '/echo', '/fail', '/lines']
  const more = ['/events', '/slow/:id', '/files/:name', '/clocked/:name']
  return profiler({ routes: [...routes, ...more] })
}

async function serverOf(kind) {
  if (kind === 'http') return createServer(handle)
  if (kind === 'h2c') return createHttp2Server(handle)
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }])
  if (kind === 'https') return createHttpsServer({ key, cert }, handle)
  return createSecureServer({ key, cert, allowHTTP1: true }, handle)
}

const server = await serverOf(process.env.SERVER)
server.listen(Number(process.env.PORT), '127.0.0.1')
