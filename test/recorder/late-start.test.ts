/**
 * A recording that begins where no callback does: behind an app's own promise, or the gate's. What
 * the request then waits for is no time of its own.
 */
import type { RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { ProfilerOptions } from '../../src/index.js'
import { signToken } from '../../src/token.js'
import { Dumps, profview, serve } from '../support/app.js'

const SECRET = 'a secret of more than 32 characters'
const WAIT_MS = 200

/** Leaves no promise behind that would go on before its wait is over. */
function appBehind(before: () => Promise<void> | null, options: ProfilerOptions): RequestListener {
  const middleware = profview.profiler(options)
  const begin: RequestListener = (request, response) => {
    middleware(request, response, () => setTimeout(() => response.end('served'), WAIT_MS))
  }
  return async (request, response) => {
    const waited = before()
    if (waited !== null) await waited
    begin(request, response)
  }
}

const trigger = (text: string) => ({ headers: { 'x-profile': text } })

test.each<[string, () => Promise<void> | null, ProfilerOptions]>([
  ['a promise that is settled', () => Promise.resolve(), {}],
  ['a timer that is awaited', () => sleep(2), {}],
  ['an asynchronous authorize', () => null, { authorize: async () => true }],
  ['an authorize that waits', () => null, { authorize: () => sleep(2, true) }],
  ['a token that is claimed', () => null, { secret: SECRET }],
])('behind %s', async (_, before, options) => {
  const dumps = new Dumps()
  const { get } = await serve(appBehind(before, dumps.options(options)))
  // The first one also pays for what is there once.
  for (let i = 0; i < 2; i++) {
    const token = signToken(SECRET, { method: 'GET', path: '/' }, Date.now() + 60_000)
    await get('/', trigger(options.secret === undefined ? '1' : token))
  }
  for (const { meta, names } of await dumps.take(2)) {
    const { cpu, gc, offcpu } = meta.ledger
    expect(names).toContain(`[await] timer ${WAIT_MS} ms`)
    expect(cpu + gc + offcpu).toBeLessThan(meta.durationMicros - (WAIT_MS * 1000) / 2)
  }
})
