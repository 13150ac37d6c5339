/** Every way a request can end: one dump, and nothing of ours left behind. */
import type { EventEmitter } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { ProfilerMiddleware, ProfilerOptions } from '../../src/index.js'
import {
  close,
  Dumps,
  express4,
  express5,
  profview,
  type Running,
  rawConnection,
  runScript,
  serve,
} from '../support/app.js'
import type { Dump } from '../support/dump-check.js'

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

/** What the middleware listens to while a request is recorded, to be looked for afterwards. */
class Traces {
  readonly #added: [EventEmitter, string | symbol, unknown][] = []

  /** A middleware that does the same and notes which listeners it adds. */
  around(middleware: ProfilerMiddleware): ProfilerMiddleware {
    const traced = (request: IncomingMessage, response: ServerResponse, next: () => void) => {
      const emitters = [request, response, request.socket, process]
      const before = new Set(listenersOf(emitters).map(([, , listener]) => listener))
      middleware(request, response, () => {
        this.#added.push(...listenersOf(emitters).filter(([, , listener]) => !before.has(listener)))
        next()
      })
    }
    return Object.assign(traced as ProfilerMiddleware, { counts: middleware.counts })
  }

  get added(): number {
    return this.#added.length
  }

  get left(): string[] {
    return this.#added
      .filter(([emitter, event, listener]) =>
        emitter.rawListeners(event).includes(listener as never),
      )
      .map(([emitter, event]) => `${emitter.constructor.name} ${String(event)}`)
  }
}

function listenersOf(
  emitters: readonly EventEmitter[],
): [EventEmitter, string | symbol, unknown][] {
  return emitters.flatMap((emitter) =>
    emitter
      .eventNames()
      .flatMap((event) =>
        emitter
          .rawListeners(event)
          .map((listener): [EventEmitter, string | symbol, unknown] => [emitter, event, listener]),
      ),
  )
}

function hooksOn(): boolean {
  const shared = globalThis as { [key: symbol]: { sampler: { active: number } } }
  const recorder = shared[Symbol.for('profview.recorder.1')]!
  return recorder.sampler.active > 0
}

interface Scene extends Running {
  readonly dumps: Dumps
  readonly traces: Traces
  readonly middleware: ProfilerMiddleware
}

function scene(handler: Handler, options?: ProfilerOptions): Promise<Scene> {
  return appScene(
    (middleware) => (request, response) =>
      middleware(request, response, () => void handler(request, response)),
    options,
  )
}

async function appScene(
  build: (middleware: ProfilerMiddleware) => RequestListener,
  options: ProfilerOptions = {},
): Promise<Scene> {
  const dumps = new Dumps()
  const traces = new Traces()
  const middleware = traces.around(profview.profiler(dumps.options(options)))
  return { ...(await serve(build(middleware))), dumps, traces, middleware }
}

/** The one dump of the scene; nothing else comes, and nothing is left. */
async function onlyDump({ dumps, traces, server }: Scene): Promise<Dump> {
  const dump = await dumps.one()
  expect(traces.added).toBeGreaterThan(0)
  expect(traces.left).toEqual([])
  expect(hooksOn()).toBe(false)
  await close(server)
  expect(dumps.files).toEqual([])
  expect(dumps.warnings).toEqual([])
  return dump
}

const TRIGGERED = 'GET /?profile=1 HTTP/1.1\r\nhost: localhost\r\n\r\n'

describe('the response', () => {
  test('is finished', async () => {
    const at = await scene((_request, response) => response.end('x'))
    await at.get('/?profile=1')
    expect((await onlyDump(at)).meta.request).toMatchObject({ status: 200, aborted: false })
  })

  test('is destroyed before its headers', async () => {
    const at = await scene((_request, response) => response.destroy())
    await expect(at.get('/?profile=1')).rejects.toThrow()
    expect((await onlyDump(at)).meta.request).toMatchObject({ aborted: true })
  })

  test('is destroyed half-way', async () => {
    const at = await scene((_request, response) => {
      response.writeHead(202).write('x', () => response.destroy(new Error('of the app')))
    })
    await expect(at.get('/?profile=1')).rejects.toThrow()
    expect((await onlyDump(at)).meta.request).toMatchObject({ status: 202, aborted: true })
  })

  test('loses its socket', async () => {
    const at = await scene((request) => request.socket.destroy())
    await expect(at.get('/?profile=1')).rejects.toThrow()
    expect((await onlyDump(at)).meta.request).toMatchObject({ aborted: true })
  })

  test('goes on after the limit', async () => {
    let stream: ServerResponse | undefined
    const at = await scene(
      (_request, response) => {
        stream = response
        response.writeHead(200, { 'Content-Type': 'text/event-stream' })
        response.write('data: 1\n\n')
      },
      { limits: { durationMs: 50 } },
    )
    const { socket, until } = await rawConnection(at.port)
    socket.write(TRIGGERED)
    await until(/data: 1/)
    const dump = await at.dumps.one()
    expect(dump.meta.warnings).toContainEqual({
      code: 'cut-off',
      text: 'cut off after 50 ms, before the response ended',
    })
    expect(dump.meta.request).toMatchObject({ status: 200, aborted: false })
    expect(at.traces.left).toEqual([])
    stream?.write('data: 2\n\n')
    stream?.end()
    expect(await until(/data: 2/)).toMatch(/x-profile-id/i)
    expect(at.dumps.files).toEqual([])
  })

  test('starts after the limit', async () => {
    let late: ServerResponse | undefined
    const at = await scene((_request, response) => (late = response), {
      limits: { durationMs: 50 },
    })
    const answer = at.get('/?profile=1')
    const dump = await onlyDumpWhile(at)
    late?.end('late')
    const { headers } = await answer
    expect(headers.get('x-profile-id')).toBe(dump.meta.id)
    expect(headers.get('server-timing')).toMatch(/^cpu;dur=/)
  })
})

async function onlyDumpWhile({ dumps, traces }: Scene): Promise<Dump> {
  const dump = await dumps.one()
  expect(traces.left).toEqual([])
  return dump
}

describe('the client', () => {
  test('leaves before the answer', async () => {
    let leave = () => {}
    const at = await scene(() => leave())
    const { socket } = await rawConnection(at.port)
    leave = () => void socket.destroy()
    socket.write(TRIGGERED)
    expect((await onlyDump(at)).meta.request).toMatchObject({ aborted: true })
  })

  test('leaves half-way', async () => {
    const at = await scene((_request, response) => {
      response.write('x'.repeat(1_000_000))
    })
    const { socket } = await rawConnection(at.port)
    socket.write(TRIGGERED)
    socket.once('data', () => socket.destroy())
    expect((await onlyDump(at)).meta.request).toMatchObject({ status: 200, aborted: true })
  })

  test('sends half a body and leaves, while the app reads it', async () => {
    let leave = () => {}
    const at = await scene(async (request, response) => {
      request.once('data', () => leave())
      await request.toArray().catch(() => {})
      response.end()
    })
    const { socket } = await rawConnection(at.port)
    leave = () => void socket.destroy()
    socket.write('POST /?profile=1 HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf')
    expect((await onlyDump(at)).meta.request).toMatchObject({ method: 'POST', aborted: true })
  })

  test('gets its answer before its body is sent', async () => {
    const at = await scene((_request, response) => response.end('enough'))
    const { socket, until } = await rawConnection(at.port)
    socket.write('POST /?profile=1 HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf')
    await until(/enough/)
    socket.destroy()
    expect((await onlyDump(at)).meta.request).toMatchObject({ status: 200, aborted: false })
  })

  test('sends a body, which is read long before the answer', async () => {
    const at = await scene(async (request, response) => {
      await request.toArray()
      await new Promise((resolve) => setTimeout(resolve, 60))
      response.writeHead(201).end('made')
    })
    await at.get('/?profile=1', { method: 'POST', body: 'a body' })
    const { meta } = await onlyDump(at)
    expect(meta.request).toEqual({ method: 'POST', route: '', status: 201, aborted: false })
    expect(meta.durationMicros).toBeGreaterThan(59_000)
  })

  test.each([
    ['without a body', 'GET /?profile=1 HTTP/1.1\r\nhost: localhost\r\n\r\n'],
    [
      'with a body that has been read',
      'POST /?profile=1 HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\n\r\nx',
    ],
  ])('leaves while a pipelined request waits for its turn, %s', async (_name, second) => {
    const at = await scene(async (request) => {
      await request.toArray().catch(() => {})
      if (request.url?.includes('profile')) setImmediate(() => leave())
    })
    let leave = () => {}
    const { socket } = await rawConnection(at.port)
    leave = () => void socket.destroy()
    socket.write(`GET /first HTTP/1.1\r\nhost: localhost\r\n\r\n${second}`)
    expect((await onlyDump(at)).meta.request).toMatchObject({ aborted: true })
  })

  test('leaves while the app is being asked', async () => {
    let allow = (_allowed: boolean) => {}
    let asked = () => {}
    const asking = new Promise<void>((resolve) => {
      asked = resolve
    })
    const dumps = new Dumps()
    const authorize = () =>
      new Promise<boolean>((resolve) => {
        allow = resolve
        asked()
      })
    const middleware = profview.profiler(dumps.options({ authorize }))
    let gone = () => {}
    const left = new Promise<void>((resolve) => {
      gone = resolve
    })
    const passed = vi.fn()
    const { port } = await serve((request, response) => {
      request.socket.once('close', gone)
      middleware(request, response, passed)
    })
    const { socket } = await rawConnection(port)
    socket.write(TRIGGERED)
    await asking
    socket.destroy()
    await left
    allow(true)
    await vi.waitFor(() => expect(passed).toHaveBeenCalledTimes(1))
    expect(middleware.counts).toEqual({ profiled: 0, refused: 0, skipped: 1 })
    expect(hooksOn()).toBe(false)
  })
})

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('an app of %s', (version, express) => {
  type Express = ReturnType<typeof express5>

  beforeEach(() => {
    const log = vi.spyOn(console, 'error').mockReturnValue()
    return () => log.mockRestore()
  })

  function app(build: (app: Express) => void): (middleware: ProfilerMiddleware) => RequestListener {
    return (middleware) => {
      const handler = express()
      handler.use(middleware as never)
      build(handler)
      return handler as RequestListener
    }
  }

  test.each<[string, (app: Express) => void, number]>([
    [
      'throws',
      (app) =>
        app.get('/', () => {
          throw new Error('of the app')
        }),
      500,
    ],
    [
      'calls next(error)',
      (app) => app.get('/', (_request, _response, next) => next(new Error('of the app'))),
      500,
    ],
    [
      'throws asynchronously',
      (app) =>
        app.get('/', async (_request, _response, next) => {
          await new Promise((resolve) => setTimeout(resolve, 5))
          if (version === 'Express 4') next(new Error('Express 4 does not catch rejections'))
          else throw new Error('of the app')
        }),
      500,
    ],
    [
      'calls next twice',
      (app) => {
        app.use((_request, _response, next) => {
          next()
          next()
        })
        app.get('/', (_request, response) => void (response.headersSent || response.send('once')))
      },
      200,
    ],
    ['has no such route', (app) => app.get('/other', () => {}), 404],
  ])('%s', async (_name, build, status) => {
    const at = await appScene(app(build))
    const answer = await at.get('/?profile=1')
    expect(answer.status).toBe(status)
    expect((await onlyDump(at)).meta.request).toMatchObject({ status, aborted: false })
  })

  test('throws after the headers', async () => {
    const at = await appScene(
      app((app) =>
        app.get('/', (_request, response) => {
          response.write('half')
          throw new Error('of the app')
        }),
      ),
    )
    await expect(at.get('/?profile=1')).rejects.toThrow()
    expect((await onlyDump(at)).meta.request).toMatchObject({ status: 200, aborted: true })
  })

  test('mounts the middleware twice, in a router and in a sub-app', async () => {
    const authorize = vi.fn(() => true)
    const at = await appScene(
      (middleware) => {
        const [outer, inner] = [express(), express()]
        const router = express.Router()
        outer.use(middleware as never, middleware as never)
        outer.use('/in', router)
        router.use(middleware as never)
        router.use(inner)
        inner.use(middleware as never)
        inner.get('/:id', (_request, response) => void response.send('x'))
        return outer as RequestListener
      },
      { authorize },
    )
    const answer = await at.get('/in/7?profile=1')
    const dump = await onlyDump(at)
    expect(answer.headers.get('x-profile-id')).toBe(dump.meta.id)
    expect(dump.meta.request?.route).toBe('/in/:id')
    expect(authorize).toHaveBeenCalledTimes(1)
    expect(at.middleware.counts).toEqual({ profiled: 1, refused: 0, skipped: 0 })
  })

  test('mounts two middlewares', async () => {
    const second = new Dumps()
    const at = await appScene((middleware) => {
      const handler = express()
      handler.use(middleware as never, profview.profiler(second.options()) as never)
      handler.get('/', (_request, response) => void response.send('x'))
      return handler as RequestListener
    })
    await at.get('/?profile=1')
    await onlyDump(at)
    expect(second.files).toEqual([])
  })

  test('mounts two, and asks the second one only', async () => {
    const at = await appScene((middleware) => {
      const handler = express()
      handler.use(profview.profiler({ header: 'x-other', query: 'other' }) as never)
      handler.use(middleware as never)
      handler.get('/', (_request, response) => void response.send('x'))
      return handler as RequestListener
    })
    await at.get('/?profile=1')
    await onlyDump(at)
  })

  test('mounts it late', async () => {
    const at = await appScene((middleware) => {
      const handler = express()
      handler.use(express.json())
      handler.use((_request, _response, next) => void setTimeout(next, 20))
      handler.post(
        '/:id',
        middleware as never,
        (request, response) => void setTimeout(() => response.json(request.body), 5),
      )
      return handler as RequestListener
    })
    const answer = await at.get('/7?profile=1', {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    })
    expect(await answer.json()).toEqual({ a: 1 })
    const { meta } = await onlyDump(at)
    expect(meta.request).toEqual({ method: 'POST', route: '/:id', status: 200, aborted: false })
  })

  test('mounts it where the response is over', async () => {
    const dumps = new Dumps()
    const middleware = profview.profiler(dumps.options())
    const passed = vi.fn()
    const handler = express()
    handler.use((_request, response, next) => {
      response.send('x')
      response.on('finish', () => next())
    })
    handler.use(middleware as never)
    handler.use(passed)
    const { get } = await serve(handler as RequestListener)
    await get('/?profile=1')
    await vi.waitFor(() => expect(passed).toHaveBeenCalledTimes(1))
    expect(middleware.counts).toEqual({ profiled: 0, refused: 0, skipped: 1 })
    expect(hooksOn()).toBe(false)
  })
})

test('1,000 requests on one connection leave nothing, and the process ends by itself', async () => {
  const { dir } = new Dumps()
  const ended = await runScript(`
    import { existsSync } from 'node:fs'
    import http from 'node:http'
    import { profiler } from 'profview'
    // Once a second a look for captures is under way, for less than a millisecond.
    const isLook = (name) => name === 'FSReqCallback'
    const resources = () =>
      process.getActiveResourcesInfo().filter((name) => !isLook(name)).sort().join()
    let dumps = 0
    let told = () => {}
    const middleware = profiler({
      dir: ${JSON.stringify(dir)},
      limits: { perMinute: 1e6, files: 1e6, bytes: 1e12 },
      onProfile() { dumps++; told() },
    })
    let socket
    const server = http.createServer((request, response) => {
      socket = request.socket
      middleware(request, response, () => setImmediate(() => response.end('x')))
    })
    // Node closes what is idle for 5 s, and 1,000 dumps may take longer.
    server.keepAliveTimeout = 0
    server.listen(0, '127.0.0.1', async () => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      const ask = () => new Promise((resolve) => {
        http.get({ port: server.address().port, agent, headers: { 'x-profile': '1' } }, (answer) => answer.resume().on('end', resolve))
      })
      const listeners = () => socket.eventNames().map((name) => [name, socket.listenerCount(name)])
      await ask()
      await new Promise(setImmediate)
      const before = [resources(), JSON.stringify(listeners())]
      for (let i = 1; i < 1000; i++) await ask()
      while (dumps < 1000) await new Promise((resolve) => { told = resolve })
      await new Promise(setImmediate)
      const after = [resources(), JSON.stringify(listeners())]
      const { sampler: { active } } = globalThis[Symbol.for('profview.recorder.1')]
      // One for good takes away what says that a capture would be answered.
      const exit = process.listenerCount('exit') - Number(existsSync(${JSON.stringify(dir)} + '/.capture'))
      console.log(JSON.stringify({ same: before.join() === after.join(), dumps, active, exit }))
      if (before.join() !== after.join()) console.log(before, after)
      agent.destroy()
      await new Promise((resolve) => server.close(resolve))
    })
  `)
  expect(ended).toEqual({
    code: 0,
    signal: null,
    out: '{"same":true,"dumps":1000,"active":0,"exit":0}\n',
    err: '',
  })
})
