/** Route patterns of requests that nobody has watched. */
import type { RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { readRoute, watchRoute } from '../../src/middleware/express-route.js'
import { express4, express5, type Running, serve } from '../support/app.js'

type Express = ReturnType<typeof express5>

const VERSIONS = [
  ['Express 5', express5],
  ['Express 4', express4],
] as const

describe.each(VERSIONS)('in %s', (_version, express) => {
  /** Asks for a path; what its route is read as when all is over. */
  async function reading(build: (app: Express) => void) {
    let watched = false
    let read: (route: string | null) => void = () => {}
    const app = express()
    app.use((request, response, next) => {
      if (watched) watchRoute(request)
      const done = read
      response.on('close', () => done(readRoute(request)))
      next()
    })
    build(app)
    const { get }: Running = await serve(app as RequestListener)
    return (path: string, isWatched = false) => {
      watched = isWatched
      const route = new Promise<string | null>((resolve) => {
        read = resolve
      })
      return get(path).then(() => route)
    }
  }

  const users = () =>
    express.Router().get('/users/:id', (request, response, next) => {
      if (request.params.id === 'bad') next(new Error('bad'))
      else response.send('x')
    })

  test('a route of the app itself', async () => {
    const ask = await reading((app) => app.get('/users/:id', (_, response) => void response.send()))
    expect(await ask('/users/secret')).toBe('/users/:id')
  })

  test('a route of a router, once one like it was watched', async () => {
    const ask = await reading((app) => app.use('/teams/:team', users()))
    expect(await ask('/teams/secret/users/secret')).toBeNull()
    expect(await ask('/teams/watched/users/7', true)).toBe('/teams/:team/users/:id')
    expect(await ask('/teams/secret/users/secret')).toBe('/teams/:team/users/:id')
  })

  test('a router at two places: each is known by itself', async () => {
    const shared = users()
    const ask = await reading((app) => app.use('/v1', shared).use('/v2', shared))
    await ask('/v1/users/7', true)
    expect(await ask('/v1/users/secret')).toBe('/v1/users/:id')
    expect(await ask('/v2/users/secret')).toBeNull()
    await ask('/v2/users/7', true)
    expect(await ask('/v2/users/secret')).toBe('/v2/users/:id')
  })

  test('answered above its router, where its path is gone', async () => {
    const ask = await reading((app) => {
      app.use('/teams/:team', users())
      app.use(((_error, _request, response, _next) => {
        response.status(500).send('sorry')
      }) as import('express').ErrorRequestHandler)
    })
    expect(await ask('/teams/secret/users/bad')).toBeNull()
    await ask('/teams/watched/users/7', true)
    expect(await ask('/teams/secret/users/bad')).toBe('/teams/:team/users/:id')
  })

  test('no route, but middleware below a path', async () => {
    const ask = await reading((app) => app.use('/static', (_, response) => void response.send('x')))
    expect(await ask('/static/secret')).toBe('/static')
    expect(await ask('/secret')).toBe('')
  })
})

test('what is no router’s tells nothing, and throws nothing', () => {
  const trap = Object.defineProperty({}, 'route', {
    get() {
      throw new Error('not yours')
    },
  })
  expect(readRoute(trap as never)).toBe('')
  expect(readRoute({ route: 'text' } as never)).toBe('')
})

test('what tells the route does not keep the request, however often it was watched', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const begin = () => {
    const request = { method: 'GET', url: '/' } as Parameters<typeof watchRoute>[0]
    const tells = [watchRoute(request), watchRoute(request)]
    return { tells, request: new WeakRef(request) }
  }
  const { tells, request } = begin()
  for (let i = 0; i < 50 && request.deref() !== undefined; i++) {
    await sleep(1)
    collect()
  }
  expect(request.deref()).toBe(undefined)
  expect(tells.map((tell) => tell())).toEqual(['', ''])
})
