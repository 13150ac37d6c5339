/**
 * All code of a request is its own: what its body brings, and what comes after a middleware whose
 * `next` is made a promise of. Each request burns in a function of its own name.
 */
import { request as ask, createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { connect as connect2, createServer as createServer2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { ProfilerOptions } from '../../src/index.js'
import { Dumps, profview } from '../support/app.js'
import { paths } from '../support/recorded.js'
import { burn, sleep } from '../support/waits.mjs'

type Middleware = ReturnType<typeof profview.profiler>
type Mount = (middleware: Middleware, app: RequestListener) => RequestListener

/** Ways to go on after a middleware. */
const MOUNTS: Record<string, Mount> = {
  'next is called': (middleware, app) => (request, response) =>
    middleware(request, response, () => app(request, response)),
  'next resolves a promise': (middleware, app) => (request, response) => {
    const next = new Promise<void>((resolve) => middleware(request, response, () => resolve()))
    void next.then(() => app(request, response))
  },
  'next is awaited by its callers': (middleware, app) => {
    const layer: RequestListener = (request, response) =>
      new Promise<void>((resolve) => middleware(request, response, () => resolve()))
    const framework = async (...args: Parameters<RequestListener>) => {
      for (const each of [async () => {}, layer, app]) await each(...args)
    }
    return (request, response) => void framework(request, response)
  },
}

const MODES: Record<string, ProfilerOptions> = {
  triggered: {},
  all: { mode: 'all' },
  slow: { slow: 1 },
}

/** Burns when called, for each piece of the body, at its end, and after another wait. */
const app: RequestListener = (request, response) => {
  const name = `of_${request.headers['x-name']}`
  const own = new Function('burn', `return function ${name}(ms) { return burn(ms) }`)(burn)
  own(6)
  request.on('data', () => own(6))
  request.on('end', async () => {
    own(6)
    await sleep(3)
    own(6)
    response.end('done')
  })
}

/** Sends a body in three pieces. */
type Post = (name: string) => Promise<void>

async function serveHttp1(listener: RequestListener): Promise<Post> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return (name) =>
    new Promise((resolve, reject) => {
      const headers = { 'x-name': name, 'x-profile': '1' }
      const sent = ask({ port, host: '127.0.0.1', method: 'POST', headers }, (answer) => {
        answer.resume().on('end', resolve)
      })
      void inPieces(sent.on('error', reject))
    })
}

async function serveHttp2(listener: RequestListener): Promise<Post> {
  const server = createServer2(listener as never)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const session = connect2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    session.destroy()
    server.close()
  })
  return (name) =>
    new Promise((resolve, reject) => {
      const sent = session.request({ ':method': 'POST', 'x-name': name, 'x-profile': '1' })
      sent.resume().on('end', resolve).on('error', reject)
      void inPieces(sent)
    })
}

async function inPieces(sent: NodeJS.WritableStream): Promise<void> {
  for (let i = 0; i < 3; i++) {
    sent.write(`piece ${i}`)
    await sleep(4)
  }
  sent.end()
}

const SERVERS = { 'HTTP/1': serveHttp1, 'HTTP/2': serveHttp2 }

beforeAll(async () => {
  // What runs while the sampler is being armed may not be sampled.
  await profview.profile(() => sleep(30))
})

describe.each(Object.keys(MODES))('%s', (mode) => {
  describe.each(Object.keys(SERVERS) as (keyof typeof SERVERS)[])('%s', (server) => {
    test.each(Object.keys(MOUNTS))('%s', async (mount) => {
      const dumps = new Dumps()
      const labels = (request: IncomingMessage) => ({ name: String(request.headers['x-name']) })
      const middleware = profview.profiler(dumps.options({ ...MODES[mode], labels }))
      const post = await SERVERS[server](MOUNTS[mount]!(middleware, app))
      const names = ['a', 'b', 'c', 'd', 'e', 'f']
      await Promise.all(names.map(post))
      const all = await dumps.take(names.length)
      expect(all.map(({ meta }) => meta.labels.name).sort()).toEqual(names)
      let ownMicros = 0
      for (const { file, meta } of all) {
        const own = `of_${meta.labels.name}`
        let elsewhereMicros = 0
        for (const { names, micros } of paths(await profview.readProfile(file))) {
          const whose = names.find((name) => name.startsWith('of_'))
          if (whose === undefined) continue
          const isOwn = !names.includes('[blocked]')
          if (isOwn && whose === own) ownMicros += micros
          else if (isOwn || whose === own) elsewhereMicros += micros
        }
        // Under heavy load the engine may tell a sample with the label of the one before or after.
        expect(elsewhereMicros).toBeLessThan(2000)
      }
      // How much the engine sampled is the machine's.
      expect(ownMicros).toBeGreaterThan(0)
    })
  })
})
