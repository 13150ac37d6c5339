/**
 * A profiled response is the same response: each app below answers with and without the middleware.
 */
import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import {
  type IncomingMessage,
  type RequestListener,
  request as requestTo,
  type ServerResponse,
} from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ProfilerMiddleware } from '../../src/index.js'
import { Dumps, express4, express5, profview, ROOT, rawConnection, serve } from '../support/app.js'

interface Answer {
  readonly status: number | undefined
  readonly message: string | undefined
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
  readonly trailers: readonly string[]
  readonly hints: readonly unknown[]
}

interface Asking {
  readonly method?: string
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

function ask(port: number, { method = 'GET', path = '/', headers, body }: Asking): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const hints: unknown[] = []
    const request = requestTo({ port, host: '127.0.0.1', method, path, headers: headers ?? {} })
    request.on('information', ({ statusCode }) => hints.push(statusCode))
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => {
        const { rawHeaders: raw, rawTrailers } = response
        resolve({
          status: response.statusCode,
          message: response.statusMessage,
          headers: raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1]!] as const] : [])),
          body: Buffer.concat(chunks).toString('latin1'),
          trailers: rawTrailers,
          hints,
        })
      })
    })
    request.end(body)
  })
}

function valuesOf(answer: Answer, name: string): string[] {
  return answer.headers.filter(([known]) => known.toLowerCase() === name).map(([, value]) => value)
}

const OURS = new RegExp(
  [
    /^(?:(.*), )?cpu;dur=\d+\.\d;desc="cpu, gc and offcpu"/,
    /await;dur=\d+\.\d;desc="await and profiler"/,
    /blocked;dur=\d+\.\d;desc="blocked up to"(?:, queued;dur=\d+\.\d(?:;desc="queued (?:up to|at least)")?)?$/,
  ]
    .map(({ source }) => source)
    .join(', '),
)

/** The answer as it was before us: without the headers that we add, and the date. */
function without(answer: Answer, names: readonly string[]): Answer {
  const headers = answer.headers.flatMap(([name, value]): [string, string][] => {
    if (['date', ...names].includes(name.toLowerCase())) return []
    if (name.toLowerCase() !== 'server-timing') return [[name, value]]
    const theirs = OURS.exec(value)
    return theirs === null ? [[name, value]] : theirs[1] === undefined ? [] : [[name, theirs[1]]]
  })
  // Where the app gave the headers in several places, their order is nobody's promise.
  return {
    ...answer,
    headers: headers.sort(([a], [b]) => a.toLowerCase().localeCompare(b.toLowerCase())),
  }
}

type Build = (middleware: ProfilerMiddleware | null) => RequestListener

/** Dumps take their time: all tests write to one place, and the last one looks at it. */
const dir = mkdtempSync(join(tmpdir(), 'profview-test-'))
const dumps = new Dumps(dir)
const statuses = new Map<string, number | undefined>()
afterAll(() => rmSync(dir, { recursive: true }))

/** Same answer but for our headers, by header and by query. */
async function compare(build: Build, asking: Asking = {}): Promise<void> {
  const plain = await serve(build(null))
  const profiled = await serve(build(profview.profiler(dumps.options())))
  const expected = await ask(plain.port, asking)
  expect(valuesOf(expected, 'x-profile-id')).toEqual([])

  const byHeader = await ask(profiled.port, {
    ...asking,
    headers: { ...asking.headers, 'x-profile': '1' },
  })
  expect(without(byHeader, ['x-profile-id'])).toEqual(without(expected, []))

  const path = asking.path ?? '/'
  const byQuery = await ask(profiled.port, {
    ...asking,
    path: `${path}${path.includes('?') ? '&' : '?'}profile=1`,
  })
  expect(valuesOf(byQuery, 'cache-control')).toEqual(['no-store'])
  expect(without(byQuery, ['x-profile-id', 'cache-control'])).toEqual(
    without(expected, ['cache-control']),
  )

  for (const answer of [byHeader, byQuery]) {
    expect(valuesOf(answer, 'server-timing').filter((value) => OURS.test(value))).toHaveLength(1)
  }
  for (const answer of [byHeader, byQuery]) {
    for (const id of valuesOf(answer, 'x-profile-id')) statuses.set(id, answer.status)
  }
}

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

function plainHttp(handler: Handler): Build {
  return (middleware) => (request, response) => {
    if (middleware === null) handler(request, response)
    else middleware(request, response, () => void handler(request, response))
  }
}

const BYTES = Buffer.alloc(3_000_000, 'abcdefghij')

describe('plain http', () => {
  test.each<[string, Handler, Asking?]>([
    ['end', (_request, response) => response.end('hello')],
    ['nothing at all', (_request, response) => response.end()],
    [
      'another status and message',
      (_request, response) => {
        response.statusCode = 418
        response.statusMessage = 'Short And Stout'
        response.end('tea')
      },
    ],
    [
      'setHeader',
      (_request, response) => {
        response.setHeader('X-App', ['a', 'b'])
        response.setHeader('Set-Cookie', ['a=1', 'b=2'])
        response.end('hello')
      },
    ],
    ['writeHead with a status', (_request, response) => response.writeHead(201).end('made')],
    ['writeHead with a message', (_request, response) => response.writeHead(201, 'Built').end()],
    [
      'writeHead with an object',
      (_request, response) =>
        response.writeHead(200, { 'X-App': 1, 'Set-Cookie': ['a=1', 'b=2'] } as never).end('x'),
    ],
    [
      'writeHead with a message and an object',
      (_request, response) =>
        response.writeHead(200, 'Fine', { 'X-App': '1', 'Content-Length': 1 }).end('x'),
    ],
    [
      'writeHead with one name in two cases',
      (_request, response) => response.writeHead(200, { 'X-App': '1', 'x-app': '2' }).end('x'),
    ],
    [
      'writeHead with a flat array',
      (_request, response) =>
        response
          .writeHead(200, ['X-App', '1', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'x-APP', '2'])
          .end('x'),
    ],
    [
      'writeHead with a message and a flat array',
      (_request, response) => response.writeHead(200, 'Fine', ['X-App', '1']).end('x'),
    ],
    [
      'writeHead with an array of pairs',
      (_request, response) =>
        response
          .writeHead(200, [
            ['X-App', '1'],
            ['Set-Cookie', 'a=1'],
            ['Set-Cookie', 'b=2'],
          ] as never)
          .end('x'),
    ],
    ['writeHead with nothing in it', (_request, response) => response.writeHead(200, {}).end('x')],
    ['writeHead with an empty array', (_request, response) => response.writeHead(200, []).end('x')],
    [
      'setHeader and writeHead with an object',
      (_request, response) => {
        response.setHeader('X-App', '1')
        response.setHeader('X-Both', '1')
        response.writeHead(200, { 'X-Both': '2' }).end('x')
      },
    ],
    [
      'setHeader and writeHead with a flat array',
      (_request, response) => {
        response.setHeader('X-Both', '1')
        response.writeHead(200, ['X-Both', '2', 'X-Both', '3']).end('x')
      },
    ],
    [
      'writeHead that throws, and a second try',
      (_request, response) => {
        try {
          response.writeHead(200, { 'X-App': 'a\nb' })
        } catch (error) {
          response.writeHead(500, { 'X-App': 'ab' }).end((error as { code: string }).code)
        }
      },
    ],
    [
      'writeHead with a name that has no value',
      (_request, response) => {
        try {
          response.writeHead(200, ['X-App'])
          response.end('went through')
        } catch (error) {
          response.end((error as { code: string }).code)
        }
      },
    ],
    [
      'writeHead twice',
      (_request, response) => {
        response.writeHead(200)
        try {
          response.writeHead(201)
        } catch (error) {
          response.end((error as { code: string }).code)
        }
      },
    ],
    [
      'what the app sees of the response itself',
      (_request, response) => response.end(Reflect.ownKeys(response).map(String).join()),
    ],
    [
      'writeHead of the app’s own',
      (_request, response) => {
        const { writeHead } = response
        response.writeHead = function (this: ServerResponse, ...args: unknown[]) {
          response.setHeader('X-Own', String(Object.hasOwn(response, 'writeHead')))
          return Reflect.apply(writeHead, this, args)
        } as typeof writeHead
        response.end('x')
      },
    ],
    [
      'Cache-Control by setHeader',
      (_request, response) => {
        response.setHeader('Cache-Control', 'max-age=9')
        response.end('x')
      },
    ],
    [
      'Cache-Control in an object',
      (_request, response) => response.writeHead(200, { 'cache-control': 'max-age=9' }).end('x'),
    ],
    [
      'Cache-Control in a flat array',
      (_request, response) =>
        response.writeHead(200, ['CACHE-CONTROL', 'max-age=9', 'X', 'y']).end('x'),
    ],
    [
      'Cache-Control in an array of pairs',
      (_request, response) =>
        response.writeHead(200, [['Cache-Control', 'max-age=9']] as never).end('x'),
    ],
    [
      'Cache-Control in both',
      (_request, response) => {
        response.setHeader('Cache-Control', 'public')
        response.writeHead(200, ['cache-control', 'max-age=9']).end('x')
      },
    ],
    [
      'Server-Timing by setHeader',
      (_request, response) => {
        response.setHeader('Server-Timing', 'db;dur=1')
        response.end('x')
      },
    ],
    [
      'Server-Timing in an object',
      (_request, response) =>
        response.writeHead(200, { 'server-timing': 'db;dur=1, cache' }).end('x'),
    ],
    [
      'Server-Timing in a flat array',
      (_request, response) => response.writeHead(200, ['Server-Timing', 'db;dur=1']).end('x'),
    ],
    [
      'Server-Timing by setHeader, others in an object',
      (_request, response) => {
        response.setHeader('Server-Timing', 'db;dur=1')
        response.writeHead(200, { 'X-App': '1' }).end('x')
      },
    ],
    [
      'write before headers',
      (_request, response) => {
        response.write('one')
        response.write('two')
        response.end('three')
      },
    ],
    [
      'chunks with time between',
      async (_request, response) => {
        for (const text of ['one', 'two', 'three']) {
          response.write(text)
          await new Promise(setImmediate)
        }
        response.end()
      },
    ],
    [
      'flushHeaders',
      async (_request, response) => {
        response.flushHeaders()
        await new Promise(setImmediate)
        response.end('late')
      },
    ],
    [
      'trailers',
      (_request, response) => {
        response.writeHead(200, { Trailer: 'X-Sum' })
        response.write('x')
        response.addTrailers({ 'X-Sum': '1' })
        response.end()
      },
    ],
    [
      'early hints',
      (_request, response) => {
        response.writeEarlyHints({ link: '</a.css>; rel=preload' })
        response.end('x')
      },
    ],
    [
      'HEAD',
      (_request, response) => response.writeHead(200, { 'Content-Length': 5 }).end('hello'),
      { method: 'HEAD' },
    ],
    ['204', (_request, response) => response.writeHead(204).end()],
    ['304', (_request, response) => response.writeHead(304, { ETag: '"a"' }).end()],
    ['redirect', (_request, response) => response.writeHead(302, { Location: '/elsewhere' }).end()],
    [
      'a request body that is read late',
      async (request, response) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        const chunks = await request.toArray()
        await new Promise((resolve) => setTimeout(resolve, 20))
        response.end(Buffer.concat(chunks))
      },
      { method: 'POST', body: 'a body' },
    ],
    [
      'a request body that nobody reads',
      (_request, response) => response.end('x'),
      { method: 'POST', body: 'a body' },
    ],
    [
      'a stream with backpressure',
      async (_request, response) => {
        await pipeline(
          Readable.from([BYTES.subarray(0, 1_000_000), BYTES, BYTES.subarray(7)]),
          response,
        )
      },
    ],
    [
      'a file',
      async (_request, response) => {
        await pipeline(createReadStream(join(ROOT, 'package-lock.json')), response)
      },
    ],
    [
      'a wait in between',
      async (_request, response) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        response.end('waited')
      },
    ],
  ])('%s', async (_name, handler, asking) => {
    await compare(plainHttp(handler), asking)
  })
})

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('%s', (_name, express) => {
  type Express = ReturnType<typeof express5>

  beforeEach(() => {
    const log = vi.spyOn(console, 'error').mockReturnValue()
    return () => log.mockRestore()
  })

  function withExpress(build: (app: Express) => void): Build {
    return (middleware) => {
      const app = express()
      // In other environments error pages show stacks, and those show the way through the
      // middleware.
      app.set('env', 'production')
      if (middleware !== null) app.use(middleware as never)
      build(app)
      return app as RequestListener
    }
  }

  test.each<[string, (app: Express) => void, Asking?]>([
    ['json', (app) => app.get('/', (_request, response) => void response.json({ a: 1 }))],
    [
      'send, not modified',
      (app) => app.get('/', (_request, response) => void response.set('ETag', '"a"').send('x')),
      { headers: { 'if-none-match': '"a"' } },
    ],
    [
      'HEAD of a GET route',
      (app) => app.get('/', (_request, response) => void response.send('hello')),
      { method: 'HEAD' },
    ],
    [
      'OPTIONS',
      (app) => app.get('/', (_request, response) => void response.send('x')),
      { method: 'OPTIONS' },
    ],
    ['redirect', (app) => app.get('/', (_request, response) => response.redirect(301, '/b'))],
    [
      'cookies',
      (app) =>
        app.get(
          '/',
          (_request, response) => void response.cookie('a', '1').cookie('b', '2').send('x'),
        ),
    ],
    [
      'sendFile',
      (app) => app.get('/', (_request, response) => response.sendFile(join(ROOT, 'LICENSE'))),
    ],
    [
      'part of a file',
      (app) => app.get('/', (_request, response) => response.sendFile(join(ROOT, 'LICENSE'))),
      { headers: { range: 'bytes=5-9' } },
    ],
    ['static files', (app) => app.use(express.static(ROOT)), { path: '/LICENSE' }],
    [
      'a JSON body',
      (app) => {
        app.use(express.json())
        app.post('/', async (request, response) => {
          await new Promise((resolve) => setTimeout(resolve, 30))
          response.json(request.body)
        })
      },
      { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } },
    ],
    ['no route', (app) => void app.get('/', () => {}), { path: '/nowhere' }],
    [
      'an exception',
      (app) =>
        app.get('/', () => {
          throw Object.assign(new Error('of the app'), {
            status: 503,
            headers: { 'Retry-After': '9' },
          })
        }),
    ],
    [
      'next(error)',
      (app) => app.get('/', (_request, _response, next) => next(new Error('of the app'))),
    ],
    [
      'its own error handler',
      (app) => {
        app.get('/', () => {
          throw new Error('of the app')
        })
        app.use(
          ((error, _request, response, _next) =>
            void response
              .status(500)
              .json({ error: error.message })) as import('express').ErrorRequestHandler,
        )
      },
    ],
    [
      'a patched writeHead below us',
      (app) => {
        app.use(patchWriteHead)
        app.get('/', (_request, response) => void response.send('x'))
      },
    ],
    [
      'a patched end and write below us',
      (app) => {
        app.use((_request, response, next) => {
          const { end } = response
          response.end = function (this: typeof response, ...args: never[]) {
            response.set('X-Patched', 'end')
            return (end as (...args: never[]) => typeof response).apply(this, args)
          } as typeof end
          next()
        })
        app.get('/', (_request, response) => void response.send('x'))
      },
    ],
  ])('%s', async (_case, build, asking) => {
    await compare(withExpress(build), asking)
  })

  test('a patched writeHead above us', async () => {
    await compare((middleware) => {
      const app = express()
      app.use(patchWriteHead)
      if (middleware !== null) app.use(middleware as never)
      app.get('/', (_request, response) => void response.writeHead(200, ['X-App', '1']).end('x'))
      return app as RequestListener
    })
  })
})

/** As `compression` and `on-headers` do it. */
function patchWriteHead(_request: unknown, response: ServerResponse, next: () => void): void {
  const { writeHead } = response
  response.writeHead = function (this: ServerResponse, ...args: unknown[]) {
    response.removeHeader('X-Powered-By')
    response.setHeader('X-Patched', String(response.getHeader('X-Patched') ?? 0) + 1)
    return (writeHead as (...args: unknown[]) => ServerResponse).apply(this, args)
  } as typeof writeHead
  next()
}

test('each profiled answer has its dump', async () => {
  expect(statuses.size).toBeGreaterThan(100)
  const written = await dumps.take(statuses.size)
  expect(new Map(written.map(({ meta }) => [meta.id, meta.request?.status]))).toEqual(
    new Map(statuses),
  )
  expect(written.filter(({ meta }) => meta.request?.aborted)).toEqual([])
  expect([dumps.files, dumps.warnings]).toEqual([[], []])
})

test('the response has its own writeHead back once the headers are out', async () => {
  const dumps = new Dumps()
  const middleware = profview.profiler(dumps.options())
  const owned: boolean[] = []
  const { get } = await serve((request, response) =>
    middleware(request, response, () => {
      response.write('x')
      owned.push(Object.hasOwn(response, 'writeHead'))
      response.end()
    }),
  )
  await get('/?profile=1')
  expect(owned).toEqual([false])
  await dumps.one()
})

test('a client that reads slowly gets everything', async () => {
  const dumps = new Dumps()
  const middleware = profview.profiler(dumps.options())
  const { port } = await serve((request, response) =>
    middleware(request, response, () => {
      response.setHeader('Content-Length', 3 * BYTES.length)
      Readable.from([BYTES, BYTES, BYTES]).pipe(response)
    }),
  )
  const { socket, received } = await rawConnection(port)
  socket.write('GET /?profile=1 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
  for (let pauses = 0; pauses < 5; pauses++) {
    await new Promise((resolve) => socket.once('data', resolve))
    socket.pause()
    await new Promise((resolve) => setTimeout(resolve, 20))
    socket.resume()
  }
  await new Promise((resolve) => socket.once('close', resolve))
  const text = received()
  expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe(
    Buffer.concat([BYTES, BYTES, BYTES]).toString('latin1'),
  )
  expect((await dumps.one()).meta.request?.aborted).toBe(false)
})
