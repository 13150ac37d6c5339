/** `?profile=dump`: the dump itself in place of the body, wherever a report would be. */
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decodeProfile } from '../../src/formats/registry.js'
import { signToken } from '../../src/token.js'
import { Dumps, profview, runWhole, serve, temporaryDir } from '../support/app.js'

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

function app(handler: Handler, options: object) {
  const middleware = profview.profiler(options)
  return serve((request, response) =>
    middleware(request, response, () => void handler(request, response)),
  )
}

const hello: Handler = (_request, response) => response.end('hello')

test.each<[string, Handler]>([
  ['a body', hello],
  ['an empty one', (_request, response) => response.end()],
  [
    'a stream',
    async (_request, response) => {
      response.write('one')
      await new Promise((resolve) => setTimeout(resolve, 5))
      response.end('two')
    },
  ],
  [
    'a compressed one',
    (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', etag: '"1"' })
      response.end(gzipSync('hello'))
    },
  ],
  ['an error', (_request, response) => response.writeHead(500).end('broken')],
])('in place of %s comes the dump, byte by byte', async (_name, handler) => {
  const dumps = new Dumps()
  const { get } = await app(handler, dumps.options())
  for (const [path, init] of [
    ['/?profile=dump', {}],
    ['/', { headers: { 'x-profile': 'dump' } }],
  ] as const) {
    const answer = await get(path, init)
    const bytes = Buffer.from(await answer.arrayBuffer())
    const { file, meta } = await dumps.one()
    expect(bytes.equals(readFileSync(file))).toBe(true)
    expect(decodeProfile(bytes, 'x.cpuprofile').sources[0]!.id).toBe(meta.id)
    expect(answer.headers.get('x-profile-id')).toBe(meta.id)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      'content-disposition': `attachment; filename="${basename(file)}"`,
      'cache-control': 'no-store',
    })
    expect(answer.headers.get('content-encoding')).toBe(null)
    expect(answer.headers.get('etag')).toBe(null)
  }
})

test.each<[string, Handler, RequestInit]>([
  ['HEAD', hello, { method: 'HEAD' }],
  ['304', (_request, response) => response.writeHead(304).end(), {}],
  ['204', (_request, response) => response.writeHead(204).end(), {}],
  ['206', (_request, response) => response.writeHead(206).end('part'), {}],
  ['not this machine', hello, { headers: { 'x-forwarded-for': '192.0.2.1' } }],
])('not of %s', async (name, handler, init) => {
  const dumps = new Dumps()
  const { get } = await app(handler, dumps.options())
  const answer = await get('/?profile=dump', init)
  expect(['', 'part', 'hello']).toContain(await answer.text())
  if (name !== 'not this machine') await dumps.one()
  else expect(answer.headers.get('x-profile-id')).toBe(null)
})

test('a token in the query and `dump` in the header, and the other way round', async () => {
  const dumps = new Dumps()
  const secret = 's'.repeat(32)
  const { get } = await app(hello, dumps.options({ secret }))
  const sign = () => signToken(secret, { method: 'GET', path: '/' }, Date.now() + 60_000)
  const inQuery = await get(`/?profile=${sign()}`, { headers: { 'x-profile': 'dump' } })
  expect(await inQuery.text()).toMatch(/^\{"\$profview"/)
  const inHeader = await get('/?profile=dump', { headers: { 'x-profile': sign() } })
  expect(await inHeader.text()).toMatch(/^\{"\$profview"/)
  await dumps.take(2)
})

function runWholeScript(script: string, env = {}) {
  return runWhole(process.execPath, ['--input-type=module', '-e', script], env)
}

const LINE = /^profview: GET \/hello\/:id [\d.]+ ms · npx profview show (\S+)$/m

function serving(options: object, query = 'profile=1'): string {
  return `
    import express from 'express'
    import { profiler } from 'profview'
    const app = express()
    app.use(profiler(${JSON.stringify(options)}))
    app.get('/hello/:id', (request, response) => response.send('hello'))
    const server = app.listen(0, '127.0.0.1', async () => {
      const url = 'http://127.0.0.1:' + server.address().port + '/hello/7?hidden=1&${query}'
      await (await fetch(url)).text()
      server.close()
    })`
}

test.each(['profile=1', 'profile=html', 'profile=dump'])('a line on stderr: %s', async (query) => {
  const dir = temporaryDir()
  const { err, code } = await runWholeScript(serving({ dir }, query))
  expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(LINE) })
  expect(err).not.toContain('hidden')
  const path = LINE.exec(err)![1]!
  // To be copied from any directory.
  expect(path).toMatch(/^\/.*\/[0-9a-f]{6}$/)
  expect(path.startsWith(dir)).toBe(true)
})

test('a path that a shell would read is quoted', async () => {
  const dir = `${temporaryDir()}/it's here`
  const { err } = await runWholeScript(serving({ dir }))
  expect(err).toMatch(/ show '\/.*\/it'\\''s here\/[0-9a-f]{6}'\n/)
})

test('no such line in production, nor of requests that nobody asked about', async () => {
  const dir = temporaryDir()
  const env = { NODE_ENV: 'production', PROFVIEW: 'all' }
  expect((await runWholeScript(serving({ dir }), env)).err).not.toMatch(/npx profview/)
  expect((await runWholeScript(serving({ dir }, ''), { PROFVIEW: 'all' })).err).toBe('')
})
