import type { RequestListener } from 'node:http'
import { describe, expect, test, vi } from 'vitest'
import type { ProfilerOptions } from '../../src/index.js'
import {
  Dumps,
  express5,
  profview,
  rawConnection,
  runScript,
  runWhole,
  serve,
} from '../support/app.js'
import { filesIn } from '../support/dump-check.js'

/** The same app with and without the middleware. */
function app(options: ProfilerOptions | null): RequestListener & { counts: () => object } {
  const express = express5()
  const middleware = options === null ? null : profview.profiler(options)
  if (middleware !== null) express.use(middleware)
  express.get('/', (_request, response) => void response.json({ hello: 'world' }))
  return Object.assign(express, { counts: () => ({ ...middleware?.counts }) })
}

const HOST = 'host: localhost'

/** All bytes of the answer to a request made of these lines, but the date. */
async function exchange(port: number, lines: readonly string[], host = HOST): Promise<string> {
  const { socket, received } = await rawConnection(port)
  const all = [...lines, ...(host === '' ? [] : [host]), 'connection: close', '', '']
  socket.write(all.join('\r\n'), 'latin1')
  await new Promise((resolve) => socket.once('close', resolve))
  return received().replace(/^date: .*$/im, '')
}

/** The answer is what it is without us, and the trigger is counted. */
async function expectRefusal(lines: readonly string[], host = HOST): Promise<void> {
  const handler = app(new Dumps().options())
  const [without, with_] = [await serve(app(null)), await serve(handler)]
  expect(await exchange(with_.port, lines, host)).toBe(await exchange(without.port, lines, host))
  expect(handler.counts()).toEqual({ profiled: 0, refused: 1, skipped: 0 })
}

const BIG = 'x'.repeat(15_000)

describe('what triggers', () => {
  test.each([
    ['header', ['GET / HTTP/1.1', 'x-profile: 1']],
    ['header in capitals', ['GET / HTTP/1.1', 'X-PROFILE: 1']],
    ['query', ['GET /?profile=1 HTTP/1.1']],
    ['header: true', ['GET / HTTP/1.1', 'x-profile: true']],
    ['header without a value', ['GET / HTTP/1.1', 'x-profile:']],
    ['query: true', ['GET /?profile=true HTTP/1.1']],
    ['query with an empty value', ['GET /?profile= HTTP/1.1']],
    ['query without a value', ['GET /?a=b&profile HTTP/1.1']],
    ['query among others', ['GET /?a=b&profile=1&c HTTP/1.1']],
    ['a query parameter that only looks alike', ['GET /?profile=1&profiles=2&xprofile=3 HTTP/1.1']],
  ])('%s', async (_name, lines) => {
    const dumps = new Dumps()
    const handler = app(dumps.options())
    const { port } = await serve(handler)
    expect(await exchange(port, lines)).toMatch(/^x-profile-id: [0-9a-f]{16}\r$/im)
    const dump = await dumps.one()
    expect(dump.meta.request).toEqual({ method: 'GET', route: '/', status: 200, aborted: false })
    expect(handler.counts()).toEqual({ profiled: 1, refused: 0, skipped: 0 })
  })

  test('header and query under other names', async () => {
    const dumps = new Dumps()
    const { get } = await serve(app(dumps.options({ header: 'X-Why', query: 'why' })))
    const ids = await Promise.all(
      [
        get('/', { headers: { 'x-why': '1' } }),
        get('/?why=1'),
        get('/?profile=1', { headers: { 'x-profile': '1' } }),
      ].map(async (answer) => (await answer).headers.get('x-profile-id')),
    )
    expect(ids).toEqual([expect.any(String), expect.any(String), null])
    await dumps.take(2)
  })
})

describe('what does not trigger is served as if it were not there', () => {
  test.each([
    ['another value', ['GET /?profile=2 HTTP/1.1', 'x-profile: yes']],
    ['a value in capitals', ['GET /?profile=TRUE HTTP/1.1', 'x-profile: True']],
    ['no value, twice', ['GET /?profile&profile HTTP/1.1', 'x-profile:', 'x-profile:']],
    ['no value in an array', ['GET /?profile[] HTTP/1.1']],
    ['a longer value', ['GET /?profile=11 HTTP/1.1', 'x-profile: 1 1']],
    ['an encoded value', ['GET /?profile=%31 HTTP/1.1']],
    ['an encoded name', ['GET /?%70rofile=1 HTTP/1.1']],
    ['the header twice', ['GET / HTTP/1.1', 'x-profile: 1', 'x-profile: 1']],
    ['the header as a list', ['GET / HTTP/1.1', 'x-profile: 1, 1']],
    ['the query twice', ['GET /?profile=1&profile=1 HTTP/1.1']],
    ['on and off', ['GET /?profile=1&profile=0 HTTP/1.1']],
    ['an array', ['GET /?profile[]=1 HTTP/1.1']],
    ['an array besides', ['GET /?profile=1&profile[]=1 HTTP/1.1']],
    ['an encoded array besides', ['GET /?profile=1&profile%5B%5D=1 HTTP/1.1']],
    ['an encoded name besides', ['GET /?profile=1&%70rofile=0 HTTP/1.1']],
    ['a prototype', ['GET /?profile[__proto__]=1&profile=1 HTTP/1.1']],
    ['broken encoding', ['GET /?profile=%E0%A4%A HTTP/1.1', 'x-profile: %']],
    ['15 kB of query', [`GET /?profile=${BIG} HTTP/1.1`]],
    ['15 kB of header', ['GET / HTTP/1.1', `x-profile: ${BIG}`]],
    ['16 kB of header, which Node refuses', ['GET / HTTP/1.1', `x-profile: ${BIG}${BIG}`]],
    ['bytes over 127', ['GET / HTTP/1.1', 'x-profile: \xb9', 'x-other: \xff']],
    ['a control byte, which Node refuses', ['GET / HTTP/1.1', 'x-profile: 1\x01']],
    ['the name in the path', ['GET /profile=1 HTTP/1.1']],
    ['a fragment', ['GET /?a#profile=1 HTTP/1.1']],
    ['a token', ['GET /?profile=v1.1.abc.def HTTP/1.1', 'x-profile: v1.1.abc.def']],
  ])('%s', async (_name, lines) => {
    const dumps = new Dumps()
    const handler = app(dumps.options())
    const [without, with_] = [await serve(app(null)), await serve(handler)]
    expect(await exchange(with_.port, lines)).toBe(await exchange(without.port, lines))
    expect(handler.counts()).toEqual({ profiled: 0, refused: 0, skipped: 0 })
  })
})

describe('the gate', () => {
  test.each([
    ['Forwarded', 'forwarded: for=192.0.2.1'],
    ['X-Forwarded-For', 'x-forwarded-for: 192.0.2.1'],
    ['X-Forwarded-Proto', 'X-Forwarded-Proto: https'],
    ['an X-Forwarded of its own', 'x-forwarded-whatever: 1'],
    ['Via', 'via: 1.1 proxy'],
    ['X-Real-IP', 'X-Real-IP: 192.0.2.1'],
    ['a page of another site', 'sec-fetch-site: cross-site'],
    ['an origin', 'origin: https://shop.example'],
    ['no origin', 'origin: null'],
    ['a second Host', 'host: shop.example'],
  ])('%s refuses', async (_name, header) => {
    await expectRefusal(['GET /?profile=1 HTTP/1.1', header, 'x-profile: 1'])
  })

  test.each([
    ['what a bare proxy_pass sends', ['GET /?profile=1 HTTP/1.0', 'host: 127.0.0.1:3000']],
    ['a whole address as the path', ['GET http://localhost/?profile=1 HTTP/1.1', HOST]],
    ['a name that was bound again', ['GET /?profile=1 HTTP/1.1', 'host: shop.example']],
    ['no Host, in HTTP/1.0', ['GET /?profile=1 HTTP/1.0']],
  ])('%s refuses', async (_name, lines) => {
    await expectRefusal(lines, '')
  })

  test.each([
    ['192.0.2.7', false],
    ['10.0.0.1', false],
    ['::ffff:192.0.2.7', false],
    ['127.0.0.1.example', false],
    ['fe80::1', false],
    [undefined, false],
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
  ])('a peer at %s: %s', async (peer, opens) => {
    const dumps = new Dumps()
    const handler = app(dumps.options())
    const { server, get } = await serve(handler)
    server.on('connection', (socket) => {
      Object.defineProperty(socket, 'remoteAddress', { value: peer })
    })
    const answer = await get('/?profile=1')
    expect(answer.headers.has('x-profile-id')).toBe(opens)
    if (opens) await dumps.one()
  })

  test.each<[string, () => unknown, boolean]>([
    ['true', () => true, true],
    ['a promise of true', async () => true, true],
    ['false', () => false, false],
    ['a promise of false', async () => false, false],
    ['1', () => 1, false],
    ['a text', () => 'yes', false],
    ['an object', () => ({ allowed: true }), false],
    ['nothing', () => undefined, false],
    ['null', () => null, false],
    ['a promise of 1', async () => 1, false],
    [
      'an exception',
      () => {
        throw new Error('no')
      },
      false,
    ],
    ['a rejection', () => Promise.reject(new Error('no')), false],
    [
      'a thenable that throws',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: as bad as it gets
        get then() {
          throw new Error('no')
        },
      }),
      false,
    ],
  ])('authorize that answers %s', async (_name, authorize, opens) => {
    const dumps = new Dumps()
    const asked = vi.fn(authorize) as unknown as () => boolean
    const handler = app(dumps.options({ authorize: asked }))
    const { get } = await serve(handler)
    const plain = await get('/')
    // A proxy's headers do not matter when the app decides by itself.
    const triggered = await get('/', { headers: { 'x-profile': '1', 'x-forwarded-for': 'a' } })
    expect([plain.status, triggered.status]).toEqual([200, 200])
    expect(await triggered.json()).toEqual({ hello: 'world' })
    expect(plain.headers.has('x-profile-id')).toBe(false)
    expect(triggered.headers.has('x-profile-id')).toBe(opens)
    expect(asked).toHaveBeenCalledTimes(1)
    const count = { profiled: Number(opens), refused: Number(!opens), skipped: 0 }
    expect(handler.counts()).toEqual(count)
    if (opens) await dumps.one()
  })

  test('with a secret no trigger counts that anybody could send', async () => {
    const dumps = new Dumps()
    const { get } = await serve(app(dumps.options({ secret: 'x'.repeat(32) })))
    const answers = [
      await get('/?profile=1'),
      await get('/', { headers: { 'x-profile': '1' } }),
      await get('/', { headers: { 'x-profile': 'x'.repeat(32) } }),
    ]
    expect(answers.map((answer) => answer.headers.has('x-profile-id'))).toEqual([
      false,
      false,
      false,
    ])
  })

  test('an exception of the app after an asynchronous authorize is an exception', async () => {
    const dumps = new Dumps()
    const middleware = profview.profiler(dumps.options({ authorize: async () => true }))
    const failure = new Error('of the app')
    const failed = new Promise((resolve) => {
      const listeners = process.rawListeners('uncaughtException')
      process.removeAllListeners('uncaughtException')
      process.once('uncaughtException', (error, origin) => {
        for (const listener of listeners) process.on('uncaughtException', listener as () => void)
        resolve([error, origin])
      })
    })
    const { get } = await serve((request, response) =>
      middleware(request, response, () => {
        response.end('sent')
        throw failure
      }),
    )
    await get('/?profile=1')
    expect(await failed).toEqual([failure, 'uncaughtException'])
    await dumps.one()
  })
})

describe('modes', () => {
  test('all', async () => {
    const dumps = new Dumps()
    const { get } = await serve(app(dumps.options({ mode: 'all' })))
    const answer = await get('/')
    expect(answer.headers.get('x-profile-id')).toBe((await dumps.one()).meta.id)
    expect(answer.headers.has('cache-control')).toBe(false)
  })

  test('a share', async () => {
    const dumps = new Dumps()
    const handler = app(dumps.options({ mode: 0.25 }))
    const { get } = await serve(handler)
    const random = vi.spyOn(Math, 'random')
    for (const value of [0, 0.2499, 0.25, 0.9]) {
      random.mockReturnValueOnce(value)
      await get('/')
    }
    random.mockRestore()
    await dumps.take(2)
    expect(handler.counts()).toEqual({ profiled: 2, refused: 0, skipped: 0 })
  })

  test('off', async () => {
    const dumps = new Dumps()
    const { get } = await serve(app(dumps.options({ mode: 'off', authorize: () => true })))
    const answer = await get('/?profile=1', { headers: { 'x-profile': '1' } })
    expect(answer.headers.has('x-profile-id')).toBe(false)
    expect(filesIn(dumps.dir)).toEqual([])
  })
})

/** Sends each kind of request to a small app in a process of its own; tells what came of it. */
const PROBE = `
import http from 'node:http'
import fs from 'node:fs'
import { profiler } from 'profview'
const options = JSON.parse(process.env.TEST_OPTIONS ?? '{}')
if (process.env.TEST_AUTHORIZE) options.authorize = () => true
const middleware = profiler(options)
const server = http.createServer((request, response) => {
  middleware(request, response, () => response.end('ok'))
})
server.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port
  const answers = [await fetch(url), await fetch(url + '?profile=1'), await fetch(url, { headers: { 'x-profile': '1' } })]
  const profiled = answers.map((answer) => answer.headers.has('x-profile-id'))
  const native = Object.keys((await import('node:module')).default._cache).some((name) => name.endsWith('.node')) ||
    process.moduleLoadList.some((name) => /pprof/.test(name))
  server.close()
  process.on('exit', () => {
    let files = -1
    try { files = fs.readdirSync(process.env.PROFVIEW_DIR).filter((name) => !name.endsWith('.tally')).length } catch {}
    console.log(JSON.stringify({ profiled, native, files }))
  })
})
`

describe('environment', () => {
  const NEVER = { profiled: [false, false, false], native: false, files: -1 }
  const TRIGGERED = { profiled: [false, true, true], native: true, files: 2 }
  const ALL = { profiled: [true, true, true], native: true, files: 3 }
  const NONE = { profiled: [false, false, false], native: true, files: -1 }
  /** One line for all triggers; Node adds one to its first warning. */
  const told = (what: string) => new RegExp(`^.*ProfviewWarning: .*${what}.*\\n\\(Use .*\\n$`)
  const LOCAL = told('this is for development only')
  const PRODUCTION = told('was not: with NODE_ENV=production')
  const SECRET = told('was not: with `secret`')
  const SHORT =
    /^.*: PROFVIEW_SECRET must be .*\n\(Use .*\n.*was not: PROFVIEW_SECRET must be .*\n$/
  const OFF = told('was not: profiling is off')

  test.each<[string, Record<string, string>, object, RegExp]>([
    ['nothing set', {}, TRIGGERED, LOCAL],
    ['production without configuration', { NODE_ENV: 'production' }, NEVER, PRODUCTION],
    [
      'production with a secret',
      { NODE_ENV: 'production', PROFVIEW_SECRET: 'x'.repeat(32) },
      NONE,
      SECRET,
    ],
    ['a secret', { PROFVIEW_SECRET: 'x'.repeat(32) }, NONE, SECRET],
    ['a secret that was not set', { PROFVIEW_SECRET: '' }, NEVER, SHORT],
    ['a secret that is too short', { PROFVIEW_SECRET: 'x'.repeat(31) }, NEVER, SHORT],
    ['production with authorize', { NODE_ENV: 'production', TEST_AUTHORIZE: '1' }, TRIGGERED, /^$/],
    ['production, all', { NODE_ENV: 'production', PROFVIEW: 'all' }, ALL, /^$/],
    ['PROFVIEW=1', { PROFVIEW: '1' }, ALL, /^$/],
    ['PROFVIEW=0', { PROFVIEW: '0' }, NEVER, OFF],
    ['PROFVIEW=off', { PROFVIEW: 'off' }, NEVER, OFF],
    ['PROFVIEW empty', { PROFVIEW: '' }, TRIGGERED, LOCAL],
    ['the kill switch wins', { PROFVIEW: 'off', TEST_OPTIONS: '{"mode":"all"}' }, NEVER, OFF],
    ['else the option wins', { PROFVIEW: 'all', TEST_OPTIONS: '{"mode":"off"}' }, NEVER, OFF],
    ['a tiny share', { PROFVIEW: '1e-300' }, TRIGGERED, LOCAL],
    ['armed by the first trigger', { PROFVIEW_ARM: 'trigger' }, TRIGGERED, LOCAL],
    [
      'armed by a trigger that does not come',
      { PROFVIEW_ARM: 'trigger', PROFVIEW: '1e-300', TEST_OPTIONS: '{"query":"a","header":"b"}' },
      { ...NONE, native: false },
      /^$/,
    ],
    [
      'values that are not understood',
      { PROFVIEW_INTERVAL: 'fast', PROFVIEW_ARM: 'never' },
      TRIGGERED,
      /^.*: PROFVIEW_INTERVAL=fast is not understood and ignored: .*\n\(Use .*\n.*: PROFVIEW_ARM=never is not understood and ignored: .*\n.* for development only.*\n$/,
    ],
    [
      'PROFVIEW that is not understood',
      { PROFVIEW: '1.5', TEST_OPTIONS: '{"mode":"all"}' },
      NEVER,
      /^.*: PROFVIEW=1\.5 is not understood: profiling is off .*\n\(Use .*\n.*was not: profiling is off.*\n$/,
    ],
  ])('%s', async (_name, env, expected, warnings) => {
    const { dir } = new Dumps()
    const node = ['--input-type=module', '-e', PROBE]
    const ended = await runWhole(process.execPath, node, { PROFVIEW_DIR: dir, ...env })
    expect({ code: ended.code, ...JSON.parse(ended.out || '{}') }).toEqual({ code: 0, ...expected })
    // Apart from what is said of each dump.
    expect(ended.err.replaceAll(/^profview: GET .*\n/gm, '')).toMatch(warnings)
  })

  test('a bad value warns once however many middlewares there are', async () => {
    const script = `import { profiler } from 'profview'; for (let i = 0; i < 5; i++) profiler({ arm: 'trigger' })`
    const ended = await runScript(script, { env: { PROFVIEW: 'loud' } })
    expect(ended.err.match(/PROFVIEW=loud/g)).toEqual(['PROFVIEW=loud'])
  })
})
