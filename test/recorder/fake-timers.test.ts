/** An app's own tests set the clock: timers of ours are none of theirs. */
import { afterEach, expect, test, vi } from 'vitest'
import { Dumps, profview, serve } from '../support/app.js'

afterEach(() => void vi.useRealTimers())

test('an app that fakes timers finds none of ours, and is profiled', async () => {
  const dumps = new Dumps()
  const counts: number[] = []
  const { get } = await serve((request, response) => {
    // The client of this test has some.
    const before = vi.getTimerCount()
    middleware(request, response, () => {
      counts.push(vi.getTimerCount() - before)
      response.end('done')
    })
  })
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout'] })
  const middleware = profview.profiler(dumps.options({ slow: 60_000 }))
  counts.push(vi.getTimerCount())
  await get('/')
  await get('/?profile=1')
  expect(counts).toEqual([0, 0, 0])
  vi.useRealTimers()
  expect((await dumps.one()).meta.request).toMatchObject({ status: 200 })
})
