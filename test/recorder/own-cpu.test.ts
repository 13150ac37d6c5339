import { expect, test } from 'vitest'
import { buildFunctionTable } from '../../src/analysis/functions.js'
import type { ProfilerOptions } from '../../src/index.js'
import { Dumps, profview, serve } from '../support/app.js'
import { elapsed, threadTimes } from '../support/thread-clock.js'

const COUNT = 50

/** Ms of CPU time that the requests' own code used, by the thread's clock. */
let burned = 0

function burnForOneRequest(ms: number): void {
  const before = threadTimes()
  const end = performance.now() + ms
  while (performance.now() < end);
  burned += elapsed(before).cpu
}

test.each<[string, ProfilerOptions]>([
  ['whose awaits were followed', {}],
  ['whose awaits were not', { mode: 'all' }],
])('of fifty requests at once, %s, no CPU time is the own time of two', async (_name, options) => {
  burned = 0
  let begun = 0
  let goOn = () => {}
  const allHaveBegun = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const dumps = new Dumps()
  const limits = { concurrent: COUNT, perMinute: COUNT }
  const middleware = profview.profiler(dumps.options({ limits, ...options }))
  const { get } = await serve((request, response) =>
    middleware(request, response, async () => {
      burnForOneRequest(4)
      if (++begun === COUNT) setTimeout(goOn, 5)
      await allHaveBegun
      burnForOneRequest(4)
      response.end('x')
    }),
  )
  const before = threadTimes()
  const headers = { 'x-profile': '1' }
  await Promise.all(Array.from({ length: COUNT }, () => get('/', { headers })))
  const taken = await dumps.take(COUNT)
  const { cpu } = elapsed(before)

  const own = taken.reduce((sum, { meta }) => sum + meta.ledger.cpu, 0) / 1000
  expect(own).toBeLessThanOrEqual(cpu)
  expect(own).toBeGreaterThan(burned / 2)

  const merged = profview.mergeProfiles(taken.map(({ file }) => profview.readProfile(file)))
  const table = buildFunctionTable(merged)
  const sumOf = (times: Float64Array) =>
    merged.frames.reduce(
      (sum, { name }, i) => sum + (name === 'burnForOneRequest' ? times[i]! : 0),
      0,
    ) / 1000
  expect(sumOf(table.self)).toBeLessThanOrEqual(own)
  // It held up many at once, and each of them says so.
  expect(sumOf(table.inTheWay)).toBeGreaterThan(cpu)
})
