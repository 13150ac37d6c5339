/** The JSON schema that comes with the package, held against dumps of every kind. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT, runScript } from '../support/app.js'
import { profview } from '../support/cli.js'

interface Validator {
  (value: unknown): boolean
  errors?: unknown
}
type Fields = Record<string, unknown>

const load = createRequire(import.meta.url)
const { default: Ajv } = load('ajv/dist/2020')
const schema = load('profview/schema.json')
const valid: Validator = new Ajv({ allErrors: true, strictTypes: false }).compile(schema)

/** Asks for a request that holds the loop, and has a job. */
const APP = `
import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { profile, profiler } from 'profview'

const busy = (ms) => { for (const end = Date.now() + ms; Date.now() < end; ) {} }
const middleware = profiler({ stall: 100, labels: () => ({ tenant: 'é' }) })
const server = createServer((req, res) => middleware(req, res, async () => {
  await wait(10)
  busy(250)
  res.end()
}))
server.listen(0, '127.0.0.1', async () => {
  await profile(() => wait(20), { name: 'import-users', dir: process.env.PROFVIEW_DIR })
  const url = 'http://127.0.0.1:' + server.address().port
  for (const _ of [1, 2]) await (await fetch(url, { headers: { 'x-profile': '1' } })).text()
  await wait(1500)
  server.close()
  server.closeAllConnections()
})
`
let cwd: string
let dumps: Fields[]
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-schema-'))
  const env = { PROFVIEW_DIR: join(cwd, 'profiles') }
  expect((await runScript(APP, { env })).code).toBe(0)
  const job = 'await new Promise((resolve) => setTimeout(resolve, 300))'
  const whole = `import { profiler } from 'profview'; profiler(); ${job}`
  expect((await runScript(whole, { env: { ...env, PROFVIEW: 'process' } })).code).toBe(0)
  dumps = readdirSync(env.PROFVIEW_DIR)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => keyOf(join(env.PROFVIEW_DIR, name)))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

function keyOf(file: string): Fields {
  return JSON.parse(readFileSync(file, 'utf8')).$profview
}

/** What is wrong with it. */
function errorsOf(value: unknown): unknown {
  return valid(value) ? [] : valid.errors
}

test('a dump of every kind is as it says', () => {
  const kinds = new Set(dumps.map(({ kind }) => kind))
  expect([...kinds].sort()).toEqual(['function', 'process', 'request', 'stall'])
  for (const dump of dumps) expect(errorsOf(dump)).toEqual([])
})

test('and so are lists, merges, and dumps of version 1', () => {
  const listed = JSON.parse(profview(['list', '--json'], { cwd }).out) as Fields[]
  expect(listed.length).toBe(dumps.length)
  for (const entry of listed) expect(errorsOf(entry)).toEqual([])
  profview(['merge', 'profiles', '-o', 'all.cpuprofile'], { cwd })
  const fixture = (name: string) => join(ROOT, 'fixtures/profiles/cpuprofile', name)
  const others = [
    join(cwd, 'all.cpuprofile'),
    ...['blocked-v1', 'dump-v1', 'merged-v1'].map((name) => fixture(`${name}.cpuprofile`)),
  ].map(keyOf)
  expect(others.map(({ kind, version }) => [kind, version])).toEqual([
    ...[
      ['profile', 2],
      ['request', 1],
      ['request', 1],
      ['profile', 1],
    ],
  ])
  for (const other of others) expect(errorsOf(other)).toEqual([])
})

test('it names all that a dump has', () => {
  const named = Object.keys(schema.$defs.recording.properties)
  for (const dump of dumps) expect(named).toEqual(expect.arrayContaining(Object.keys(dump)))
  expect(named.sort()).toEqual(
    [
      ...['version', 'writer', 'id', 'kind', 'startedAt', 'durationMicros', 'name', 'request'],
      ...['process', 'kept', 'attribution', 'awaits', 'intervalMicros', 'samples', 'dropped'],
      ...['armedSinceMicros', 'ledger', 'blockedUpToMicros', 'machine', 'queued', 'stall'],
      ...['waits', 'labels', 'warnings', 'files', 'sampleLabels', 'sha256'],
    ].sort(),
  )
})

describe('it refuses', () => {
  test.each<[string, Fields]>([
    ['another version', { version: 3 }],
    ['a kind that is not one', { kind: 'heap' }],
    ['a time that is none', { durationMicros: -1 }],
    ['a moment that is none', { startedAt: 'today' }],
    ['a text that is none', { id: 7 }],
    ['another account', { ledger: { ...accounts(), idle: 1 } }],
    ['an account too few', { ledger: { ...accounts(), gc: undefined } }],
    ['half a request', { request: { method: 'GET' } }],
    ['a cause that is not one', { stall: { ...held(), cause: 'magic' } }],
    ['a warning without a code', { warnings: ['late'] }],
    ['a wait that was not', { waits: [{ node: 1, count: 0, totalMicros: 0, longestMicros: 0 }] }],
  ])('%s', (_what, facts) => {
    const dump = JSON.parse(JSON.stringify({ ...dumps[0], ...facts }))
    expect(valid(dump)).toBe(false)
  })

  test('what is no such object', () => {
    for (const value of [null, [], 'x', {}, { kind: 'profile' }]) expect(valid(value)).toBe(false)
  })
})

test('keys that nobody knows are let through', () => {
  expect(errorsOf({ ...dumps[0], later: { any: 1 } })).toEqual([])
})

// --- internal ---

function accounts(): Fields {
  return { cpu: 0, gc: 0, offcpu: 0, await: 0, blocked: 0, profiler: 0, unknown: 0 }
}

function held(): Fields {
  return { ended: true, cause: 'callback', delayedCount: 0, delayed: [] }
}
