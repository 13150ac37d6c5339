/**
 * A server that has never heard of profview: it clocks its own work, and takes inventory of what
 * is in its process.
 */
import cluster from 'node:cluster'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const { FRAMEWORK = 'http', WORKERS = '0', HANG = '', HANDLES = '' } = process.env
/** How it hangs. */
const HANGS = { hang, promises, expression, native }
const require = createRequire(import.meta.url)
const http = require('node:http')
/** Frameworks that only some tests install. */
const far = (name) => createRequire(join(process.env.FRAMEWORKS, 'x'))(name)

/** What Node does not show as a resource: what its prototypes, channels and hooks are. */
function inventory() {
  const symbols = Object.getOwnPropertySymbols(globalThis).map(String)
  const own = (object) =>
    Object.entries(Object.getOwnPropertyDescriptors(object)).map(([name, { value, ...rest }]) => {
      // Node's own of it is another one as soon as there has been a thread.
      if (name === 'chdir') return []
      const isMethod = typeof value === 'function'
      return [name, isMethod ? Function.prototype.toString.call(value) : '', Object.values(rest)]
    })
  const prototypes = [
    http.Server.prototype,
    http.ServerResponse.prototype,
    http.IncomingMessage.prototype,
    require('node:net').Socket.prototype,
    process,
  ].flatMap(own)
  const { channel } = require('node:diagnostics_channel')
  return {
    symbols: symbols.filter((name) => name.includes('profview')),
    prototypes: prototypes.map((each) => each.join(' ')).sort(),
    same: [http.Server.prototype.emit, http.ServerResponse.prototype.end].map(
      (now, i) => now === METHODS[i],
    ),
    emitIsOwn: Object.hasOwn(http.Server.prototype, 'emit'),
    listeners: Object.fromEntries(
      process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
    ),
    sockets: process
      ._getActiveHandles()
      .filter((handle) => handle.server)
      .map((socket) =>
        socket
          .eventNames()
          .map((name) => `${String(name)} ${socket.listenerCount(name)}`)
          .join(),
      ),
    channels: CHANNELS.filter((name) => channel(name).hasSubscribers),
    resources: process.getActiveResourcesInfo().sort(),
    hooks: [...hookFields()],
    fds: fs
      .readdirSync('/proc/self/fd')
      .map((fd) => linkOf(`/proc/self/fd/${fd}`))
      .filter((path) => !path.startsWith('socket:') && !path.includes('/fd'))
      .sort(),
    listening: listening(),
    inspector: require('node:inspector').url() ?? null,
    threads: fs.readdirSync('/proc/self/task').length,
    signals: /SigCgt:\s*(\w+)/.exec(fs.readFileSync('/proc/self/status', 'latin1'))[1],
    cached: Object.keys(require.cache).filter((path) => path.includes('/dist/bundle/')),
  }
}

const METHODS = [http.Server.prototype.emit, http.ServerResponse.prototype.end]
const CHANNELS = [
  'net.server.socket',
  'http.server.request.start',
  'http.server.response.finish',
  'tracing:net.server.listen:asyncStart',
  'undici:request:create',
  'http.client.request.start',
  'child_process',
  'tracing:fastify.request.handler:start',
]

/** A promise has an id while hooks are on, or have been. */
function* hookFields() {
  const { executionAsyncId } = require('node:async_hooks')
  let seen = -1
  Promise.resolve().then(() => {
    seen = executionAsyncId()
  })
  yield seen
}

function linkOf(path) {
  try {
    return fs.readlinkSync(path)
  } catch {
    return ''
  }
}

function listening() {
  const rows = ['tcp', 'tcp6'].flatMap((name) => {
    return fs.readFileSync(`/proc/self/net/${name}`, 'latin1').trim().split('\n').slice(1)
  })
  const inodes = new Set(fs.readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`)))
  const own = rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => {
      return state === '0A' && inodes.has(`socket:[${inode}]`)
    })
  return own.length
}

/** Burns CPU, by the kernel's own clock of the thread. */
function burn(ms) {
  const start = cpuMs()
  let sum = 0
  while (cpuMs() - start < ms) for (let i = 0; i < 100_000; i++) sum += Math.sqrt(i)
  return sum
}

/** The kernel brings it up to date when the process asks for its own. */
function cpuMs() {
  process.cpuUsage()
  return Number(fs.readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function page(ms) {
  burn(ms)
  await sleep(20)
  return `page ${ms}\n`
}

// Node's pool of threads begins with the first that needs it, and its streams do.
await fs.promises.stat('/')
void process.stderr

async function listen() {
  if (FRAMEWORK === 'express') {
    const app = require('express')()
    app.get('/page/:ms', async (request, response) => {
      response.type('text').send(await page(Number(request.params.ms)))
    })
    app.get('/inventory', (_request, response) => response.json(inventory()))
    return app.listen(0, '127.0.0.1')
  }
  if (FRAMEWORK === 'fastify') {
    const app = far('fastify')()
    app.get('/page/:ms', async ({ params }) => page(Number(params.ms)))
    app.get('/inventory', async () => inventory())
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app.server
  }
  if (FRAMEWORK === 'koa') {
    const [Koa, { Router }] = [far('koa'), far('@koa/router')]
    const router = new Router()
    router.get('/page/:ms', async (context) => {
      context.body = await page(Number(context.params.ms))
    })
    router.get('/inventory', (context) => {
      context.body = inventory()
    })
    return new Koa().use(router.routes()).listen(0, '127.0.0.1')
  }
  if (FRAMEWORK === 'nest') return nest()
  const server = http.createServer(async (request, response) => {
    if (request.url === '/inventory') return response.end(JSON.stringify(inventory()))
    if (request.url === '/pid') return response.end(String(process.pid))
    response.setHeader('Content-Type', 'text/plain')
    response.end(await page(Number(request.url.split('/')[2] ?? 10)))
  })
  return server.listen(0, '127.0.0.1')
}

async function nest() {
  far('reflect-metadata')
  const [{ Controller, Get, Module, Param }, { NestFactory }] = [
    far('@nestjs/common'),
    far('@nestjs/core'),
  ]
  class Pages {
    page(count) {
      return page(Number(count))
    }
    inventory() {
      return inventory()
    }
  }
  // As decorators do, which Node does not know.
  const handles = (name, route) =>
    route(Pages.prototype, name, Object.getOwnPropertyDescriptor(Pages.prototype, name))
  handles('page', Get('page/:ms'))
  handles('inventory', Get('inventory'))
  Param('ms')(Pages.prototype, 'page', 0)
  Controller()(Pages)
  class Site {}
  Module({ controllers: [Pages] })(Site)
  const app = await NestFactory.create(Site, { logger: false })
  await app.listen(0, '127.0.0.1')
  return app.getHttpServer()
}

function hang(ms) {
  const end = Date.now() + ms
  while (Date.now() < end);
}

async function promises(ms) {
  const end = Date.now() + ms
  while (Date.now() < end) await null
}

function expression() {
  return /^(a+)+$/.test(`${'a'.repeat(31)}b`)
}

function native() {
  require('node:child_process').execSync('sleep 8')
}

if (HANDLES !== '') process.on('SIGUSR1', () => process.stderr.write('app has SIGUSR1\n'))
if (Number(WORKERS) > 0 && cluster.isPrimary) {
  for (let i = 0; i < Number(WORKERS); i++) cluster.fork()
  process.on('SIGTERM', () => process.exit())
} else {
  const server = await listen()
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
  process.stdout.write(`${process.pid} ${server.address().port}\n`)
  if (HANG !== '') setTimeout(HANGS[HANG], 100, 10_000)
}
