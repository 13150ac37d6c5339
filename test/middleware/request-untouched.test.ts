/** A request of Express is, to the last property, what it is without the profiler. */
import type { RequestListener } from 'node:http'
import { inspect } from 'node:util'
import type { Request, RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import { Dumps, express4, express5, profview, serve } from '../support/app.js'

type Express = ReturnType<typeof express5>

const VERSIONS = [
  ['Express 5', express5],
  ['Express 4', express4],
] as const

describe.each(VERSIONS)('in %s', (_version, express) => {
  /** How a request is served: profiled, followed to its end, or beside one that is. */
  const WAYS = ['without', 'triggered', 'followed', 'bystander', 'share'] as const
  type Way = (typeof WAYS)[number]

  /** What the app sees of a request, in each way. */
  async function seenIn(way: Way, look: (request: Request, app: Express) => unknown) {
    const seen: unknown[] = []
    const dumps = new Dumps()
    const app = express()
    const options = way === 'followed' ? { slow: 1 } : way === 'share' ? { mode: 1 } : {}
    if (way !== 'without') app.use(profview.profiler(dumps.options(options as object)) as never)
    let goOn: () => void = () => {}
    app.get('/held', (_request, response) => {
      goOn = () => response.send('x')
      held()
    })
    let held: () => void = () => {}
    const see: RequestHandler = (request, _response, next) => {
      seen.push(look(request, app))
      next()
    }
    app.use(see)
    const users = express.Router({ mergeParams: true })
    users.use(see)
    users.get('/users/:id', see, (request, response) => {
      response.on('finish', () => seen.push(look(request, app)))
      response.send(request.params)
    })
    app.use('/teams/:team', users)
    const { get } = await serve(app as RequestListener)
    const trigger = { headers: { 'x-profile': '1' } }
    let first: Promise<unknown> = Promise.resolve()
    if (way === 'bystander') {
      const isHeld = new Promise<void>((resolve) => {
        held = resolve
      })
      first = get('/held', trigger)
      await isHeld
    }
    // The same header for all: who has no profiler does not care.
    const sent = way === 'triggered' || way === 'without' ? trigger : { headers: { 'x-prof': '1' } }
    const answer = await get('/teams/secret/users/7?a=1', { headers: { ...sent.headers } })
    goOn()
    await first
    if (way === 'triggered') await dumps.one()
    return { seen, answer, body: await answer.json(), dumps }
  }

  /** All that can be found out about it without reading what others own. */
  function properties(request: Request, app: Express) {
    const own = Object.getOwnPropertyDescriptors(request)
    return {
      own: Reflect.ownKeys(own).map((key) => {
        const { value, get, set, ...flags } = (own as Record<PropertyKey, PropertyDescriptor>)[key]!
        return [String(key), flags, typeof value, typeof get, typeof set]
      }),
      keys: Object.keys(request),
      json: JSON.stringify(request, (key, value) => (key === '' ? { ...value } : plain(value))),
      inspected: inspect(request, { depth: 0, showHidden: true }),
      isOfApp: Object.getPrototypeOf(request) === app.request,
      inherited: Object.getOwnPropertyNames(app.request),
      params: request.params,
      route: request.route?.path,
      listeners: request.eventNames().map((name) => [name, request.listenerCount(name as string)]),
    }
  }

  /** What it holds is somebody else's. */
  const plain = (value: unknown) =>
    typeof value === 'object' && value !== null ? value.constructor.name : value

  /** Ports and times are not the same twice. */
  const comparable = (seen: unknown) =>
    JSON.stringify(seen, null, 1)
      .replace(/x-prof(ile)?/g, 'x')
      .replace(/\d+/g, '0')

  test.each(WAYS.slice(1))('whole, when it is %s', async (way) => {
    const [bare, ours] = [await seenIn('without', properties), await seenIn(way, properties)]
    expect(bare.seen).toHaveLength(4)
    expect(comparable(ours.seen)).toBe(comparable(bare.seen))
    expect(ours.body).toEqual(bare.body)
    const headers = new Map(ours.answer.headers)
    // A share's samples tell too little for some.
    const told = ['x-profile-id', 'server-timing'].map((name) => headers.delete(name))
    if (way === 'triggered') expect(told).toEqual([true, true])
    else expect(told[0]).toBe(way === 'share')
    expect([...headers.keys()]).toEqual([...bare.answer.headers.keys()])
    for (const [name, value] of headers) {
      if (name !== 'date') expect([name, value]).toEqual([name, bare.answer.headers.get(name)])
    }
  })

  /** What apps do with requests that are not quite the one they were given. */
  const USES: Record<string, (request: Request) => unknown> = {
    'a proxy of it': (request) => {
      const proxy = new Proxy(request, {})
      const before = { ...proxy.params }
      Object.assign(proxy, { params: { own: '1' } })
      const after = { ...request.params }
      Object.assign(request, { params: before })
      return { before, after, route: proxy.route?.path, get: proxy.get('x-own') }
    },
    'a copy of its descriptors': (request) => {
      const copy = Object.defineProperties(
        Object.create(Object.getPrototypeOf(request)),
        Object.getOwnPropertyDescriptors(request),
      ) as Request
      copy.params = { own: '2' }
      const bare = Object.defineProperties({}, Object.getOwnPropertyDescriptors(request)) as Request
      return [copy.params, copy.route?.path, bare.params, bare.route?.path, request.params]
    },
    'one derived from it': (request) => {
      const derived = Object.create(request) as Request
      derived.params = { own: '3' }
      derived.route = { path: '/own' }
      return [Object.keys(derived), derived.params, request.params, request.route?.path]
    },
    // As connect-roles has each rule with a path see the parameters of that.
    'a rule with a path': (request) => {
      const match = /^\/teams\/([^/]+)/.exec(request.originalUrl)
      if (match === null) return null
      const seen = Object.create(request) as Request
      seen.params = Object.create(request.params ?? {})
      seen.params.team = match[1]!
      const isAllowed =
        seen.params.team === 'secret' && !Object.hasOwn(request.params ?? {}, 'team')
      return [isAllowed, { ...request.params }]
    },
    'one that is frozen in part': (request) => {
      Object.defineProperty(request, 'params', { value: { own: '4' }, configurable: true })
      const { params } = request
      Object.defineProperty(request, 'params', { value: params, writable: true, enumerable: true })
      return [params, Object.getOwnPropertyDescriptor(request, 'params')?.writable]
    },
  }

  describe.each(WAYS.slice(1))('when it is %s', (way) => {
    test.each(Object.keys(USES))('%s', async (use) => {
      const bare = await seenIn('without', USES[use]!)
      const ours = await seenIn(way, USES[use]!)
      expect(ours.answer.status).toBe(200)
      expect(ours.seen).toEqual(bare.seen)
      expect(ours.body).toEqual(bare.body)
    })
  })

  test('a router is given a proxy of it', async () => {
    const dumps = new Dumps()
    const app = express()
    app.use(profview.profiler(dumps.options()) as never)
    const users = express
      .Router()
      .get('/users/:id', (request, response) => void response.send(request.params))
    app.use('/teams/:team', (request, response, next) =>
      users(new Proxy(request, {}), response, next),
    )
    const { get } = await serve(app as RequestListener)
    const answer = await get('/teams/1/users/7', { headers: { 'x-profile': '1' } })
    expect([answer.status, await answer.json()]).toEqual([200, { id: '7' }])
    expect((await dumps.one()).meta.request?.route).toBe('/teams/:team/users/:id')
  })
})
