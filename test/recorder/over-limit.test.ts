/** A recording is ended by a timer, which a blocked loop does not call: then its dump says so. */
import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import type { ProfilerOptions } from '../../src/index.js'
import { Dumps, profview, runScript, serve } from '../support/app.js'
import { type Dump, dumpsIn } from '../support/dump-check.js'

const LIMIT_MS = 50
const limits = { durationMs: LIMIT_MS }

function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

async function dumpOf(
  answer: (response: ServerResponse) => void,
  options: ProfilerOptions,
): Promise<Dump> {
  const dumps = new Dumps()
  const middleware = profview.profiler({ ...dumps.options(), authorize: () => true, ...options })
  const { get } = await serve((request, response) => {
    middleware(request, response, () => answer(response))
  })
  await get('/', { headers: { 'x-profile': '1' } })
  return dumps.one()
}

/** What a dump says of its length is what it is longer by, and it says so if it is much. */
function expectHonesty({ meta }: Dump): void {
  const said = meta.warnings.filter(({ code }) => code === 'over-limit')
  const overMs = Math.round(meta.durationMicros / 1000 - LIMIT_MS)
  if (Math.abs(overMs - 100) <= 1) return
  if (overMs < 100) return expect(said).toEqual([])
  expect(said).toHaveLength(1)
  const [, ms] = /^(\d+) ms longer than .*\(50 ms\): the loop was blocked/.exec(said[0]!.text)!
  expect(Math.abs(Number(ms) - overMs)).toBeLessThanOrEqual(1)
}

function codesOf({ meta }: Dump): string[] {
  return meta.warnings.map(({ code }) => code)
}

test('a response that ends before the timer can is whole, and longer', async () => {
  const dump = await dumpOf(
    (response) => {
      block(300)
      response.end('x')
    },
    { limits },
  )
  expect(dump.meta.durationMicros).toBeGreaterThan(250_000)
  expect(codesOf(dump)).toContain('over-limit')
  expectHonesty(dump)
})

test('one that ends later is cut off, later than it should be', async () => {
  const dump = await dumpOf(
    (response) => {
      setTimeout(() => block(300), 1)
      setTimeout(() => response.end('x'), 700)
    },
    { limits },
  )
  expect(codesOf(dump)).toContain('cut-off')
  expect(codesOf(dump)).toContain('over-limit')
  expectHonesty(dump)
})

test('one that is cut off in time says no more than that', async () => {
  const dump = await dumpOf((response) => void setTimeout(() => response.end('x'), 300), { limits })
  expect(codesOf(dump)).toContain('cut-off')
  expectHonesty(dump)
})

test('what is kept after its end has no timer that could be late', async () => {
  const dump = await dumpOf((response) => void setTimeout(() => response.end('x'), 300), {
    limits,
    slow: 1,
    authorize: () => false,
  })
  expect(dump.meta.kept).toBe('slow')
  expect(codesOf(dump)).not.toContain('over-limit')
})

test('a part of a process that could not be ended says so, also at the end of the process', async () => {
  const { dir } = new Dumps()
  const script = `
    import { profiler } from 'profview'
    profiler({ mode: 'process', dir: ${JSON.stringify(dir)}, limits: ${JSON.stringify(limits)} })
    const end = performance.now() + 400
    while (performance.now() < end);
  `
  expect(await runScript(script)).toMatchObject({ code: 0, err: '' })
  const found = dumpsIn(dir)
  expect(found.flatMap(codesOf)).toContain('over-limit')
  for (const dump of found) expectHonesty(dump)
})
