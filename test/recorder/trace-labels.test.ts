/** By what a request's dump is found from its trace and its log, and the other way round. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readTraceparent } from '../../src/recorder/trace-labels.js'
import { Dumps, profview, runNode, serve, temporaryDir } from '../support/app.js'
import { dumpsIn } from '../support/dump-check.js'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const TRIGGER = { 'x-profile': '1' }

test.each([
  `00-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-ff`,
  `cc-${TRACE}-${SPAN}-01`,
  `cc-${TRACE}-${SPAN}-01-what-comes-later`,
])('%s', (text) => {
  expect(readTraceparent(text)).toEqual({ trace_id: TRACE, span_id: SPAN })
})

test.each([
  '',
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE}-${SPAN}-01-more`,
  `cc-${TRACE}-${SPAN}-01more`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE.slice(1)}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}0-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
  ` 00-${TRACE}-${SPAN}-01`,
])('%j is none', (text) => {
  expect(readTraceparent(text)).toBeNull()
})

async function labelsFor(headers: Record<string, string>, options = {}) {
  const dumps = new Dumps()
  const middleware = profview.profiler(dumps.options(options))
  const { get } = await serve((request, response) =>
    middleware(request, response, () => response.end()),
  )
  await get('/', { headers: { ...TRIGGER, ...headers } })
  return (await dumps.one()).meta.labels
}

test('a request says which it is', async () => {
  const headers = { traceparent: `00-${TRACE}-${SPAN}-01`, 'x-request-id': 'f058ebd6-02f7' }
  expect(await labelsFor(headers)).toEqual({
    trace_id: TRACE,
    span_id: SPAN,
    request_id: 'f058ebd6-02f7',
  })
})

test('the app knows better', async () => {
  const labels = () => ({ request_id: 'its own', region: 'eu' })
  const headers = { traceparent: `00-${TRACE}-${SPAN}-01`, 'x-request-id': 'a1' }
  expect(await labelsFor(headers, { labels })).toEqual({
    trace_id: TRACE,
    span_id: SPAN,
    request_id: 'its own',
    region: 'eu',
  })
})

test.each(['a1 b', 'secret', 'a\t1', '<b1>', 'ö1', `a1'; --`, '1'.repeat(129), 'a1, b1'])(
  '%j is no id',
  async (id) => {
    expect(await labelsFor({ 'x-request-id': id, traceparent: id })).toEqual({})
  },
)

const APP = fileURLToPath(new URL('../support/traced-app.cjs', import.meta.url))

/** `SERVER` of OpenTelemetry. */
const OF_SERVER = 1

test.each([
  'profview first',
  'OpenTelemetry first',
  'register first',
  'OpenTelemetry, then register',
])('OpenTelemetry: %s', async (order) => {
  const dir = temporaryDir()
  const { code, out, err } = await runNode([APP, order, dir])
  expect([code, err]).toEqual([
    0,
    expect.stringMatching(/^(profview: .*for development only.*\n)?$/),
  ])
  const { spans, ids } = JSON.parse(out) as { spans: Span[]; ids: (string | null)[] }
  const linked = spans.filter(({ profile }) => profile !== undefined)
  // The server’s own, not those of middleware and app inside it.
  expect(linked.map(({ kind }) => kind)).toEqual([OF_SERVER, OF_SERVER])
  expect(new Set(linked.map(({ profile }) => profile))).toEqual(new Set(ids.slice(0, 2)))
  const dumps = dumpsIn(dir).map(({ meta: { id, labels, request } }) => ({ id, labels, request }))
  expect(dumps).toHaveLength(2)
  for (const { id, labels, request } of dumps) {
    const { spanId, traceId } = linked.find(({ profile }) => profile === id)!
    expect(labels).toEqual({ trace_id: traceId, span_id: spanId })
    expect(request!.route).toBe('/users/:id')
  }
})

interface Span {
  readonly kind: number
  readonly spanId: string
  readonly traceId: string
  readonly profile?: string
}
