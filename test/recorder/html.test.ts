/**
 * `?profile=html`: the report in place of the body, and the response as it is wherever that cannot
 * be.
 */
import { createHash } from 'node:crypto'
import { createReadStream, writeFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, gunzipSync } from 'node:zlib'
import type { Request, Response } from 'express'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { decodeProfile } from '../../src/formats/registry.js'
import type { ProfilerOptions } from '../../src/index.js'
import type { Profile } from '../../src/profile/profile.js'
import { holdResponse } from '../../src/recorder/response/html-response.js'
import {
  Dumps,
  express4,
  express5,
  profview,
  ROOT,
  rawConnection,
  serve,
  temporaryDir,
} from '../support/app.js'
import { textOf, useBrowser } from '../support/browser.js'
import type { Dump } from '../support/dump-check.js'

type ExpressHandler = (request: Request, response: Response, next: () => void) => unknown
type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

/** A plain server with the middleware in front, or without. */
function plain(handler: Handler, options: ProfilerOptions | null): RequestListener {
  if (options === null) return handler
  const middleware = profview.profiler(options)
  return (request, response) => middleware(request, response, () => void handler(request, response))
}

async function serveBoth(handler: Handler, options: ProfilerOptions) {
  return [await serve(plain(handler, null)), await serve(plain(handler, options))] as const
}

function sourcesOf({ bytes, file }: Dump): Profile['sources'] {
  return decodeProfile(Buffer.from(bytes), file).sources
}

/** The profile inside a report. */
function profileIn(html: string): Profile {
  const [, text] = / id="profview-profile-0">([^<]+)</.exec(html)!
  return decodeProfile(gunzipSync(Buffer.from(text!, 'base64')), 'report.cpuprofile')
}

/** What counts of an answer: nothing that differs from one to the next. */
async function facts(answer: globalThis.Response) {
  const headers = Object.fromEntries(answer.headers)
  for (const name of ['date', 'x-profile-id', 'server-timing', 'cache-control'])
    delete headers[name]
  const body = await answer.text()
  const digest = createHash('sha256').update(body).digest('hex')
  return { status: answer.status, headers, start: body.slice(0, 100), digest }
}

const OF_THE_BODY = {
  etag: '"1"',
  'content-disposition': 'attachment',
  'cache-control': 'public',
  // What caches in between obey first.
  'cdn-cache-control': 'max-age=99',
  'cloudflare-cdn-cache-control': 'max-age=99',
  'surrogate-control': 'max-age=99',
  'x-accel-expires': '99',
  'x-accel-redirect': '/private/file',
  'access-control-allow-origin': '*',
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'timing-allow-origin': '*',
}

test('the report is the body; status and other headers stay, and the dump is written', async () => {
  const dumps = new Dumps()
  const handler: Handler = async function getUser(_request, response) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    response.writeHead(418, 'Short And Stout', {
      ...OF_THE_BODY,
      'content-type': 'application/json',
      'content-security-policy': "default-src 'none'",
      'set-cookie': 'a=b',
    })
    response.end('{}')
  }
  const { get } = await serve(plain(handler, dumps.options()))
  for (const [path, init] of [
    ['/?profile=html', {}],
    ['/', { headers: { 'x-profile': 'html' } }],
  ] as const) {
    const answer = await get(path, init)
    const html = await answer.text()
    expect([answer.status, answer.statusText]).toEqual([418, 'Short And Stout'])
    const dump = await dumps.one()
    const { meta, names } = dump
    expect(Object.fromEntries(answer.headers)).toEqual({
      connection: 'keep-alive',
      'keep-alive': 'timeout=5',
      date: expect.any(String),
      'set-cookie': 'a=b',
      'server-timing': expect.stringMatching(/^cpu;dur=/),
      'x-profile-id': meta.id,
      'cache-control': 'no-store',
      'content-length': String(Buffer.byteLength(html)),
      'content-security-policy': "frame-ancestors 'self'",
      'content-type': 'text/html; charset=utf-8',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(names).toContain('getUser')
    expect(profileIn(html).sources).toEqual(sourcesOf(dump))
    expect(meta.request).toMatchObject({ status: 418, aborted: false })
  }
})

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_name, express) => {
  const file = join(ROOT, 'package.json')
  test.each<[string, number, ExpressHandler]>([
    ['send', 200, (_request, response) => response.send('hello')],
    ['json', 201, (_request, response) => response.status(201).json({ a: 1 })],
    ['sendFile', 200, (_request, response) => response.sendFile(file)],
    ['download', 200, (_request, response) => response.download(file)],
    ['pipe', 200, (_request, response) => createReadStream(file).pipe(response)],
    ['pipeline', 200, (_request, response) => pipeline(Readable.from(['a', 'b']), response)],
    ['redirect', 302, (_request, response) => response.redirect('/elsewhere')],
    ['an empty body', 200, (_request, response) => response.end()],
    ['not found', 404, (_request, _response, next) => next()],
    [
      'an error',
      500,
      () => {
        throw Object.assign(new Error('broken'), { expose: false })
      },
    ],
  ])('%s', async (_what, status, handler) => {
    const dumps = new Dumps()
    const app = express()
    app.set('env', 'test')
    app.use(profview.profiler(dumps.options()))
    app.get('/thing', handler)
    const { get } = await serve(app)
    const answer = await get('/thing?profile=html')
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-encoding')).toBe(null)
    expect(profileIn(await answer.text()).sources).toEqual(sourcesOf(await dumps.one()))
  })
})

test('compressed by what is mounted after us', async () => {
  const dumps = new Dumps()
  const handler: Handler = (_request, response) => {
    const gzip = createGzip()
    response.setHeader('content-encoding', 'gzip')
    gzip.on('data', (chunk) => {
      if (!response.write(chunk)) {
        gzip.pause()
        response.once('drain', () => gzip.resume())
      }
    })
    gzip.on('end', () => response.end())
    gzip.end(Buffer.alloc(3_000_000, 'abc'))
  }
  const { get } = await serve(plain(handler, dumps.options()))
  const answer = await get('/?profile=html')
  expect(answer.headers.get('content-encoding')).toBe(null)
  expect(profileIn(await answer.text()).sources).toHaveLength(1)
  await dumps.one()
})

test('to the app it is the response that it always is', async () => {
  const dumps = new Dumps()
  let seen: (value: unknown) => void = () => {}
  const done = new Promise((resolve) => {
    seen = resolve
  })
  const handler: Handler = async (_request, response) => {
    const events: unknown[] = []
    const note = (...what: unknown[]) => events.push(what)
    note(response.headersSent, response.writableEnded)
    const chunk = Buffer.from('first')
    note(response.write(chunk, () => note('written')))
    note(response.headersSent, response.writableEnded)
    expect(() => response.setHeader('a', 'b')).toThrow(/after they are sent/)
    expect(() => response.writeHead(201)).toThrow(/after they are sent/)
    response.flushHeaders()
    response.once('finish', () => {
      note('finish')
      seen(events)
    })
    expect(response.end('last', 'utf8', () => note('ended'))).toBe(response)
    note(response.headersSent, response.writableEnded)
    response.once('error', (error) => note((error as NodeJS.ErrnoException).code))
    response.write('more')
    response.end()
  }
  const [without, with_] = await serveBoth(handler, dumps.options())
  await without.get('/')
  const expected = (await done) as unknown[]
  expect(expected).toContainEqual(['ERR_STREAM_WRITE_AFTER_END'])
  const again = new Promise((resolve) => {
    seen = resolve
  })
  const answer = await with_.get('/?profile=html')
  expect(answer.status).toBe(200)
  // Only when a callback is called differs: here they are called at once.
  const sorted = (events: unknown[]) => events.map((each) => JSON.stringify(each)).sort()
  expect(sorted((await again) as unknown[])).toEqual(sorted(expected))
  await dumps.one()
})

test('the recording ends where the app ends the response', async () => {
  const dumps = new Dumps()
  const times: number[] = []
  const handler: Handler = (_request, response) => {
    times.push(performance.now())
    response.once('finish', () => times.push(performance.now()))
    setTimeout(() => {
      response.end('x')
      times.push(performance.now())
    }, 20)
  }
  const { get } = await serve(plain(handler, dumps.options()))
  await get('/?profile=html')
  const { meta } = await dumps.one()
  const [start, ended, finished] = times as [number, number, number]
  const took = meta.durationMicros / 1000
  expect(Math.abs(took - (ended - start))).toBeLessThan(finished - start - took)
})

test('several at once, and one after the other on the same connection', async () => {
  const dumps = new Dumps()
  const { get, port } = await serve(
    plain((request, response) => response.end(request.url), dumps.options()),
  )
  const [report, body] = await Promise.all([get('/a?profile=html'), get('/b')])
  expect(await body.text()).toBe('/b')
  expect(await report.text()).toMatch(/^<!doctype html>/)
  const { socket, until } = await rawConnection(port)
  socket.write('GET /c?profile=html HTTP/1.1\r\nhost: localhost\r\n\r\n')
  socket.write('GET /d HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
  expect(await until(/\r\n\r\n\/d$/)).toMatch(
    /^HTTP\/1\.1 200 OK[\s\S]*<\/html>\n?HTTP\/1\.1 200 OK/,
  )
  await dumps.take(2)
})

describe('the response goes out as it is', () => {
  const bytes = Buffer.alloc(17 * 1024 * 1024, 'abcdefghij')
  test.each<[string, Handler, RequestInit?]>([
    ['HEAD', (_request, response) => response.end('hello'), { method: 'HEAD' }],
    ['204', (_request, response) => response.writeHead(204).end()],
    ['304', (_request, response) => response.writeHead(304, { etag: '"1"' }).end('ignored')],
    [
      '206',
      (_request, response) => {
        response.writeHead(206, { 'content-range': 'bytes 0-4/10', 'content-length': 5 })
        response.end('hello')
      },
    ],
    ['a large body', (_request, response) => response.end(bytes)],
    ['a large stream', (_request, response) => Readable.from([bytes, bytes]).pipe(response)],
  ])('%s', async (_name, handler, init) => {
    const dumps = new Dumps()
    const [without, with_] = await serveBoth(handler, dumps.options())
    const expected = await facts(await without.get('/', init))
    expect(await facts(await with_.get('/?profile=html', init))).toEqual(expected)
    await dumps.one()
  })

  test.each<[string, Handler]>([
    ['end', (_request, response) => response.end('hello')],
    ['end with nothing', (_request, response) => response.end()],
    [
      'writes',
      (_request, response) => {
        response.setHeader('x-a', 'b')
        response.write('one')
        response.write('74776f', 'hex')
        response.end()
      },
    ],
    [
      'a body of known length',
      (_request, response) => {
        response.writeHead(500, { 'content-length': 6 })
        response.write('one')
        response.end('two')
      },
    ],
  ])('where no dump can be written: %s', async (_name, handler) => {
    const dumps = new Dumps()
    const blocked = join(temporaryDir(), 'file')
    writeFileSync(blocked, '')
    const [without, with_] = await serveBoth(handler, dumps.options({ dir: blocked }))
    const expected = await facts(await without.get('/'))
    expect(await facts(await with_.get('/?profile=html'))).toEqual(expected)
    expect(dumps.warnings).toEqual([expect.stringMatching(/a profile was lost/)])
  })

  test('where the report does not come', async () => {
    const { port } = await serve((request, response) => {
      const held = holdResponse(request, response)!
      held.onEnd = () => vi.advanceTimersByTime(5000)
      response.end('hello')
      // Too late.
      response.once('finish', () => held.release({ bytes: new Uint8Array(9), file: 'a' }))
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { socket, until } = await rawConnection(port)
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
    expect(await until(/hello/)).toMatch(/content-length: 5\r\n\r\nhello$/i)
  })

  test('where it does not end within the time limit', async () => {
    const dumps = new Dumps()
    let response: ServerResponse | undefined
    const handler: Handler = (_request, each) => {
      response = each
      response.write('first ')
    }
    const options = dumps.options({ limits: { durationMs: 50 } })
    const { port } = await serve(plain(handler, options))
    const { socket, until } = await rawConnection(port)
    socket.write('GET /?profile=html HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await until(/first /)
    response!.end('last')
    expect(await until(/\r\n0\r\n\r\n$/)).toMatch(/first \r\n4\r\nlast/)
    expect((await dumps.one()).meta.warnings.map(({ code }) => code)).toContain('cut-off')
  })
})

test('an error after the first byte ends the connection, as it does without us', async () => {
  const dumps = new Dumps()
  const app = express5()
  app.set('env', 'test')
  app.use(profview.profiler(dumps.options()))
  app.get('/', (_request, response) => {
    response.write('half')
    throw new Error('broken')
  })
  const { get } = await serve(app)
  await expect(get('/?profile=html')).rejects.toThrow()
  expect((await dumps.one()).meta.request).toMatchObject({ aborted: true })
})

test('a client that leaves while the body is kept back', async () => {
  const dumps = new Dumps()
  let left: () => void = () => {}
  const closed = new Promise<void>((resolve) => {
    left = resolve
  })
  const handler: Handler = (_request, response) => {
    response.once('close', () => {
      response.write('more')
      response.end('last')
      left()
    })
    response.write('first')
    socket.destroy()
  }
  const { port } = await serve(plain(handler, dumps.options()))
  const { socket } = await rawConnection(port)
  socket.write('GET /?profile=html HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await closed
  expect((await dumps.one()).meta.request).toMatchObject({ aborted: true })
})

describe('the gate', () => {
  const handler: Handler = (_request, response) => response.end('hello')
  const PROXIED = { headers: { 'x-forwarded-for': '192.0.2.1' } }

  test('a refused trigger is as if it were not there', async () => {
    const dumps = new Dumps()
    const middleware = profview.profiler(dumps.options())
    const { get } = await serve((request, response) =>
      middleware(request, response, () => handler(request, response)),
    )
    const answer = await get('/?profile=html', PROXIED)
    expect([await answer.text(), answer.headers.get('x-profile-id')]).toEqual(['hello', null])
    expect(middleware.counts).toEqual({ profiled: 0, refused: 1, skipped: 0 })
  })

  test('where all requests are profiled it still decides about the report', async () => {
    const dumps = new Dumps()
    const { get } = await serve(plain(handler, dumps.options({ mode: 'all' })))
    expect(await (await get('/?profile=html', PROXIED)).text()).toBe('hello')
    expect(await (await get('/?profile=html')).text()).toMatch(/^<!doctype html>/)
    expect(await (await get('/')).text()).toBe('hello')
    await dumps.take(3)
  })

  test.each([
    ['both values', '/?profile=html&profile=1', {}],
    ['in capitals', '/?profile=HTML', {}],
    ['longer', '/?profile=html5', { headers: { 'x-profile': 'html, html' } }],
  ])('not a trigger: %s', async (_name, path, init) => {
    const { get } = await serve(plain(handler, new Dumps().options()))
    const answer = await get(path, init)
    expect([await answer.text(), answer.headers.get('x-profile-id')]).toEqual(['hello', null])
  })
})

const browser = useBrowser()

test('a browser shows it, whatever policy the app has', async () => {
  const dumps = new Dumps()
  const handler: Handler = async function slow(_request, response) {
    await new Promise((resolve) => setTimeout(resolve, 30))
    response.setHeader('content-security-policy', "default-src 'self'; script-src 'self'")
    response.setHeader('x-content-type-options', 'nosniff')
    response.end('{}')
  }
  const { port } = await serve(plain(handler, dumps.options()))
  const page = await browser.open()
  await page.goto(`http://127.0.0.1:${port}/users?profile=html`)
  await page.waitForSelector('tbody .tree-row')
  expect(await textOf(page.locator('tbody'))).toMatch(/slow/)
  await dumps.one()
}, 60_000)
