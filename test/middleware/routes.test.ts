import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { get as getFrom, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { RequestHandler, Router } from 'express'
import { afterAll, describe, expect, test } from 'vitest'
import { Dumps, express4, express5, profview, serve } from '../support/app.js'

type Express = ReturnType<typeof express5>

const VERSIONS = [
  ['Express 5', express5],
  ['Express 4', express4],
] as const

/** Dumps take their time: all tests write to one place, and the last one looks at it. */
const dir = mkdtempSync(join(tmpdir(), 'profview-test-'))
const dumps = new Dumps(dir)
const expected = new Map<string | null, string>()
const paths = new Map<string | null, string>()
afterAll(() => rmSync(dir, { recursive: true }))

describe.each(VERSIONS)('route patterns in %s', (version, express) => {
  const five = version === 'Express 5'

  function router(build: (router: Router) => void): Router {
    const made = express.Router({ mergeParams: true })
    build(made)
    return made
  }
  const answer: RequestHandler = (_request, response) => void response.send('x')
  const leaf = (path: string | RegExp | string[]) =>
    router((at) => void at.get(path, (_request, response) => void response.send('x')))

  test.each<[string, string, (app: Express) => void]>([
    ['/plain', '/plain', (app) => app.use(leaf('/plain'))],
    ['/users/:id', '/users/7', (app) => app.use(leaf('/users/:id'))],
    ['/users/:id', '/users/a%2Fb', (app) => app.use('/users/:id', leaf('/'))],
    [
      '/users/:id/posts/:post',
      '/users/7/posts/8',
      (app) => app.use('/users/:id', leaf('/posts/:post')),
    ],
    ['/v1/users/:id/x', '/v1/users/1/x', (app) => app.use('/v1/users/:id', leaf('/x'))],
    [
      '/a/:a/b/:b/c/:c',
      '/a/1/b/2/c/3',
      (app) =>
        app.use(
          '/a/:a',
          router((at) => void at.use('/b/:b', leaf('/c/:c'))),
        ),
    ],
    ['/:from-:to/x', '/2024-2026/x', (app) => app.use('/:from-:to', leaf('/x'))],
    ['/user-:id/x', '/user-secret/x', (app) => app.use('/user-:id', leaf('/x'))],
    [
      five ? '/^\\/files\\/(?<path>.*)(?=\\/info)//info' : '/^\\/files\\/(.*)(?=\\/info)//info',
      '/files/secret/plan/info',
      (app) =>
        app.use(
          five ? /^\/files\/(?<path>.*)(?=\/info)/ : /^\/files\/(.*)(?=\/info)/,
          leaf('/info'),
        ),
    ],
    ['/^\\/r(\\d+)$/', '/r42', (app) => app.use(leaf(/^\/r(\d+)$/))],
    ['/one|/two/:x', '/two/2', (app) => app.use(leaf(['/one', '/two/:x']))],
    ['/sub/:id', '/sub/7', (app) => app.use('/sub', express().use(leaf('/:id')))],
    [
      '/mount/:who/:id',
      '/mount/me/7',
      (app) => app.use('/mount/:who', express().use(leaf('/:id'))),
    ],
    ['', '/nowhere/7', (app) => app.use(leaf('/plain'))],
    ['/static', '/static/secret.css', (app) => app.use('/static', answer)],
    ['/STATIC', '/static/secret.css', (app) => app.use('/STATIC/', answer)],
    ['/^\\/re-\\w+/', '/re-secret', (app) => app.use(/^\/re-\w+/, answer)],
    ['', '/plain/secret', (app) => app.use(answer)],
    [
      '/static',
      '/static/x',
      (app) => {
        app.use('/:tenant', (_request, _response, next) => next())
        app.use(['/assets', '/static'], answer)
      },
    ],
    ['', '/passed/secret', (app) => app.use('/passed', (_request, _response, next) => next())],
    [
      '/in/:who/files',
      '/in/7/files/a',
      (app) =>
        app.use(
          '/in/:who',
          router((at) => void at.use('/files', answer)),
        ),
    ],
    [
      '/sub/:who/files',
      '/sub/7/files/a',
      (app) => app.use('/sub/:who', express().use('/files', answer)),
    ],
    [
      '/middleware/:id',
      '/middleware/7',
      (app) => app.use('/middleware/:id', (_request, response) => void response.send('x')),
    ],
    [
      '/users/:id/fails',
      '/users/7/fails',
      (app) => {
        app.use(
          '/users/:id',
          router(
            (at) => void at.get('/fails', (_request, _response, next) => next(new Error('x'))),
          ),
        )
        app.use(
          ((_error, _request, response, _next) =>
            void response.status(500).send('x')) as import('express').ErrorRequestHandler,
        )
      },
    ],
    [
      '/users/:id/late',
      '/users/7/late',
      (app) =>
        app.use(
          '/users/:id',
          router(
            (at) =>
              void at.get(
                '/late',
                (_request, response) => void setTimeout(() => response.send('x'), 5),
              ),
          ),
        ),
    ],
    [
      '/second/:b',
      '/second/7',
      (app) => {
        app.get('/second/:a', (_request, _response, next) => next('route'))
        app.get('/second/:b', (_request, response) => void response.send('x'))
      },
    ],
  ])('%s for %s', async (pattern, path, build) => {
    const app = express()
    app.use(profview.profiler(dumps.options()) as never)
    build(app)
    const { get } = await serve(app as RequestListener)
    const answer = await get(path, { headers: { 'x-profile': '1' } })
    expected.set(answer.headers.get('x-profile-id'), `${pattern} for ${path}`)
    paths.set(answer.headers.get('x-profile-id'), path)
  })

  test('no byte of a request is in any dump, its name or a warning', async () => {
    const dumps = new Dumps()
    const clients = new Set<number | undefined>()
    const app = express()
    app.use((request, _response, next) => {
      clients.add(request.socket.remotePort)
      next()
    })
    app.use(profview.profiler(dumps.options()) as never)
    app.use(express.json(), express.text())
    const burn = (ms: number) => {
      const end = performance.now() + ms
      while (performance.now() < end);
    }
    const handler: import('express').RequestHandler = async (request, response) => {
      burn(10)
      await readFile(`/nowhere/${request.params.id}`).catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 20))
      await new Promise((resolve) => {
        getFrom(
          { port, path: `/inner/${request.params.id}`, headers: { 'x-inner': 'CANARY' } },
          (answer) => answer.resume().on('end', resolve),
        )
      })
      burn(10)
      response.set('X-Answer', 'CANARY').cookie('a', 'CANARY').send(request.body)
    }
    app.use(
      '/users/:id',
      router((at) => void at.post('/posts/:post', handler)),
    )
    app.use(
      '/bystanders/:name',
      router(
        (at) =>
          void at.get('/', (_request, response) => {
            burn(15)
            response.send('x')
          }),
      ),
    )
    app.get(
      '/inner/:id',
      (_request, response) => void setTimeout(() => response.send('CANARY'), 10),
    )
    const { get, port } = await serve(app as RequestListener)
    const triggered = (i: number) =>
      get(`/users/CANARY${i}/posts/CANARY%20${i}?profile=1&q=CANARY`, {
        method: 'POST',
        body: '{"secret":"CANARY"}',
        headers: {
          'content-type': 'application/json',
          authorization: 'Bearer CANARY',
          cookie: 'session=CANARY',
          'x-request-id': 'CANARY',
          'user-agent': 'CANARY',
          referer: 'http://localhost/CANARY',
        },
      })
    const answers = await Promise.all([
      triggered(1),
      triggered(2),
      ...[1, 2, 3].map((i) => get(`/bystanders/CANARY${i}?token=CANARY`)),
    ])
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200])
    const written = await dumps.take(2)
    for (const { file, bytes, meta } of written) {
      expect(`${bytes}${basename(file)}`).not.toMatch(/canary/i)
      for (const client of clients) expect(bytes).not.toContain(`:${client}`)
      expect(meta.request?.route).toBe('/users/:id/posts/:post')
    }
    // Whoever was in the way is there by its pattern; on a fast machine nobody was, and on a busy
    // one somebody of an earlier test may have been.
    const titles = written.flatMap(({ names }) => names)
    const ours = titles.filter((name) => /^[A-Z]+ .*(?:bystanders|posts|inner)/.test(name))
    const patterns = ['/bystanders/:name', '/users/:id/posts/:post', '/inner/:id']
    expect(ours.filter((title) => !patterns.includes(title.split(' ')[1]!))).toEqual([])
    expect(dumps.warnings).toEqual([])
  })
})

test('each dump has its route', async () => {
  const written = await dumps.take(expected.size)
  const routes = written.map(({ meta }): [string, string] => [
    meta.id,
    `${meta.request?.route} for ${paths.get(meta.id)}`,
  ])
  expect(new Map(routes)).toEqual(new Map(expected))
})
