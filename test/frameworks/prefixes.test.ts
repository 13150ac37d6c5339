/** Routers below prefixes, of which the route is to have all; and requests of no connection. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryDir } from '../support/app.js'
import { dumpsIn } from '../support/dump-check.js'
import { type Mount, Running } from './running.js'

const KINDS: readonly (readonly [string, readonly Mount[]])[] = [
  ['express', ['app', 'register']],
  ['fastify', ['app', 'register']],
  ['koa-mount', ['app', 'register']],
  ['koa, prefixes of its router', ['app', 'register']],
  ['hono', ['app']],
]
const ALL = KINDS.flatMap(([kind, mounts]) => mounts.map((mount) => [kind, mount] as const))

test.each(ALL)('%s, by %s: the whole route', async (kind, mount) => {
  const env = { KIND: kind }
  const app = { name: kind, file: 'prefixed.mjs', env, flag: '--import' } as const
  const running = await Running.start(app, mount)
  onTestFinished(() => running.stop())
  const { answer, dump } = await running.profiled('/api/v1/users/7?full=1')
  expect(JSON.parse(answer.body)).toEqual({ id: 7, name: 'Ada' })
  expect(dump.meta.request).toMatchObject({ route: '/api/v1/users/:id', status: 200 })
})

test('what is injected is answered as ever; Fastify has its dumps, Hono none', async () => {
  const dir = temporaryDir()
  const args = ['--import', './apps/clocked.mjs', 'apps/injected.mjs']
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: import.meta.dirname,
    env: { ...process.env, PROFVIEW_DIR: dir },
  })
  const told: Record<string, { status: number; body: string; id: string | null }[]> =
    JSON.parse(stdout)
  const all = Object.values(told).flat()
  const user = { status: 200, body: '{"id":7,"name":"Ada"}' }
  expect(all.map(({ status, body }) => ({ status, body }))).toEqual(all.map(() => user))
  // Without a trigger, by `1`, and by `html`: no response that Node has made is there to replace.
  const seen = Object.entries(told).map(([name, each]) => [name, each.map(({ id }) => id !== null)])
  expect(Object.fromEntries(seen)).toEqual({
    five: [false, true, true],
    four: [false, true, true],
    hono: [false, false, false],
  })
  const ids = all.flatMap(({ id }) => id ?? [])
  const dumps = dumpsIn(dir)
  expect(dumps.map(({ meta }) => meta.id).sort()).toEqual(ids.sort())
  for (const { meta } of dumps) {
    expect(meta.request).toEqual({
      method: 'GET',
      route: '/users/:id',
      status: 200,
      aborted: false,
    })
  }
})
