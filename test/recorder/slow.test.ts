/** The flight recorder: requests that turn out slow, or fail, are kept after the fact. */
import { describe, expect, test, vi } from 'vitest'
import type { DumpMeta, ProfilerOptions } from '../../src/index.js'
import { isOpenEnded } from '../../src/recorder/response/response.js'
import { Dumps, profview, type Running, rawConnection, runScript, serve } from '../support/app.js'
import { type Dump, dumpsIn, filesIn } from '../support/dump-check.js'

function burnSlow(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A request by the app's own clock, ms: what the profiler measures lies between the two. */
interface Clocked {
  inside: number
  /** Until its response is closed; before that it is not known. */
  around: number | null
}

interface App extends Running {
  readonly counts: { readonly profiled: number }
  /** All requests so far, as soon as they are over. */
  clocked(): Promise<{ inside: number; around: number }[]>
}

/**
 * `/burn/80` computes, `/wait/80` waits, `/held` waits for a `/burn`, `/fail` answers with 503,
 * `/stream/80` and `/told/80` send events for a while. With `late`, the app asks us late.
 */
async function app(options: ProfilerOptions, late = false): Promise<App> {
  const middleware = profview.profiler(options)
  const all: Clocked[] = []
  let burns = () => {}
  const burning = new Promise<void>((resolve) => {
    burns = resolve
  })
  const running = await serve(async (request, response) => {
    if (late) await sleep(5)
    const clocked: Clocked = { inside: 0, around: null }
    const start = performance.now()
    all.push(clocked)
    response.once('close', () => {
      clocked.around = performance.now() - start
    })
    middleware(request, response, async () => {
      const start = performance.now()
      const [, what = '', ms = '0'] = request.url!.split('/')
      if (what === 'burn') burns()
      if (what === 'burn') burnSlow(Number(ms))
      if (what === 'wait') await sleep(Number(ms))
      if (what === 'held') await burning
      if (what === 'fail') response.statusCode = 503
      if (what === 'stream') response.setHeader('Content-Type', 'text/event-stream; charset=utf-8')
      if (what === 'told') response.writeHead(200, { 'content-type': 'text/event-stream' })
      if (what === 'stream' || what === 'told') {
        response.write('data: 1\n\n')
        await sleep(Number(ms))
      }
      clocked.inside = performance.now() - start
      response.end('done')
    })
  })
  return {
    ...running,
    counts: middleware.counts,
    async clocked() {
      await vi.waitFor(() => expect(all.filter(({ around }) => around === null)).toEqual([]))
      return all as { inside: number; around: number }[]
    },
  }
}

/** What has been written for that reason. */
function keptFor(reason: DumpMeta['kept'], { dir }: Dumps): Dump[] {
  return dumpsIn(dir).filter(({ meta }) => meta.kept === reason)
}

describe('slow: 60', () => {
  test('a request that took longer is kept, the fast ones leave nothing', async () => {
    const dumps = new Dumps()
    const { get, counts, clocked } = await app(dumps.options({ slow: 60 }))
    for (let i = 0; i < 20; i++) await get('/burn/1')
    for (let i = 0; i < 3; i++) {
      const answer = await get('/burn/90')
      expect(answer.headers.has('x-profile-id')).toBe(false)
    }
    const requests = await clocked()
    await get('/fail')
    await vi.waitFor(() => expect(keptFor('status', dumps)).toHaveLength(1), 20_000)
    const kept = keptFor('slow', dumps)
    // On a busy machine some of the fast ones are slow, by themselves or by the queue.
    const long = kept.filter(({ meta }) => meta.durationMicros >= 60_000)
    const least = requests.filter(({ inside }) => inside >= 60).length
    expect(long.length).toBeGreaterThanOrEqual(least)
    expect(long.length).toBeLessThanOrEqual(requests.filter(({ around }) => around >= 60).length)
    for (const { meta } of kept) {
      expect(meta.durationMicros + meta.queued!.maxMicros!).toBeGreaterThanOrEqual(60_000)
    }
    expect(counts.profiled).toBe(kept.length + 1)
    // Where a busy machine took no samples, nobody can tell: the one of which most is known.
    const [{ meta, names }] = long
      .filter(({ meta }) => meta.durationMicros >= 90_000)
      .sort((a, b) => a.meta.ledger.unknown - b.meta.ledger.unknown) as [Dump]
    expect(names).toContain('burnSlow')
    expect(meta.kind).toBe('request')
    const { cpu, gc, offcpu, unknown } = meta.ledger
    expect(cpu + gc + offcpu + unknown).toBeGreaterThan(0.9 * 90_000)
    expect(cpu + gc + offcpu).toBeGreaterThan(0.5 * 90_000)
    expect(meta.warnings.map(({ code }) => code)).toContain('no-awaits')
  })

  test('who was held up by it is kept too, and says by whose code', async () => {
    const dumps = new Dumps()
    const { get, server, clocked } = await app(dumps.options({ slow: 60 }))
    const held = new Promise((resolve) => server.once('request', resolve))
    const start = performance.now()
    const waiting = get('/held')
    await held
    await Promise.all([waiting, get('/burn/120')])
    const [, burn] = await clocked()
    const elapsed = (performance.now() - start) * 1000
    const both = await dumps.take(2)
    const ranOf = ({ meta: { ledger } }: Dump) => ledger.cpu + ledger.gc + ledger.offcpu
    const [culprit, victim] = both.sort((a, b) => ranOf(b) - ranOf(a))
    const { inside, around } = burn!
    // Without hooks (Node 24) samples tell who ran, to a gap or two between them; where a busy
    // machine took none, nobody can.
    const lost = (dump: Dump) => dump.meta.ledger.unknown
    const { blocked } = victim!.meta.ledger
    expect(blocked + lost(victim!)).toBeGreaterThan(0.9 * inside * 1000)
    expect(blocked).toBeGreaterThan(0.5 * inside * 1000)
    expect(victim!.names).toContain('burnSlow')
    expect(ranOf(culprit!) + lost(culprit!)).toBeGreaterThan(0.9 * inside * 1000)
    expect(ranOf(culprit!)).toBeGreaterThan(0.5 * inside * 1000)
    const gap = 6
    expect(culprit!.meta.ledger.blocked).toBeLessThan((around - inside + 1 + gap) * 1000)
    // Two requests never both own the same microsecond.
    expect(ranOf(victim!) + ranOf(culprit!)).toBeLessThan(elapsed)
  })

  test('a request that fails is kept however fast', async () => {
    const dumps = new Dumps()
    const { get } = await app(dumps.options({ slow: 10_000, labels: () => ({ a: 'b' }) }))
    await get('/burn/1')
    await get('/fail')
    const { meta } = await dumps.one()
    expect(meta.request).toMatchObject({ status: 503 })
    expect(meta.kept).toBe('status')
    expect(meta.labels).toEqual({ a: 'b' })
  })

  test('a trigger goes its own way, with its awaits', async () => {
    const dumps = new Dumps()
    const { get } = await app(dumps.options({ slow: 10_000 }))
    const answer = await get('/wait/10', { headers: { 'x-profile': '1' } })
    const { meta, names } = await dumps.one()
    expect(answer.headers.get('x-profile-id')).toBe(meta.id)
    expect(names).toContain('[await] timer 10 ms')
    expect(meta.warnings).toEqual([])
  })

  test('a refused trigger is watched like any other request', async () => {
    const dumps = new Dumps()
    const { get } = await app(dumps.options({ slow: 60, authorize: () => false }))
    const answer = await get('/burn/90', { headers: { 'x-profile': '1' } })
    expect(answer.headers.has('x-profile-id')).toBe(false)
    expect((await dumps.one()).names).toContain('burnSlow')
  })

  test('limits.concurrent is for triggers, limits.perMinute for all that is kept', async () => {
    const dumps = new Dumps()
    const limits = { concurrent: 1, perMinute: 2 }
    const { get, counts } = await app(dumps.options({ slow: 50, limits }))
    await Promise.all([get('/wait/70'), get('/wait/70'), get('/wait/70'), get('/wait/1')])
    await dumps.take(2)
    expect(counts).toEqual({ profiled: 2, refused: 0, skipped: 0 })
  })
})

describe('slow: 200, and the loop is busy for 400 ms when requests come', () => {
  /** Requests on open connections, which nobody can see before the loop has looked again. */
  async function whileBusy(port: number, paths: readonly string[]): Promise<void> {
    const connections = await Promise.all(paths.map(() => rawConnection(port)))
    paths.forEach((path, i) => {
      connections[i]!.socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    })
    burnSlow(400)
    await Promise.all(connections.map(({ until }) => until(/done/)))
    for (const { socket } of connections) socket.destroy()
  }

  test('of all that are slow by the queue alone one is kept, and counts the others', async () => {
    const dumps = new Dumps()
    const { port, counts } = await app(dumps.options({ slow: 200 }))
    await whileBusy(port, ['/burn/1', '/burn/1', '/burn/1', '/wait/20', '/burn/1'])
    await whileBusy(port, ['/burn/1', '/burn/1'])
    const [first, second] = (await dumps.take(2)).map(({ meta }) => meta)
    expect([first!.kept, first!.queued!.othersKeptOut]).toEqual(['slow', 4])
    expect([second!.kept, second!.queued!.othersKeptOut]).toEqual(['slow', 1])
    for (const { durationMicros, queued } of [first!, second!]) {
      expect(durationMicros).toBeLessThan(200_000)
      expect(durationMicros + queued!.maxMicros!).toBeGreaterThan(400_000)
    }
    expect(counts.profiled).toBe(2)
  })

  test('who is slow by itself, or fails, is kept beside it', async () => {
    const dumps = new Dumps()
    const { port } = await app(dumps.options({ slow: 200 }))
    await whileBusy(port, ['/burn/1', '/wait/220', '/fail', '/burn/1'])
    const kept = (await dumps.take(3)).map(({ meta }) => meta)
    const told = kept.map(({ kept, request, queued, durationMicros }) => [
      kept,
      request!.status,
      durationMicros < 200_000,
      queued!.othersKeptOut,
    ])
    expect(told.sort()).toEqual([
      ['slow', 200, false, 0],
      ['slow', 200, true, 1],
      ['status', 503, true, 0],
    ])
  })

  test('an event stream is not slow, by the queue or by itself', async () => {
    const dumps = new Dumps()
    const { port, get, counts } = await app(dumps.options({ slow: 200 }))
    await whileBusy(port, ['/stream/1', '/told/1', '/stream/220', '/told/220'])
    await get('/wait/220')
    expect((await dumps.one()).meta.durationMicros).toBeGreaterThan(200_000)
    expect(counts.profiled).toBe(1)
  })

  test('where nobody knows how long it waited, the queue does not count', async () => {
    const dumps = new Dumps()
    const { port, get, counts } = await app(dumps.options({ slow: 200 }), true)
    await whileBusy(port, ['/burn/1', '/burn/1'])
    await get('/wait/220')
    expect((await dumps.one()).meta.queued!.maxMicros).toBeNull()
    expect(counts.profiled).toBe(1)
  })

  test('when it was sent is a bound of the queue, too', async () => {
    const dumps = new Dumps()
    const { port, get } = await app(dumps.options({ slow: 200, requestStart: 'x-start' }))
    const { socket, until } = await rawConnection(port)
    burnSlow(300)
    socket.write(
      `GET /burn/1 HTTP/1.1\r\nHost: localhost\r\nx-start: t=${Date.now() / 1000}\r\n\r\n`,
    )
    burnSlow(50)
    await until(/done/)
    socket.destroy()
    await get('/wait/220')
    expect((await dumps.one()).meta.durationMicros).toBeGreaterThan(200_000)
    expect(dumps.files).toEqual([])
  })
})

test('whoever is kept was slow, with the queue as the samples know it', async () => {
  const dumps = new Dumps()
  // So rarely woken by our own signal, the thread cannot tell how long its loop has been idle.
  const { port, get } = await app(dumps.options({ slow: 250, interval: 100 }))
  const asked = await runScript(`
    for (let i = 0; i < 10; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100 + 37 * i))
      await (await fetch('http://127.0.0.1:${port}/wait/200')).text()
    }`)
  expect(asked).toMatchObject({ code: 0, err: '' })
  await get('/fail')
  await vi.waitFor(() => expect(keptFor('status', dumps)).toHaveLength(1), 20_000)
  for (const { meta } of keptFor('slow', dumps)) {
    expect(meta.durationMicros + meta.queued!.maxMicros!).toBeGreaterThanOrEqual(250_000)
  }
})

test('what is answered by an upgrade, or to CONNECT, is open-ended', () => {
  const answered = (request: object, response: object = {}) =>
    isOpenEnded(request as never, { getHeader: () => undefined, ...response } as never)
  expect(answered({ method: 'GET', upgrade: false })).toBe(false)
  expect(answered({ method: 'GET', upgrade: true })).toBe(true)
  expect(answered({ method: 'GET' }, { statusCode: 101 })).toBe(true)
  expect(answered({ method: 'CONNECT' })).toBe(true)
})

test('PROFVIEW_SLOW in production, and a process that ends while requests run', async () => {
  const dir = new Dumps().dir
  const ended = await runScript(
    `
    import http from 'node:http'
    import { profiler } from 'profview'
    const middleware = profiler({ dir: ${JSON.stringify(dir)} })
    const ask = (path) => fetch('http://127.0.0.1:' + server.address().port + path).catch(() => {})
    const server = http.createServer((request, response) => middleware(request, response, () => {
      if (request.url === '/young') process.exit(3)
      setTimeout(() => ask('/young'), 250)
    }))
    server.listen(0, '127.0.0.1', () => ask('/old'))`,
    { env: { NODE_ENV: 'production', PROFVIEW_SLOW: '200' } },
  )
  expect(ended).toMatchObject({ code: 3, err: '' })
  expect(filesIn(dir)).toHaveLength(1)
})
