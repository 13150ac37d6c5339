/**
 * How processes end: the same with and without us, and what has been sampled is on disk where an
 * exit handler runs.
 */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readProfileFile } from '../../src/store/profile-file.js'
import { Dumps, runNode, runScript } from '../support/app.js'
import { dumpsIn, filesIn } from '../support/dump-check.js'

/** An app with one request under way, which then ends itself as `END` says. */
function app(end: string, profiled: boolean): string {
  return `
    import http from 'node:http'
    import { profiler } from 'profview'
    const burn = (ms) => { const end = performance.now() + ms; while (performance.now() < end); }
    const use = ${profiled} ? profiler() : (request, response, next) => next()
    const server = http.createServer((request, response) => use(request, response, async () => {
      burn(20)
      await new Promise((resolve) => setTimeout(resolve, 20))
      burn(20)
      await end(response)
    }))
    async function end(response) { ${end} }
    server.listen(0, '127.0.0.1', () => {
      http.get({ port: server.address().port, path: '/?profile=1' }).on('error', () => {}).on('response', (answer) => answer.resume())
    })
  `
}

const CUT = { code: 'process-ended', text: 'the process ended before the response' }

describe.each<[string, string, (typeof CUT)[] | null]>([
  ['process.exit', `process.exit(7)`, [CUT]],
  [
    'process.exit after the response',
    `response.end('x'); response.on('finish', () => process.exit(7))`,
    [],
  ],
  [
    'process.exit a moment after the response',
    `response.end('x'); setTimeout(() => process.exit(7), 150)`,
    [],
  ],
  [
    'process.exitCode and a natural end',
    `process.exitCode = 5; response.end('x'); server.closeAllConnections(); server.close()`,
    [],
  ],
  ['an uncaught exception', `setImmediate(() => { throw new Error('of the app') })`, [CUT]],
  ['an unhandled rejection', `throw new Error('of the app')`, [CUT]],
  [
    'an exit handler of the app that exits',
    `process.on('exit', () => process.exit(9)); process.exit(7)`,
    [CUT],
  ],
  ['SIGTERM', `process.kill(process.pid, 'SIGTERM')`, null],
  ['SIGINT', `process.kill(process.pid, 'SIGINT')`, null],
  ['SIGKILL', `process.kill(process.pid, 'SIGKILL')`, null],
  ['abort', `process.abort()`, null],
  [
    'SIGTERM with a handler',
    `response.shouldKeepAlive = false; process.on('SIGTERM', () => { server.close(() => process.exit(0)); response.end('x') }); process.kill(process.pid, 'SIGTERM')`,
    [],
  ],
  [
    'SIGTERM with a handler that does not wait',
    `process.on('SIGTERM', () => process.exit(3)); process.kill(process.pid, 'SIGTERM')`,
    [CUT],
  ],
])('%s', (name, end, warnings) => {
  test('ends as without us', async () => {
    const { dir } = new Dumps()
    const [without, profiled] = await Promise.all([
      runScript(app(end, false)),
      runScript(app(end, true), { env: { PROFVIEW_DIR: dir } }),
    ])
    const { code, signal } = without
    expect({ code: profiled.code, signal: profiled.signal }).toEqual({ code, signal })
    const message = (text: string) =>
      text.split('\n').filter((line) => /Error|profview/i.test(line))
    expect(message(profiled.err)).toEqual(message(without.err))
    if (warnings === null) {
      expect(filesIn(dir)).toEqual([])
      return
    }
    const [dump, ...others] = dumpsIn(dir)
    expect(others, name).toEqual([])
    expect(dump?.meta.warnings.filter((warning) => warning.text === CUT.text)).toEqual(warnings)
    expect(dump?.meta.durationMicros).toBeGreaterThanOrEqual(59_000)
    expect(dump?.names).toContain('burn')
  })
})

test('many requests under way at the exit are all written', async () => {
  const { dir } = new Dumps()
  const ended = await runScript(
    `
    import http from 'node:http'
    import { profiler } from 'profview'
    const told = []
    const use = profiler({ onProfile: ({ file }) => told.push(file) })
    process.on('exit', () => setTimeout(() => {}, 0))
    let waiting = 0
    const server = http.createServer((request, response) => use(request, response, () => {
      if (++waiting < 30) return
      // Registered after ours, so it runs after it.
      process.on('exit', () => console.log(told.length))
      process.exit(0)
    }))
    server.listen(0, '127.0.0.1', () => {
      for (let i = 0; i < 30; i++) http.get({ port: server.address().port, path: '/?profile=1' }).on('error', () => {})
    })
    `,
    { env: { PROFVIEW_DIR: dir } },
  )
  expect(ended).toEqual({ code: 0, signal: null, out: '30\n', err: '' })
  expect(dumpsIn(dir)).toHaveLength(30)
})

describe('a stall right before the end is written', () => {
  test.each([
    ['process.exit', `process.exit(7)`],
    ['process.exit in the same turn', `process.nextTick(() => process.exit(7))`],
    ['an uncaught exception', `throw new Error('of the app')`],
    [
      'SIGTERM meanwhile',
      `process.on('SIGTERM', () => process.exit(3)); process.kill(process.pid, 'SIGTERM')`,
    ],
  ])('%s', async (_, end) => {
    const { dir } = new Dumps()
    const ended = await runScript(
      `
      import http from 'node:http'
      import { profiler } from 'profview'
      function burn(ms) { const end = performance.now() + ms; while (performance.now() < end); }
      const use = profiler()
      const server = http.createServer((request, response) => use(request, response, () => {
        burn(300)
        ${end}
      }))
      server.listen(0, '127.0.0.1', () => {
        http.get({ port: server.address().port, path: '/' }).on('error', () => {})
      })
      `,
      { env: { PROFVIEW_DIR: dir, PROFVIEW_STALL: '200' } },
    )
    expect(ended.code).not.toBe(0)
    const dumps = filesIn(dir).map((name) => readProfileFile(join(dir, name)).sources[0]!)
    const stalls = dumps.filter(({ stall }) => stall?.by?.[0]?.name === 'burn')
    expect(stalls).toHaveLength(1)
    const { stall, durationMicros } = stalls[0]!
    expect({ ended: stall?.ended, title: stall?.by?.[0]?.title }).toEqual({
      ended: true,
      title: 'GET',
    })
    expect(durationMicros).toBeGreaterThan(295_000)
  })
})

const CLUSTER = new URL('../support/cluster-app.mjs', import.meta.url).pathname

const ENDED = { code: 0, signal: null }

describe('a cluster', () => {
  test('of two workers with 200 requests in flight writes 200 dumps', async () => {
    const { dir } = new Dumps()
    const ended = await runNode([CLUSTER, 'flight'], { PROFVIEW_DIR: dir })
    expect(ended).toMatchObject({ code: 0, err: '' })
    const { served, workers, exits } = JSON.parse(ended.out)
    expect({ served, exits }).toEqual({ served: 200, exits: [ENDED, ENDED] })
    const dumps = dumpsIn(dir)
    expect(dumps).toHaveLength(200)
    expect(new Set(dumps.map(({ meta }) => meta.id)).size).toBe(200)
    const identities = dumps.map(({ meta }) => `${meta.process.workerId} ${meta.process.pid}`)
    expect([...new Set(identities)].sort()).toEqual(workers)
    for (const { meta } of dumps) expect(meta.request?.route).toBe('/jobs/:id')
  })

  test.each(['disconnect', 'SIGTERM'])(
    'whose worker ends by %s writes what it has',
    async (way) => {
      const { dir } = new Dumps()
      const ended = await runNode([CLUSTER, way], { PROFVIEW_DIR: dir })
      expect(ended).toMatchObject({ code: 0, err: '' })
      expect(JSON.parse(ended.out)).toMatchObject({ served: 1, exits: [ENDED] })
      expect(dumpsIn(dir)).toHaveLength(1)
    },
  )
})
