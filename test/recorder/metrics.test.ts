/**
 * Metrics in a registry of prom-client: what they count, in both formats, and that they are
 * bounded.
 */
import { AggregatorRegistry, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import type { DumpMeta } from '../../src/index.js'
import { type MetricsRegistry, metricsIn } from '../../src/recorder/metrics.js'
import { Dumps, express5, profview, serve } from '../support/app.js'

const ID = 'a'.repeat(32)
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

function meta(route: string, more: object = {}): DumpMeta {
  const none = { cpu: 0, gc: 0, offcpu: 0, await: 0, blocked: 0, profiler: 0, unknown: 0 }
  return {
    ...{ id: ID, kept: 'slow', request: { method: 'GET', route, status: 200, aborted: false } },
    ...{ ledger: { ...none, cpu: 1_500_000, profiler: 250_000 }, labels: { trace_id: TRACE } },
    queued: {
      ...{ minMicros: 0, maxMicros: 2_000_000, othersKeptOut: 0 },
      by: [{ title: 'GET /report', name: 'add', file: '', line: 1, micros: 2_000_000 }],
    },
    stall: null,
    ...more,
  } as unknown as DumpMeta
}

test('what a dump says is added up by its route', async () => {
  const registry = new Registry()
  const metrics = metricsIn(registry)
  metrics.taken(meta('/a'))
  metrics.taken(meta('/a'))
  metrics.refused('production')
  const lines = (await registry.metrics()).split('\n').filter((line) => !line.startsWith('#'))
  expect(lines.filter((line) => line !== '')).toEqual([
    'profview_profiles_total{kept="slow"} 2',
    'profview_refusals_total{reason="production"} 1',
    'profview_ledger_seconds_total{route="GET /a",account="cpu"} 3',
    'profview_ledger_seconds_total{route="GET /a",account="profiler"} 0.5',
    'profview_queue_seconds_total{route="GET /a"} 4',
    'profview_loop_blame_seconds_total{route="GET /report"} 4',
    'profview_own_seconds_total 0.5',
  ])
})

test('OpenMetrics has exemplars that lead to the trace and the profile', async () => {
  const registry = openMetrics()
  metricsIn(registry).taken(meta('/a'))
  metricsIn(registry).taken(meta('/b', { labels: { trace_id: 'x"y' } }))
  const text = await registry.metrics()
  expect(text).toContain('# TYPE profview_ledger_seconds counter\n')
  expect(text).toMatch(
    new RegExp(
      `^profview_ledger_seconds_total{route="GET /a",account="cpu"} 1.5 ` +
        `# {trace_id="${TRACE}",profile_id="${ID}"} 1.5 \\d+\\.?\\d*$`,
      'm',
    ),
  )
  expect(text).toMatch(/route="GET \/b",account="cpu"\} 1.5 # \{profile_id="a+"\}/)
  expect(text.endsWith('# EOF\n')).toBe(true)
})

test('a cluster’s aggregator adds workers up', async () => {
  const workers = [new Registry(), new Registry()]
  for (const worker of workers) metricsIn(worker).taken(meta('/a'))
  const told = await Promise.all(workers.map((worker) => worker.getMetricsAsJSON()))
  const text = await AggregatorRegistry.aggregate(told).metrics()
  expect(text).toContain('profview_profiles_total{kept="slow"} 2')
})

test('routes without end become one', async () => {
  const registry = new Registry()
  for (let i = 0; i < 1000; i++) metricsIn(registry).taken(meta(`/users/${i}`))
  const text = await registry.metrics()
  // One of the 100 is who was to blame.
  expect(text.match(/^profview_queue_seconds_total/gm)).toHaveLength(100)
  expect(text).toContain('profview_queue_seconds_total{route="other"}')
})

test('a name that is taken is left to whoever has it', async () => {
  const registry = new Registry()
  const theirs = { name: 'profview_profiles_total', help: 'x', type: 'counter', get: () => theirs }
  registry.registerMetric(theirs as never)
  metricsIn(registry).taken(meta('/a'))
  expect(registry.getSingleMetric('profview_profiles_total')).toBe(theirs)
})

test('the middleware counts into the registry that it is given', async () => {
  const registry = new Registry()
  const dumps = new Dumps()
  const app = express5()
  app.use(profview.profiler({ ...dumps.options(), metrics: registry as MetricsRegistry }))
  app.get('/users/:id', (_request, response) => void response.send('x'))
  const { get } = await serve(app)
  await get('/users/7?profile=1')
  await dumps.one()
  await get('/users/7?profile=2')
  const text = await registry.metrics()
  expect(text).toContain('profview_profiles_total{kept="trigger"} 1')
  expect(text).toContain('route="GET /users/:id"')
  expect(text).toContain('profview_refusals_total{reason="value"} 1')
})

test('jobs count by their names, and what many are in by none', async () => {
  const registry = new Registry()
  const metrics = registry as MetricsRegistry
  const dumps = new Dumps()
  await profview.profile(() => {}, dumps.jobOptions({ name: 'import', metrics }))
  metricsIn(metrics).taken(meta('', { kind: 'process', request: null, kept: 'capture' }))
  const text = await registry.metrics()
  expect(text).toContain('profview_profiles_total{kept="call"} 1')
  expect(text).toContain('profview_profiles_total{kept="capture"} 1')
  expect(text.match(/(?<=^profview_ledger_seconds_total\{route=)"[^"]*"/gm)).toContain('"import"')
  expect(new Set(text.match(/(?<=route=)"[^"]*"/g))).toEqual(new Set(['"import"']))
})

test('stalls count by whose they were, and their times in a histogram, once they have ended', async () => {
  const stall = (title: string, durationMicros: number, ended = true) => {
    const by = [{ title, name: 'add', file: '', line: 1, micros: 1, functionMicros: 1 }]
    const facts = { ended, cause: 'callback', delayedCount: 0, delayed: [], by }
    return meta('', {
      ...{ kind: 'stall', kept: 'stall', request: null, queued: null },
      durationMicros,
      stall: facts,
    })
  }
  const [registry, other] = [new Registry(), new Registry()]
  metricsIn(registry).taken(stall('GET /report', 512_000))
  metricsIn(registry).taken(stall('background', 90_000_000, false))
  metricsIn(registry).taken(stall('background', 95_000_000))
  metricsIn(other).taken(stall('GET /report', 50_000))
  const told = await Promise.all([registry, other].map((each) => each.getMetricsAsJSON()))
  const text = await AggregatorRegistry.aggregate(told).metrics()
  expect(text.split('\n').filter((line) => line.startsWith('profview_stall'))).toEqual([
    'profview_stalls_total{route="GET /report",cause="callback"} 2',
    'profview_stalls_total{route="background",cause="callback"} 1',
    'profview_stall_seconds_bucket{le="0.05"} 1',
    'profview_stall_seconds_bucket{le="0.1"} 1',
    'profview_stall_seconds_bucket{le="0.25"} 1',
    'profview_stall_seconds_bucket{le="0.5"} 1',
    ...['1', '2.5', '5', '10', '30', '60'].map((le) => {
      return `profview_stall_seconds_bucket{le="${le}"} 2`
    }),
    'profview_stall_seconds_bucket{le="+Inf"} 3',
    'profview_stall_seconds_sum 95.562',
    'profview_stall_seconds_count 3',
  ])
  const open = openMetrics()
  metricsIn(open).taken(stall('GET /report', 512_000))
  expect(await open.metrics()).toMatch(
    /^profview_stall_seconds_bucket\{le="1"\} 1 # \{trace_id="4b.*",profile_id="a+"\} 0.512 /m,
  )
})

function openMetrics(): Registry {
  const registry = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never)
  return registry
}
