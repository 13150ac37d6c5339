/** Triggers that may not be honoured are answered as if there were no profiler. */
import fs from 'node:fs'
import fsPromises from 'node:fs/promises'
import { Agent, request as ask } from 'node:http'
import { createRequire } from 'node:module'
import { expect, test, vi } from 'vitest'
import { Dumps, profview, serve } from '../support/app.js'
import { filesIn } from '../support/dump-check.js'

const COUNT = 10_000

/** The same each time. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const VALUES = [
  '1',
  'true',
  '',
  'html',
  '0',
  '2',
  '1,1',
  'v1.1.a.b',
  '%31',
  '%00',
  'x'.repeat(3000),
]
const HEADERS: readonly (readonly [string, string])[] = [
  ['x-forwarded-for', '127.0.0.1'],
  ['x-real-ip', '::1'],
  ['forwarded', 'for=127.0.0.1'],
  ['via', '1.1 a'],
  ['cf-connecting-ip', '127.0.0.1'],
  ['host', 'shop.example'],
  ['host', '127.0.0.1.shop.example'],
  ['origin', 'https://shop.example'],
  ['origin', 'null'],
  ['sec-fetch-site', 'cross-site'],
]
const NAMES = [
  'profile',
  'profile[]',
  'profile[__proto__]',
  '%70rofile',
  'profile%5B%5D',
  'PROFILE',
]

test('no status but the app’s own, no profile, no call of the file system or the native part', async () => {
  const dumps = new Dumps()
  const middleware = profview.profiler(dumps.options({ arm: 'trigger' }))
  const { port } = await serve((request, response) => {
    middleware(request, response, () => response.end('ok'))
  })
  const next = random(12)
  const one = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)]!
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const answers = new Map<string, number>()
  const send = () =>
    new Promise<void>((resolve, reject) => {
      const [name, value] = one(HEADERS)
      const query = [0, 1, 2].map(() => `${one(NAMES)}=${one(VALUES)}`).join('&')
      const headers = { 'x-profile': one(VALUES).replace('%00', 'a'), [name]: value }
      const options = { host: '127.0.0.1', port, path: `/?${query}`, headers, agent }
      ask(options, (answer) => {
        const isMarked = 'x-profile-id' in answer.headers || 'server-timing' in answer.headers
        const what = `${answer.statusCode} ${isMarked}`
        answers.set(what, (answers.get(what) ?? 0) + 1)
        answer.resume().on('end', resolve)
      })
        .on('error', reject)
        .end()
    })
  await send()
  const touched: string[] = []
  for (const module of [fs, fsPromises] as unknown as Record<string, () => unknown>[]) {
    for (const [name, method] of Object.entries(module)) {
      if (typeof method !== 'function' || /^[A-Z_]/.test(name)) continue
      vi.spyOn(module, name).mockImplementation(function (this: unknown, ...args: never[]) {
        // Those of the runner itself, which writes its report meanwhile.
        if (new Error('here').stack!.includes('/dist/bundle/')) touched.push(name)
        return Reflect.apply(method, this, args)
      })
    }
  }
  const native = Object.keys(createRequire(import.meta.url).cache).filter((file) =>
    /pprof/.test(file),
  )
  try {
    const senders = Array.from({ length: 8 }, async () => {
      for (let i = 0; i < COUNT / 8; i++) await send()
    })
    await Promise.all(senders)
  } finally {
    vi.restoreAllMocks()
    agent.destroy()
  }
  expect(Object.fromEntries(answers)).toEqual({ '200 false': COUNT + 1 })
  expect(touched).toEqual([])
  expect(native).toEqual([])
  expect(middleware.counts).toMatchObject({ profiled: 0, skipped: 0 })
  expect(middleware.counts.refused).toBeGreaterThan(COUNT / 4)
  expect(filesIn(dumps.dir)).toEqual([])
}, 60_000)
