/** Dumps like those of a small shop's API, for tests of what shows them. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeProfile } from '../../src/formats/registry.js'
import { ProfileBuilder, ROOT_STACK } from '../../src/profile/builder.js'
import { frameKind } from '../../src/profile/frames.js'
import { emptyLedger } from '../../src/profile/ledger.js'
import type { DumpMeta, Frame, Ledger, Profile } from '../../src/profile/profile.js'
import { BARE_META } from './bare-meta.js'

/** A directory for a test's files, and the function that removes it. */
export function temporaryDirectory(): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'profview-test-'))
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

/**
 * Writes `count` dumps of a busy minute, four workers, always the same ones. Returns their names.
 */
export function writeBusyMinute(dir: string, count: number): string[] {
  const random = seeded(7)
  const names: string[] = []
  for (let i = 0; i < count; i++) {
    const shape = SHAPES[Math.floor(random() * SHAPES.length)]!
    const at = Date.UTC(2026, 10, 20, 14, 9, 0) + Math.floor((i + random()) * (60_000 / count))
    const worker = 1 + Math.floor(random() * 4)
    names.push(writeDump(dir, shape, { at, worker, sequence: i, random }))
  }
  return names
}

/** One dump of `GET /users/:id` that waited, was blocked and computed: 184.0 ms in all. */
export function writeOneDump(dir: string, changes: Partial<DumpMeta> = {}): string {
  const at = Date.UTC(2026, 10, 20, 14, 9, 31, 220)
  return writeDump(dir, SHAPES[0]!, { at, worker: 2, sequence: 9_999, random: () => 0.5 }, changes)
}

// --- internal ---

interface Shape {
  readonly method: string
  readonly route: string
  readonly status: number
  /** Folded stacks and milliseconds, in time order. */
  readonly lines: string
}

interface Occasion {
  readonly at: number
  readonly worker: number
  readonly sequence: number
  readonly random: () => number
}

const FILES: Readonly<Record<string, string>> = {
  h: 'node:_http_server:1021:12 parserOnIncoming',
  e: 'node:events:508:44 emit',
  x: '/srv/shop/node_modules/express/lib/application.js:152:34 handle',
  n: '/srv/shop/node_modules/router/index.js:157:18 next',
  r: '/srv/shop/node_modules/router/lib/layer.js:130:20 handleRequest',
  c: '/srv/shop/node_modules/compression/index.js:59:30 compression',
  s: '/srv/shop/src/middleware/session.ts:18:24 session',
  rg: '/srv/shop/src/middleware/session.ts:41:21 readGrant',
  u: '/srv/shop/src/routes/users.ts:42:31 getUser',
  lu: '/srv/shop/src/users/load-user.ts:65:30 loadUser',
  q: '/srv/shop/src/db/pool.ts:31:15 query',
  pq: '/srv/shop/node_modules/pg/lib/client.js:526:8 query',
  pr: '/srv/shop/node_modules/pg/lib/result.js:88:11 parseRow',
  tp: '/srv/shop/node_modules/pg-types/lib/textParsers.js:12:20 parseDate',
  ru: '/srv/shop/src/views/user.ts:12:27 renderUser',
  ts: '/srv/shop/src/views/user.ts:30:10 toSummary',
  j: 'native:0:0 JSON.stringify',
  hb: '/srv/shop/node_modules/handlebars/dist/cjs/handlebars/runtime.js:187:14 ret',
  re: '/srv/shop/src/routes/report.ts:88:20 renderPdf',
  la: '/srv/shop/src/report/layout.ts:140:10 layoutTable',
  me: '/srv/shop/src/report/measure.ts:22:10 measureText',
  o: '/srv/shop/src/routes/orders.ts:21:33 createOrder',
  v: '/srv/shop/src/orders/validate.ts:9:17 validate',
  ph: '/srv/shop/src/orders/sign.ts:15:20 signOrder',
  pb: 'node:internal/crypto/pbkdf2:43:18 pbkdf2Sync',
  bl: '[blocked]',
  gc: '(garbage collector)',
  pv: '[profiler]',
  un: '[unknown]',
}

const SHAPES: readonly Shape[] = [
  {
    method: 'GET',
    route: '/users/:id',
    status: 200,
    lines: `
      h;e 0.4
      h;e;x;n;r;c 1.2
      h;e;x;n;r;s;rg 2.6
      h;e;x;n;r;s;rg;[await] TCP 127.0.0.1:6379 9.3
      h;e;x;n;r;u;lu;q;pq 3.1
      h;e;x;n;r;u;lu;q;[await] TCP 127.0.0.1:5432 41.7
      h;e;x;n;r;u;lu;q;bl;GET /report;re;la;me 52.4
      h;e;x;n;r;u;lu;q;bl;GET /report;re;la 9.9
      h;e;x;n;r;u;lu;q;bl;gc 3.2
      h;e;x;n;r;u;lu;q;pq;pr;tp 8.8
      h;e;x;n;r;u;lu;q;pq;pr 4.5
      gc 6.1
      h;e;x;n;r;u;ru;ts 11.4
      h;e;x;n;r;u;ru;hb 7.9
      h;e;x;n;r;u;ru;j 16.2
      pv 1.1
      h;e;x;n;r;u;[await] response written 2.8
      un 1.4`,
  },
  {
    method: 'GET',
    route: '/report',
    status: 200,
    lines: `
      h;e;x;n;r;re;q;[await] TCP 127.0.0.1:5432 24
      h;e;x;n;r;re;la;me 196
      gc 18
      h;e;x;n;r;re;la 64
      h;e;x;n;r;re;j 7
      un 0.8`,
  },
  {
    method: 'POST',
    route: '/orders',
    status: 201,
    lines: `
      h;e;x;n;r;o;v 2.2
      h;e;x;n;r;o;ph;pb 31
      h;e;x;n;r;o;q;[await] TCP 127.0.0.1:5432 18.4
      h;e;x;n;r;o;q;bl;GET /report;re;la;me 12
      h;e;x;n;r;o;[await] timer 20 ms 20.3
      un 0.3`,
  },
  {
    method: 'GET',
    route: '/search',
    status: 200,
    lines: `
      h;e;x;n;r;s;[await] fetch http://search:9200 88
      h;e;x;n;r;s;hb 4.1
      gc 1.2`,
  },
  {
    method: 'GET',
    route: '/health',
    status: 503,
    lines: `
      h;e;x;n;r 0.7
      h;e;x;n;r;[await] TCP 127.0.0.1:5432 5`,
  },
]

function writeDump(
  dir: string,
  shape: Shape,
  occasion: Occasion,
  changes: Partial<DumpMeta> = {},
): string {
  const { at, worker, sequence } = occasion
  const bare = profileOfShape(shape, occasion)
  const meta: DumpMeta = { ...metaOf(shape, occasion, bare), ...changes }
  const profile = { ...bare, sources: [meta] }
  const stamp = new Date(at).toISOString().replaceAll(/[-:]/g, '').replace('.', '')
  const name = `${stamp}-${4000 + worker}-0-${sequence}-${meta.id.slice(-8)}.cpuprofile`
  writeFileSync(join(dir, name), encodeProfile(profile, 'cpuprofile'))
  return name
}

function profileOfShape({ method, route, lines }: Shape, { random }: Occasion): Profile {
  const builder = new ProfileBuilder()
  for (const line of lines.trim().split('\n')) {
    const [, names, millis] = /^\s*(.+) ([\d.]+)$/.exec(line)!
    let stack = ROOT_STACK
    for (const name of names!.split(';')) stack = builder.stack(stack, builder.frame(frameOf(name)))
    builder.sample(stack, Math.round(Number(millis) * 1_000 * (0.4 + random() * 1.2)))
  }
  return builder.build({ name: `${method} ${route}`, timeline: true, startMicros: 5_000_000 })
}

function frameOf(short: string): Frame {
  const known = FILES[short] ?? short
  const match = /^(\S+):(\d+):(\d+) (\S+)$/.exec(known)
  if (!match) return { name: known, file: '', line: 0, column: 0 }
  const file = match[1] === 'native' ? '' : match[1]!
  return { name: match[4]!, file, line: Number(match[2]), column: Number(match[3]) }
}

function metaOf(shape: Shape, { at, worker, sequence }: Occasion, profile: Profile): DumpMeta {
  const ledger = ledgerOf(profile)
  const durationMicros = Object.values(ledger).reduce((sum, micros) => sum + micros, 0)
  return {
    ...BARE_META,
    id: `20261120-${sequence.toString(16).padStart(8, '0')}`,
    startedAt: new Date(at).toISOString(),
    durationMicros,
    request: { method: shape.method, route: shape.route, status: shape.status, aborted: false },
    process: { ...BARE_META.process, pid: 4000 + worker, workerId: worker },
    samples: Math.round(ledger.cpu / 1_000),
    ledger,
  }
}

function ledgerOf({ frames, stacks, samples }: Profile): Ledger {
  const ledger = emptyLedger()
  for (let i = 0; i < samples.stack.length; i++) {
    let account: keyof Ledger = 'cpu'
    for (let at = samples.stack[i]!; at > 0; at = stacks.parent[at]!) {
      const kind = frameKind(frames[stacks.frame[at]!]!)
      if (kind in ledger) account = kind as keyof Ledger
    }
    ledger[account] += samples.weight[i]!
  }
  return ledger
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}
