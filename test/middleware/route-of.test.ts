/** What the routers of an app tell of a request's route, whenever they are asked. */

import type { RequestListener } from 'node:http'
import type { RequestHandler, Router } from 'express'
import { describe, expect, test } from 'vitest'
import { routeOf } from '../../src/middleware/express-route.js'
import { express4, express5, type Running, rawConnection, serve } from '../support/app.js'

type Express = ReturnType<typeof express5>
type Layers = { stack: { rawPath?: unknown; handle: object; route?: unknown }[] }

/** Express 5.0 to 5.2 is as it is now, less what its layers say of themselves. */
const VERSIONS: [string, typeof express5, boolean][] = [
  ['Express 5', express5, false],
  ['Express 5 before 5.3', express5, true],
  ['Express 4', express4, false],
]

const answer: RequestHandler = (_request, response) => void response.send('x')
const pass: RequestHandler = (_request, _response, next) => next()

describe.each(VERSIONS)('in %s', (version, express, isSilent) => {
  const four = version === 'Express 4'

  /** Asks for a path; what its route is read as when all is over. */
  async function reading(build: (app: Express) => void, app = express()) {
    let read: (route: string) => void = () => {}
    app.use((request, response, next) => {
      const done = read
      response.on('close', () => done(routeOf(request)))
      next()
    })
    build(app)
    const { get, port }: Running = await serve(app as RequestListener)
    const next = () => {
      if (isSilent) silence(routerOf(app))
      return new Promise<string>((resolve) => {
        read = resolve
      })
    }
    const ask = (path: string, init?: RequestInit) => {
      const route = next()
      return get(path, init).then(() => route)
    }
    return Object.assign(ask, { next, port })
  }

  function routerOf(app: Express): Layers {
    return (four ? (app as unknown as { _router: unknown })._router : app.router) as Layers
  }

  function silence(router: Layers) {
    for (const layer of router.stack) {
      delete layer.rawPath
      if (!layer.route && 'stack' in layer.handle) silence(layer.handle as Layers)
    }
  }

  function router(build: (router: Router) => void, options = {}): Router {
    const made = express.Router(options)
    build(made)
    return made
  }
  const leaf = (path: string | RegExp | string[], handler = answer) =>
    router((at) => void at.get(path, handler))
  const errors = (at: Express | Router) =>
    at.use(
      ((_error, _request, response, _next) =>
        void response.status(500).send('sorry')) as import('express').ErrorRequestHandler,
    )
  const wrapped =
    (inner: RequestHandler): RequestHandler =>
    (request, response, next) =>
      inner(request, response, next)

  test.each<[string, string, (app: Express) => void]>([
    ['/v1/v1', '/v1/v1', (app) => app.use('/v1', leaf('/v1'))],
    // A value that is as a text of the pattern.
    ['/users/:id/posts', '/users/users/posts', (app) => app.use('/users/:id', leaf('/posts'))],
    [
      '/users/:id/users/:post',
      '/users/users/users/id',
      (app) => app.use('/users/:id/users', leaf('/:post')),
    ],
    ['/:a/:b/c', '/x/x/c', (app) => app.use('/:a/:b', leaf('/c'))],
    [
      // Where nothing else is known, the letter case might be the client's.
      isSilent ? '/users/:Id/Posts' : '/Users/:Id/Posts',
      '/Users/x/Posts',
      (app) => app.use('/Users/:Id', leaf('/Posts')),
    ],
    ['/u-:id/x', '/u-u-/x', (app) => app.use('/u-:id', leaf('/x'))],
    ['/tag/:tag/x', '/tag/%F0%9F%98%80/x', (app) => app.use('/tag/:tag', leaf('/x'))],
    ['/v1.0/x', '/v1.0/x', (app) => app.use('/v1.0', leaf('/x'))],
    [
      '/a/:a/b/:a/c',
      '/a/1/b/2/c',
      (app) =>
        app.use(
          '/a/:a',
          router((at) => void at.use('/b/:a', leaf('/c')), { mergeParams: true }),
        ),
    ],
    // Two routers of one shape, and one router at two places.
    [
      '/:two/second',
      '/x/second',
      (app) => app.use('/:one', leaf('/first')).use('/:two', leaf('/second')),
    ],
    [
      '/v2/:id',
      '/v2/7',
      (app) => {
        const shared = leaf('/:id')
        app.use('/v1', shared).use('/v2', shared)
      },
    ],
    [
      '/v1/:id',
      '/v1/7',
      (app) => {
        const shared = leaf('/:id')
        app.use('/v1', shared).use('/:tenant', shared)
      },
    ],
    [
      '/:tenant/:id',
      '/v1/7',
      (app) => {
        const shared = leaf('/:id')
        app.use('/:tenant', shared).use('/v1', shared)
      },
    ],
    ['/b/:id', '/b/7', (app) => app.use(['/a', '/b'], leaf('/:id'))],
    ['/x', '/x', (app) => app.use(leaf('/x'))],
    ['/api/x', '/api/x', (app) => app.use('/api', wrapped(leaf('/x')))],
    ['/:t/users/:id', '/api/users/7', (app) => app.use('/:t', wrapped(leaf('/users/:id')))],
    // Sub-apps.
    [
      '/admin/users/:id',
      '/admin/users/7',
      (app) => app.use('/admin', express().use('/users', leaf('/:id'))),
    ],
    [
      '/one/:a/two/:b/:c',
      '/one/1/two/2/3',
      (app) => app.use('/one/:a', express().use('/two/:b', express().use(leaf('/:c')))),
    ],
    [
      '/shop/x',
      '/shop/x',
      (app) =>
        app.use('/:tenant', express().use(leaf('/y'))).use('/shop', express().use(leaf('/x'))),
    ],
    [
      '/a/x',
      '/a/x',
      (app) => {
        const shared = express().use(leaf('/x'))
        app.use('/a', shared).use('/b', shared)
      },
    ],
    [
      '/in/x',
      '/in/x',
      (app) =>
        app.use(
          '/in',
          router((at) => void at.use(express().use(leaf('/x')))),
        ),
    ],
    [
      '/in/deep/x',
      '/in/deep/x',
      (app) =>
        app.use(
          '/in',
          router((at) => void at.use('/deep', express().use(leaf('/x')))),
        ),
    ],
    [
      '/sub/:id',
      '/sub/7',
      (app) => {
        app.use(
          '/sub',
          express().get('/:id', (_request, _response, next) => next(new Error('x'))),
        )
        errors(app)
      },
    ],
    [
      '/sub/:id',
      '/sub/7',
      (app) => {
        app.use('/sub', express().get('/:id', pass))
      },
    ],
    // Left.
    ['/teams/:team/x', '/teams/7/x', (app) => app.use('/teams/:team', leaf('/x', pass))],
    [
      '/teams/:team/x',
      '/teams/7/x',
      (app) => {
        app.use(
          '/teams/:team',
          leaf('/x', (_request, _response, next) => next(new Error('x'))),
        )
        errors(app)
      },
    ],
    [
      '/teams/:team/x',
      '/teams/7/x',
      (app) => {
        const at = leaf('/x', (_request, _response, next) => next(new Error('x')))
        errors(at)
        app.use('/teams/:team', at)
      },
    ],
    [
      '/teams/:team/x',
      '/teams/7/x',
      (app) => {
        app.use(
          '/teams/:team',
          leaf('/x', (_request, response, next) => {
            response.send('x')
            next()
          }),
        )
      },
    ],
    [
      '/teams/:team/x',
      '/teams/7/x',
      (app) =>
        app.use(
          '/teams/:team',
          leaf('/x', (_r, _s, next) => next('router')),
        ),
    ],
    [
      '/:b/x',
      '/7/x',
      (app) =>
        app
          .use(
            '/:a',
            leaf('/x', (_r, _s, next) => next('route')),
          )
          .use('/:b', leaf('/x')),
    ],
    [
      '/users/:id/x',
      '/users/7/x',
      (app) => {
        app.use(
          '/users/:id',
          leaf('/x', (_request, _response, next) => next(new Error('x'))),
        )
        app.use('/users', errors(express.Router()) as never)
      },
    ],
    [
      '/assets',
      '/assets/secret',
      (app) => {
        app.get(four ? '*' : '/*all', pass)
        app.use('/assets', answer)
      },
    ],
    ['/last/:id', '/last/7', (app) => app.get('/last/:id', pass, answer)],
    ['/in/:a/fly/', '/in/7/butterfly', (app) => app.use('/in/:a', leaf(/fly/, pass))],
    ['/file.txt', '/file.txt', (app) => app.use(['/file', '/file.txt'], answer)],
    // The app changes the path.
    [
      '/new/:id',
      '/old/7',
      (app) => {
        app.use((request, _response, next) => {
          request.url = request.url.replace('/old', '/new')
          next()
        })
        app.use('/new', leaf('/:id'))
      },
    ],
    [
      '/new/:id',
      '/new/7',
      (app) =>
        app.use(
          '/new',
          leaf('/:id', (request, response) => {
            request.url = '/gone'
            response.send('x')
          }),
        ),
    ],
    [
      '/in/:a/x',
      '/in/7/x',
      (app) =>
        app.use(
          '/in/:a',
          leaf('/x', (request, _response, next) => {
            request.url = '/elsewhere'
            next()
          }),
        ),
    ],
    // No route.
    ['/:tenant', '/static/x', (app) => app.use('/:tenant', answer).use('/static', answer)],
    ['/:org', '/x/y', (app) => app.use('/:tenant', pass).use('/:org', answer)],
    [
      '/in/:who',
      '/in/7',
      (app) =>
        app.use(
          '/in/:who',
          router((at) => void at.use(answer)),
        ),
    ],
    [
      '/in/:who/a/:b',
      '/in/7/a/8',
      (app) =>
        app.use(
          '/in/:who',
          router((at) => void at.use('/a/:b', answer), { mergeParams: true }),
        ),
    ],
    ['/sub/files', '/sub/files/a', (app) => app.use('/sub', express().use('/files', answer))],
    ['', '/nowhere', (app) => app.use('/in', pass)],
  ])('%s for %s', async (pattern, path, build) => {
    const ask = await reading(build)
    expect(await ask(path)).toBe(pattern)
    // Now from what is remembered.
    expect(await ask(path)).toBe(pattern)
  })

  test.each<[string, string, (app: Express) => void]>(
    four
      ? [
          ['/:id(\\d+)/x', '/7/x', (app) => app.use('/:id(\\d+)', leaf('/x'))],
          ['/in/:lang?', '/in', (app) => app.use('/in/:lang?', leaf('/'))],
          ['/in/:lang?/x', '/in/de/x', (app) => app.use('/in/:lang?', leaf('/x'))],
          ['/files*', '/files/secret', (app) => app.use('/files*', answer)],
          ['/:a.:b/x', '/1.2/x', (app) => app.use('/:a.:b', leaf('/x'))],
          [String(/^\/ab?c\/?(?=\/|$)/i), '/ac/secret', (app) => app.use('/ab?c', answer)],
          ['/b/:b', '/b/7/x', (app) => app.use(['/a/:a', '/b/:b'], answer)],
          ['/b/:b', '/b/7/x', (app) => app.use(['/a/:a(\\d+)', '/b/:b'], answer)],
        ]
      : [
          ['/files/*path', '/files/secret/plan', (app) => app.use('/files/*path', answer)],
          [
            '/x/*path/y',
            '/x/1/2/y',
            (app) => app.use('/x/*path', leaf('/y', pass)).get('/x/*path/y', answer),
          ],
          [isSilent ? '/in' : '/in{/:lang}', '/in', (app) => app.use('/in{/:lang}', leaf('/'))],
          [
            isSilent ? '/in/:lang/x' : '/in{/:lang}/x',
            '/in/de/x',
            (app) => app.use('/in{/:lang}', leaf('/x')),
          ],
          ['/a/*one/b/:two/c', '/a/1/2/b/3/c', (app) => app.use('/a/*one/b/:two', leaf('/c'))],
          ['/b/:b', '/b/7/x', (app) => app.use(['/a/:a', '/b/:b'], answer)],
        ],
  )('%s for %s, in its own way of writing', async (pattern, path, build) => {
    const ask = await reading(build)
    expect(await ask(path)).toBe(pattern)
    expect(await ask(path)).toBe(pattern)
  })

  test('in any case, or only in one', async () => {
    const build = (app: Express) => void app.use('/Users/:Id', leaf('/Posts'))
    const pattern = isSilent ? '/users/:Id/Posts' : '/Users/:Id/Posts'
    expect(await (await reading(build))('/USERS/x/posts')).toBe(pattern)
    const exact = express()
    exact.set('case sensitive routing', true)
    const ask = await reading(build, exact)
    expect(await ask('/USERS/x/Posts')).toBe('')
    expect(await ask('/Users/x/Posts')).toBe('/Users/:Id/Posts')
  })

  test('a head, and what the router answers itself', async () => {
    const ask = await reading((app) => app.use('/in/:a', leaf('/x')))
    expect(await ask('/in/7/x', { method: 'HEAD' })).toBe('/in/:a/x')
    // An app of Express 5 has left its routers by then.
    expect(['', '/in/:a']).toContain(await ask('/in/7/x', { method: 'OPTIONS' }))
  })

  test('an address that names the host', async () => {
    const ask = await reading((app) => app.use('/in/:a', leaf('/x')))
    const { socket } = await rawConnection(ask.port)
    const route = ask.next()
    socket.write('GET http://localhost/in/7/x?a=/b HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect(await route).toBe('/in/:a/x')
  })

  test('at any moment, and as often as one likes', async () => {
    const seen: string[] = []
    const see: RequestHandler = (request, _response, next) => {
      seen.push(routeOf(request), routeOf(request))
      next()
    }
    const ask = await reading((app) => {
      app.use(see)
      const users = express.Router().use(see)
      users.get('/x', see, (request, response) => {
        setTimeout(() => {
          seen.push(routeOf(request))
          response.send('x')
        }, 1)
      })
      app.use('/in/:a', see, users)
    })
    expect(await ask('/in/7/x')).toBe('/in/:a/x')
    const [below, route] = ['/in/:a', '/in/:a/x']
    expect(seen).toEqual(['', '', below, below, below, below, route, route, route])
  })

  test('mounted, moved and removed while it serves', async () => {
    const shared = leaf('/:id')
    let app: Express | undefined
    const ask = await reading((at) => {
      app = at
      at.use('/one', shared)
    })
    expect(await ask('/one/7')).toBe('/one/:id')
    expect(await ask('/two/7')).toBe('')
    app!.use('/:any', shared)
    expect(await ask('/two/7')).toBe('/:any/:id')
    const { stack } = routerOf(app!)
    stack.splice(
      stack.findIndex((layer) => layer.handle === shared),
      1,
    )
    expect(await ask('/two/7')).toBe('/:any/:id')
    app!.get('/two', answer).use('/two/more', leaf('/:x'))
    expect(await ask('/two')).toBe('/two')
    expect(await ask('/two/more/7')).toBe('/two/more/:x')
  })

  test('an app of the other version in it, and it in the other', async () => {
    const other = four ? express5 : express4
    const inner = other().use('/users/:id', other.Router().get('/x', answer))
    const ask = await reading((app) => app.use('/in/:a', inner))
    expect(await ask('/in/1/users/2/x')).toBe('/in/:a/users/:id/x')
    expect(await ask('/in/1/users/2/x')).toBe('/in/:a/users/:id/x')
  })

  test('in a router that is in a function: once it has been seen there', async () => {
    const inner = router((at) => void at.use('/teams/:team', leaf('/x')))
    const ask = await reading((app) => app.use('/in/:org', wrapped(inner)))
    const { handle } = inherited()
    expect(await ask('/in/1/teams/2/x')).toBe('*/x')
    expect(inherited().handle).not.toBe(handle)
    expect(await ask('/in/1/teams/2/x')).toBe('/in/:org/teams/:team/x')
    expect(inherited().handle).toBe(handle)
    expect(await ask('/in/1/teams/2/x')).toBe('/in/:org/teams/:team/x')
  })

  test('somebody else patches what ours is looking at: ours is passed through, and gone after', async () => {
    const inner = router((at) => void at.use('/teams/:team', leaf('/x')))
    const ask = await reading((app) => app.use('/in', wrapped(inner)))
    const at = inherited()
    const { handle } = at
    await ask('/in/teams/2/x')
    const ours = at.handle
    const calls: unknown[] = []
    at.handle = function (this: unknown, ...args: unknown[]) {
      calls.push(this)
      return ours.apply(this, args)
    }
    const theirs = at.handle
    expect(await ask('/in/teams/2/x')).toBe('/in/teams/:team/x')
    expect(at.handle).toBe(theirs)
    expect(calls).toContain(inner)
    at.handle = ours
    expect(await ask('/in/teams/2/x')).toBe('/in/teams/:team/x')
    at.handle = handle
  })

  test('what is never found is not looked for for ever', async () => {
    const shared = leaf('/y')
    const ask = await reading((app) => {
      app.use(
        '/deep',
        wrapped(
          router((at) => void at.use('/a', wrapped(router((b) => void b.use('/b', shared))))),
        ),
      )
    })
    const { handle } = inherited()
    for (let i = 0; i < 20; i++) expect(await ask('/deep/a/b/y')).toBe('*/y')
    for (let i = 0; i < 1000 && inherited().handle !== handle; i++) {
      await new Promise<void>((resolve) =>
        shared({ url: '/', method: 'GET' } as never, {} as never, () => resolve()),
      )
    }
    expect(inherited().handle).toBe(handle)
  })

  function inherited(): { handle: (...args: unknown[]) => unknown } {
    let at = Object.getPrototypeOf(express.Router())
    while (!Object.hasOwn(at, 'handle')) at = Object.getPrototypeOf(at)
    return at
  }
})

test('what is no router’s tells nothing, and throws nothing', () => {
  const trap = Object.defineProperty({}, 'route', {
    get() {
      throw new Error('not yours')
    },
  })
  expect(routeOf(trap as never)).toBe('')
  expect(routeOf({ route: 'text' } as never)).toBe('')
  expect(routeOf({ route: {}, baseUrl: '/x', url: 7, app: { parent: 'x' } } as never)).toBe('')
  expect(routeOf({ method: 'GET', url: '/x' } as never)).toBe('')
  // Of HTTP/2, whose socket must not be asked any more.
  const gone = Object.defineProperty({}, 'server', {
    get() {
      throw new Error('unbound')
    },
  })
  const app = express5().get('/users/:id', answer)
  const { route } = app.router.stack[0]!
  expect(routeOf({ url: '/users/7', baseUrl: '', route, app, socket: gone } as never)).toBe(
    '/users/:id',
  )
  // Restify's, of which the path is all there is.
  expect(routeOf({ url: '/users/7', route: { path: '/users/:id' } } as never)).toBe('/users/:id')
})
