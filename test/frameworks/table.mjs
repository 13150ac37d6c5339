/**
 * Which apps are asked for what: the table of `npm run test:frameworks`, and of
 * docs/frameworks.md. An app does the same whatever it is made with; where it cannot, `without`
 * says why.
 */
import { randomBytes } from 'node:crypto'

const [IMPORT, REQUIRE] = [{ flag: '--import' }, { flag: '--require' }]

/** Of which `profview/register` finds no routes. */
const UNROUTED = {
  ...IMPORT,
  registered: {
    PROFVIEW_ROUTES:
      '/hello,/users/:id,/shop/orders/:order/items,/echo,/fail,/lines,/events,/slow/:id,' +
      '/files/:name,/clocked/:name',
  },
  needs: {
    route: 'with `profview/register`: as `PROFVIEW_ROUTES` says',
    nested: 'with `profview/register`: as `PROFVIEW_ROUTES` says',
  },
}

export const FRAMEWORKS = [
  { name: 'Express 5', file: 'express.cjs', env: { PACKAGE: 'express' }, ...IMPORT },
  { name: 'Express 4', file: 'express.cjs', env: { PACKAGE: 'express4' }, ...REQUIRE },
  { name: 'Fastify 5', file: 'fastify.mjs', env: { PACKAGE: 'fastify' }, ...IMPORT },
  { name: 'Fastify 4', file: 'fastify.mjs', env: { PACKAGE: 'fastify4' }, ...REQUIRE },
  { name: 'Koa 3', file: 'koa.mjs', ...IMPORT },
  { name: 'Hono 4', file: 'hono.mjs', ...UNROUTED },
  { name: 'Nest 12, Express', file: 'nest.mjs', env: { ADAPTER: 'express' }, ...IMPORT },
  { name: 'Nest 12, Fastify', file: 'nest.mjs', env: { ADAPTER: 'fastify' }, ...REQUIRE },
  {
    name: 'Next 16',
    file: 'next.mjs',
    env: { NODE_ENV: 'production' },
    ...IMPORT,
    registered: { PROFVIEW_SECRET: randomBytes(32).toString('hex'), PROFVIEW_INTERVAL: '1' },
    mounts: ['register'],
    loadsLate: true,
    isBracketed: true,
    needs: { ok: 'this row: by `profview/register` alone, in production, with signed triggers' },
  },
]

export const SERVERS = [
  { name: 'http', file: 'bare.mjs', env: { SERVER: 'http' }, ...UNROUTED },
  { name: 'https', file: 'bare.mjs', env: { SERVER: 'https' }, protocol: 'https', ...UNROUTED },
  {
    name: 'http2, no TLS',
    file: 'bare.mjs',
    env: { SERVER: 'h2c' },
    protocol: 'h2c',
    ...UNROUTED,
    without: {
      report: 'the body of an HTTP/2 response is not replaced; it is profiled all the same',
      pipelined: 'HTTP/2 has streams instead',
    },
  },
  {
    name: 'http2, TLS',
    file: 'bare.mjs',
    env: { SERVER: 'h2' },
    protocol: 'h2',
    ...UNROUTED,
    without: {
      report: 'the body of an HTTP/2 response is not replaced; it is profiled all the same',
    },
  },
]

export const APPS = [...FRAMEWORKS, ...SERVERS]

/** By `profiler()` in its code, and by `profview/register` before it. */
export const MOUNTS = ['app', 'register']

/** What each is asked for, in the order of the columns. */
export const CELLS = [
  { name: 'ok', title: 'a request that waits and answers' },
  { name: 'route', title: 'the pattern of its route' },
  { name: 'nested', title: 'the whole pattern of a route in a router' },
  { name: 'post', title: 'a body that is read and sent back' },
  { name: '500', title: 'a handler that throws' },
  { name: '404', title: 'nothing there, and no route' },
  { name: 'stream', title: 'code that makes the body bit by bit' },
  { name: 'events', title: 'server-sent events' },
  { name: 'abort', title: 'a client that goes away' },
  { name: 'upload', title: 'a large body' },
  { name: 'pipelined', title: 'requests on one connection, also before the answer' },
  { name: 'four', title: 'four at once, to each its own' },
  { name: 'report', title: '`?profile=html`' },
  { name: 'untouched', title: 'not profiled: byte for byte as without' },
]

/** The document with the table as it is here, between two marks. */
export function inDocument(text) {
  const [begin, end] = ['<!-- frameworks -->\n', '<!-- /frameworks -->']
  const [before, rest] = text.split(begin)
  const [, after] = rest.split(end)
  return `${before}${begin}${tableText()}${end}${after}`
}

// --- internal ---

function tableText() {
  const notes = [...new Set(APPS.flatMap((app) => CELLS.flatMap((cell) => noteOf(app, cell))))]
  const textOf = (app, cell) => {
    const mark = app.without?.[cell.name] === undefined ? '✓' : '–'
    return [mark, ...noteOf(app, cell).map((note) => notes.indexOf(note) + 1)].join(' ')
  }
  const rows = [
    ['', ...CELLS.map(({ name }) => name)],
    ['---', ...CELLS.map(() => '---')],
    ...APPS.map((app) => [app.name, ...CELLS.map((cell) => textOf(app, cell))]),
  ]
  const lines = rows.map((row) => `| ${row.join(' | ')} |`)
  const columns = CELLS.map(({ name, title }) => `\`${name}\` ${title.replaceAll('`', '')}`)
  const told = notes.map((note, i) => `(${i + 1}) ${note}`)
  return `${[...lines, '', ...wrapped(`${columns.join('; ')}.`), ...told].join('\n')}\n`
}

function noteOf({ without = {}, needs = {} }, { name }) {
  return [without[name] ?? needs[name] ?? []].flat()
}

function wrapped(text) {
  return text.match(/.{1,118}(?: |$)/g).map((line) => line.trimEnd())
}
