/** Signed triggers: what opens, how often, and for whom. */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ProfilerOptions } from '../../src/index.js'
import { signToken } from '../../src/token.js'
import { Dumps, profview, serve, temporaryDir } from '../support/app.js'
import { dumpsIn, filesIn } from '../support/dump-check.js'
import { askGated, startGated } from '../support/gated.js'

const SECRET = 'a secret of more than 32 characters'
const NEXT = 'the secret that will take its place'

const tokenFor = (path: string, { method = 'GET', secret = SECRET, life = 60_000 } = {}) =>
  signToken(secret, { method, path }, Date.now() + life)

const header = (value: string) => ({ headers: { 'x-profile': value } })

function app(options: ProfilerOptions): RequestListener {
  const middleware = profview.profiler(options)
  return Object.assign(
    (request: never, response: never) =>
      middleware(request, response, () => (response as { end(text: string): void }).end('served')),
    { counts: middleware.counts },
  ) as unknown as RequestListener
}

describe('a token opens', () => {
  test.each<[string, (token: string) => [string, RequestInit], boolean]>([
    ['in the header', (token) => ['/users/7?full=1', header(token)], false],
    ['in the query', (token) => [`/users/7?profile=${token}`, {}], true],
    ['in the query, before others', (token) => [`/users/7?profile=${token}&full=1&a`, {}], true],
    ['in the query, behind others', (token) => [`/users/7?a&full=1&profile=${token}`, {}], true],
    ['in the query, beside a header', (token) => [`/users/7?profile=${token}`, header('1')], true],
    ['in the header, beside a query', (token) => ['/users/7?profile=1', header(token)], true],
  ])('%s', async (_name, request, isInQuery) => {
    const dumps = new Dumps()
    const { get } = await serve(app(dumps.options({ secret: SECRET })))
    const [path, init] = request(tokenFor('/users/7'))
    const first = await get(path, init)
    const { meta } = await dumps.one()
    expect(meta).toMatchObject({ id: first.headers.get('x-profile-id'), kept: 'trigger' })
    expect(first.headers.get('cache-control')).toBe(isInQuery ? 'no-store' : null)
    // And does so once.
    const [again, plain] = [await get(path, init), await get('/users/7')]
    const namesOf = ({ headers }: Response) => [...headers.keys()]
    expect(namesOf(again)).toEqual(namesOf(plain))
  })

  test.each<[string, (token: string) => [string, RequestInit]]>([
    [
      'the query has it, and the header says so',
      (token) => [`/x?profile=${token}`, header('html')],
    ],
    ['the header has it, and the query says so', (token) => ['/x?profile=html', header(token)]],
  ])('a report, where %s', async (_name, request) => {
    const dumps = new Dumps()
    const { get } = await serve(app(dumps.options({ secret: SECRET })))
    const [path, init] = request(tokenFor('/x'))
    const answer = await get(path, init)
    expect(await answer.text()).toMatch(/^<!doctype html>/i)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const again = await get(path, init)
    expect([await again.text(), again.headers.has('x-profile-id')]).toEqual(['served', false])
    await dumps.one()
  })

  test('once, where the middleware is mounted twice', async () => {
    const dumps = new Dumps()
    const middlewares = [0, 1].map(() => profview.profiler(dumps.options({ secret: SECRET })))
    const { get } = await serve((request, response) => {
      middlewares[0]!(request, response, () =>
        middlewares[1]!(request, response, () => response.end('served')),
      )
    })
    await get('/x', header(tokenFor('/x')))
    await dumps.one()
    expect(middlewares.map(({ counts }) => counts)).toEqual([
      { profiled: 1, refused: 0, skipped: 0 },
      { profiled: 0, refused: 0, skipped: 0 },
    ])
  })

  test('by either of two secrets, and with NODE_ENV=production', async () => {
    const { dir } = new Dumps()
    const env = { NODE_ENV: 'production', PROFVIEW_SECRET: `${NEXT}, ${SECRET}` }
    const server = await startGated(0, { dir }, env)
    for (const secret of [SECRET, NEXT]) {
      const token = tokenFor('/x', { secret })
      expect(await askGated(server.ports[0]!, '/x', header(token))).toEqual(expect.any(String))
    }
    await server.settled(2)
    expect(dumpsIn(dir)).toHaveLength(2)
  })
})

describe('what is no token of this request is served as if it were not there', () => {
  const good = tokenFor('/x')
  const tampered = (part: number, text: string) =>
    good
      .split('.')
      .map((field, i) => (i === part ? text : field))
      .join('.')

  test.each<[string, string, RequestInit]>([
    ['a plain trigger', '/x?profile=1', header('1')],
    ['the report alone', '/x?profile=html', {}],
    ['another path', '/y', header(good)],
    ['a longer path', '/x/', header(good)],
    ['the path, encoded', '/%78', header(good)],
    ['the path, doubled', '//x', header(good)],
    ['another method', '/x', { method: 'POST', ...header(good) }],
    ['HEAD', '/x', { method: 'HEAD', ...header(good) }],
    ['of another secret', '/x', header(tokenFor('/x', { secret: NEXT }))],
    ['expired', '/x', header(tokenFor('/x', { life: -1 }))],
    ['of a clock that is far ahead', '/x', header(tokenFor('/x', { life: 3_600_000 }))],
    ['another version', '/x', header(tampered(0, 'v2'))],
    ['another expiry', '/x', header(tampered(1, String(Date.now() + 100_000)))],
    ['another nonce', '/x', header(tampered(2, 'A'.repeat(22)))],
    ['another signature', '/x', header(tampered(3, 'A'.repeat(43)))],
    ['twice in the query', `/x?profile=${good}&profile=${good}`, {}],
    ['as a list', `/x?profile[]=${good}`, {}],
    ['twice in the header', '/x', header(`${good}, ${good}`)],
    ['16 KB of it', '/x', header(good.repeat(150))],
  ])('%s', async (_name, path, init) => {
    const dumps = new Dumps()
    const { get } = await serve(app(dumps.options({ secret: SECRET })))
    const answer = await get(path, init)
    const plain = await get('/x', { ...init, headers: {} })
    expect([...answer.headers.keys()]).toEqual([...plain.headers.keys()])
    expect(await answer.text()).toBe(await plain.text())
    // No file was asked for: that would have made the directory.
    expect(existsSync(dumps.dir)).toBe(false)
  })

  test('a thousand of them cost no look at the disk, nor does one that comes again', async () => {
    const dumps = new Dumps()
    const { get } = await serve(app(dumps.options({ secret: SECRET })))
    const token = tokenFor('/x')
    await get('/x', header(token))
    await dumps.one()
    const claims = filesIn(dumps.dir).filter((name) => name.endsWith('.claim'))
    expect(claims).toHaveLength(1)
    const bad = Array.from({ length: 1000 }, (_, i) => tampered(2, String(i).padStart(22, 'A')))
    for (const text of [...bad, token, token]) {
      expect((await get('/x', header(text))).headers.has('x-profile-id')).toBe(false)
    }
    expect(filesIn(dumps.dir).filter((name) => name.endsWith('.claim'))).toEqual(claims)
    expect(filesIn(dumps.dir)).toHaveLength(2)
  })

  test('with authorize, whose answer decides, a token is a value like any other', async () => {
    const dumps = new Dumps()
    const options = dumps.options({ secret: SECRET, authorize: () => true })
    const { get } = await serve(app(options))
    expect((await get('/x', header(tokenFor('/x')))).headers.has('x-profile-id')).toBe(false)
    expect((await get('/x', header('1'))).headers.has('x-profile-id')).toBe(true)
    await dumps.one()
  })

  test.each([
    ['too short', 'x'.repeat(31)],
    ['empty', ''],
  ])('whatever it is, where PROFVIEW_SECRET is %s', async (_name, PROFVIEW_SECRET) => {
    const { dir } = new Dumps()
    const server = await startGated(0, { dir }, { PROFVIEW_SECRET })
    const tokens = ['1', tokenFor('/x', { secret: PROFVIEW_SECRET })]
    for (const text of tokens)
      expect(await askGated(server.ports[0]!, '/x', header(text))).toBeNull()
    const warnings = (await server.states()).flatMap((state) => state.warnings)
    expect(warnings.filter((line) => line.includes('PROFVIEW_SECRET must be'))).toHaveLength(2)
    expect(existsSync(dir)).toBe(false)
  })
})

describe('one token, again and again', () => {
  test('at eight workers of a cluster at once, three times each: one dump', async () => {
    const { dir } = new Dumps()
    const server = await startGated(8, { dir, secret: SECRET })
    for (const round of [1, 2]) {
      const token = tokenFor('/x')
      const asked = [...server.ports, ...server.ports, ...server.ports].map((port) =>
        askGated(port, '/x', header(token)),
      )
      const ids = (await Promise.all(asked)).filter((id) => id !== null)
      expect(ids).toHaveLength(1)
      const states = await server.settled(24 * round)
      expect(states.reduce((sum, { refused }) => sum + refused, 0)).toBe(23 * round)
      expect(states.flatMap(({ warnings }) => warnings).join()).toContain('its token had been used')
      expect(dumpsIn(dir)).toHaveLength(round)
    }
  })

  test('at processes that know nothing of each other, and after a restart', async () => {
    const { dir } = new Dumps()
    const options = { dir, secret: SECRET }
    const [one, two] = await Promise.all([startGated(0, options), startGated(0, options)])
    const token = tokenFor('/x')
    expect(await askGated(one!.ports[0]!, '/x', header(token))).not.toBeNull()
    expect(await askGated(two!.ports[0]!, '/x', header(token))).toBeNull()
    await one!.settled(1)
    await one!.end()
    const restarted = await startGated(0, options)
    expect(await askGated(restarted.ports[0]!, '/x', header(token))).toBeNull()
    expect(dumpsIn(dir)).toHaveLength(1)
    // Who shares nothing with them cannot know.
    const elsewhere = await startGated(0, { ...options, dir: new Dumps().dir })
    expect(await askGated(elsewhere.ports[0]!, '/x', header(token))).not.toBeNull()
  })
})

describe('where its use cannot be noted, a token opens nothing', () => {
  const isRoot = process.getuid?.() === 0
  const file = (path: string) => {
    writeFileSync(path, '')
    return path
  }

  test.each<[string, (dir: string) => string]>([
    ['the directory is a file', file],
    ['it cannot be made', (dir) => join(file(dir), 'a', 'b')],
    ...(isRoot || process.platform === 'win32'
      ? []
      : ([
          [
            'it may not be written',
            (dir: string) => {
              mkdirSync(dir)
              chmodSync(dir, 0o500)
              return dir
            },
          ],
        ] as [string, (dir: string) => string][])),
  ])('%s', async (_name, prepare) => {
    const dumps = new Dumps(prepare(join(temporaryDir(), 'profiles')))
    const { get } = await serve(app(dumps.options({ secret: SECRET })))
    const answer = await get('/x', header(tokenFor('/x')))
    expect([await answer.text(), answer.headers.has('x-profile-id')]).toEqual(['served', false])
  })

  test('and it is said why, and what to do', async () => {
    const dir = file(join(temporaryDir(), 'profiles'))
    const app = await startGated(0, { dir, secret: SECRET })
    expect(await askGated(app.ports[0]!, '/x', header(tokenFor('/x')))).toBeNull()
    const [state] = await app.states()
    expect(state!.warnings).toHaveLength(1)
    const why = /not be noted in the directory of dumps \(E[A-Z]+\): remove what is in its place/
    expect(state!.warnings[0]).toMatch(why)
  })
})
