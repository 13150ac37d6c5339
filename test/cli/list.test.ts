/** `list`: which dumps, in which order, and how it fits a terminal. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { main } from '../../src/cli/main.js'
import { emptyLedger } from '../../src/profile/ledger.js'
import { openStore } from '../../src/store/dump-store.js'
import { profview } from '../support/cli.js'
import { dumpOf } from '../support/meta.js'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-list-'))
  const limits = { files: Infinity, bytes: Infinity, ageMs: Infinity }
  const store = openStore({ dir: join(cwd, 'profiles'), limits })
  const routes = ['/users/:id', '/customers/:customer/invoices/:invoice', '/users/:id']
  routes.forEach((route, i) => {
    const cpu = [20, 80, 50][i]! * 1000
    const request = { method: 'GET', route, status: 200 + i, aborted: false }
    store.write(
      dumpOf('f 100000', {
        id: ['aaaaaaaa11', 'bbbbbbbb22', 'aaaaaaaa33'][i]!,
        startedAt: `2026-11-20T14:01:0${i}.000Z`,
        request,
        durationMicros: 100_000,
        ledger: { ...emptyLedger(), cpu, blocked: 100_000 - cpu },
        blockedUpToMicros: 100_000 - cpu,
        queued: { minMicros: 0, maxMicros: [300, 0, 0][i]! * 1000, othersKeptOut: 0, by: [] },
      }),
    )
  })
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

/** What a terminal of so many columns shows. */
async function onTerminal(columns: number, ...args: string[]): Promise<string[]> {
  let text = ''
  const write = (more: string) => {
    text += more
    return true
  }
  const stream = { isTTY: true, columns, on: () => {}, write } as unknown as NodeJS.WriteStream
  const io = { stdout: stream, stderr: stream, env: { NO_COLOR: '1', LANG: 'C.UTF-8' }, cwd }
  expect(await main(['list', join(cwd, 'profiles'), ...args], io)).toBe(0)
  return text.trimEnd().split('\n')
}

const ids = (...args: string[]) => {
  const { out } = profview(['list', ...args], { cwd })
  return out
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split(' ')[0])
}

test('a file is no directory of dumps', () => {
  const { code, out, err } = profview(['list', 'package.json'], { cwd: process.cwd() })
  const reason = 'package.json: a file, no directory of dumps: profview show package.json'
  expect({ code, out, err }).toEqual({ code: 1, out: '', err: `profview: ${reason}\n` })
})

test('newest first, each by as much of its id as no other begins with', () => {
  expect(ids()).toEqual(['aaaaaaaa3', 'bbbbbbbb2', 'aaaaaaaa1'])
  // Also where the other one is not shown.
  expect(ids('--limit', '1')).toEqual(['aaaaaaaa3'])
})

test.each([
  ['duration', 'aba'],
  ['cpu', 'baa'],
  ['blocked', 'aab'],
  ['queued', 'aab'],
  ['status', 'aba'],
  ['route', 'baa'],
])('by %s', (key, order) => {
  const sorted = ids('--sort', key)
  expect(sorted.map((id) => id![0]).join('')).toBe(order)
})

test('by what was queued, and by time', () => {
  expect(ids('--sort', 'queued')[0]).toBe('aaaaaaaa1')
  expect(ids('--sort', 'time')).toEqual(ids())
})

test('of one route', () => {
  expect(ids('--route', 'GET /users/:id')).toEqual(['aaaaaaaa3', 'aaaaaaaa1'])
  const json = profview(['list', '--json', '--route', 'GET /users/:id', '--limit', '1'], { cwd })
  expect(JSON.parse(json.out)).toMatchObject([{ id: 'aaaaaaaa33' }])
  expect(profview(['list', '--route', 'GET /x'], { cwd })).toEqual({
    code: 0,
    out: '',
    err: 'profview: no dumps of GET /x in profiles; there are: GET /customers/:customer/invoices/:invoice, GET /users/:id\n',
  })
})

test('one line each at 80 columns: id, time, route, status, duration, accounts', async () => {
  expect(await onTerminal(80)).toEqual([
    'id         UTC       request                  status   queued  duration  blocked',
    'aaaaaaaa3  14:01:02  GET /users/:id              202             100 ms     ≤50%',
    'bbbbbbbb2  14:01:01  GET /custom…es/:invoice     201             100 ms     ≤20%',
    'aaaaaaaa1  14:01:00  GET /users/:id              200  ≤300 ms    100 ms     ≤80%',
  ])
})

test.each([200, 120, 100, 80, 60, 40, 30])('one line each at %d columns', async (columns) => {
  const lines = await onTerminal(columns)
  expect(lines).toHaveLength(4)
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
  expect(lines[1]).toMatch(/^aaaaaaaa3 .*GET.*100 ms/)
})

test('dumps of several days have theirs', async () => {
  const store = openStore({
    dir: join(cwd, 'profiles'),
    limits: { files: Infinity, bytes: Infinity, ageMs: Infinity },
  })
  store.write(dumpOf('f 1000', { id: 'cccccccc44', startedAt: '2026-11-21T09:00:00.000Z' }))
  const lines = await onTerminal(80)
  expect(lines.slice(1, 3).map((line) => line.slice(11, 22))).toEqual([
    '11-21 09:00',
    '11-20 14:01',
  ])
})
