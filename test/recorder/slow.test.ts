/** The flight recorder: requests that turn out slow, or fail, are kept after the fact. */
import { describe, expect, test } from 'vitest'
import type { ProfilerOptions } from '../../src/index.js'
import { Dumps, profview, type Running, runScript, serve } from '../support/app.js'
import { filesIn } from '../support/dump-check.js'

function burnSlow(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** `/burn/80` computes, `/wait/80` waits, `/fail` answers with 503. */
async function app(options: ProfilerOptions): Promise<Running & { counts: { profiled: number } }> {
  const middleware = profview.profiler(options)
  const running = await serve((request, response) =>
    middleware(request, response, async () => {
      const [, what = '', ms = '0'] = request.url!.split('/')
      if (what === 'burn') burnSlow(Number(ms))
      if (what === 'wait') await sleep(Number(ms))
      if (what === 'fail') response.statusCode = 503
      response.end('done')
    }),
  )
  return { ...running, counts: middleware.counts }
}

describe('slow: 60', () => {
  test('a request that took longer is kept, the fast ones leave nothing', async () => {
    const dumps = new Dumps()
    const { get, counts } = await app(dumps.options({ slow: 60 }))
    for (let i = 0; i < 20; i++) await get('/burn/1')
    const answer = await get('/burn/90')
    expect(answer.headers.has('x-profile-id')).toBe(false)
    const { meta, names } = await dumps.one()
    expect(names).toContain('burnSlow')
    expect(meta.kind).toBe('request')
    expect(meta.durationMicros).toBeGreaterThanOrEqual(90_000)
    expect(meta.ledger.cpu + meta.ledger.gc).toBeGreaterThan(0.9 * 90_000)
    expect(meta.warnings).toContain(
      'awaits were not followed: they have no names, and hang under the request',
    )
    expect(filesIn(dumps.dir)).toHaveLength(1)
    expect(counts.profiled).toBe(1)
  })

  test('who was held up by it is kept too, and says by whose code', async () => {
    const dumps = new Dumps()
    const { get } = await app(dumps.options({ slow: 60 }))
    const waiting = get('/wait/20')
    await sleep(5)
    await Promise.all([waiting, get('/burn/120')])
    const both = await dumps.take(2)
    const victim = both.find(({ meta }) => meta.ledger.cpu < 60_000)!
    expect(victim.meta.ledger.blocked).toBeGreaterThan(80_000)
    expect(victim.names).toContain('burnSlow')
    const culprit = both.find((dump) => dump !== victim)!
    expect(culprit.meta.ledger.blocked).toBeLessThan(20_000)
    // Two requests never both own the same microsecond.
    expect(victim.meta.ledger.cpu + culprit.meta.ledger.cpu).toBeLessThan(
      Math.max(victim.meta.durationMicros, culprit.meta.durationMicros) + 30_000,
    )
  })

  test('a request that fails is kept however fast', async () => {
    const dumps = new Dumps()
    const { get } = await app(dumps.options({ slow: 10_000, labels: () => ({ a: 'b' }) }))
    await get('/burn/1')
    await get('/fail')
    const { meta } = await dumps.one()
    expect(meta.request).toMatchObject({ status: 503 })
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

test('PROFVIEW_SLOW in production, and a process that ends while requests run', async () => {
  const dir = new Dumps().dir
  const ended = await runScript(
    `
    import http from 'node:http'
    import { profiler } from 'profview'
    const middleware = profiler({ dir: ${JSON.stringify(dir)} })
    const server = http.createServer((request, response) => middleware(request, response, () => {}))
    server.listen(0, '127.0.0.1', () => {
      const url = 'http://127.0.0.1:' + server.address().port
      fetch(url + '/old').catch(() => {})
      setTimeout(() => fetch(url + '/young').catch(() => {}), 250)
      setTimeout(() => process.exit(3), 300)
    })`,
    { env: { NODE_ENV: 'production', PROFVIEW_SLOW: '200' } },
  )
  expect(ended).toMatchObject({ code: 3, err: '' })
  expect(filesIn(dir)).toHaveLength(1)
})
