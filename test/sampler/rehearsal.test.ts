/** What the first recorded request will do, done before it: nobody hears of it, nothing is left. */
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import { resolveOptions } from '../../dist/recorder/options.js'
import { rehearse } from '../../dist/recorder/rehearsal.js'
import { Requests } from '../../dist/recorder/requests.js'
import { threadRecorder } from '../../dist/recorder/thread-recorder.js'
import { Hooks } from '../../dist/sampler/async/hooks.js'
import { ThreadSampler } from '../../dist/sampler/thread-sampler.js'
import { finish } from '../../src/profile/steps.js'

// Nothing is written there.
const settings = resolveOptions({ dir: 'rehearsed' }, {})
const recorder = threadRecorder(settings)!
const { sampler } = recorder
const requests = new Requests(settings, () => '')
requests.arm()

type Serve = Parameters<typeof rehearse>[2]

test('three requests are recorded from their gate to their end, and one is refused', () => {
  const begin = vi.spyOn(ThreadSampler.prototype, 'begin')
  const end = vi.spyOn(ThreadSampler.prototype, 'end')
  const heads: boolean[] = []
  const serve: Serve = (request, response, next) =>
    requests.handle(request, response, () => {
      next()
      heads.push(response.headersSent)
    })
  finish(rehearse(sampler, settings, serve, () => {}))
  expect(heads).toEqual([false, true, true, true])
  expect(requests.counts).toEqual({ profiled: 3, refused: 1, skipped: 0 })
  expect(begin.mock.results.map(({ value }) => value.isRehearsal)).toEqual(Array(5).fill(true))
  expect(new Set(end.mock.calls.map(([recording]) => recording)).size).toBe(5)
  expect(sampler.active).toBe(0)
  expect(recorder.underWay).toBe(0)
  vi.restoreAllMocks()
})

test('no window and no recording is handed over for it, nor is anything left patched', () => {
  const told: string[] = []
  const { write } = Socket.prototype
  const { push } = IncomingMessage.prototype
  const exits = process.rawListeners('exit')
  const post = vi.spyOn(MessagePort.prototype, 'postMessage').mockImplementation(() => {
    told.push('message')
  })
  finish(
    rehearse(
      sampler,
      settings,
      (...args) => requests.handle(...args),
      () => {},
    ),
  )
  expect(Socket.prototype.write).toBe(write)
  expect(IncomingMessage.prototype.push).toBe(push)
  expect(process.rawListeners('exit')).toEqual(exits)
  sampler.flush()
  expect(told).toEqual([])
  expect(recorder.backlog).toBe(0)
  post.mockRestore()
})

test('while somebody is recorded nothing is done', () => {
  const recording = sampler.begin(() => 'GET /', 'awaits')
  const serve = vi.fn()
  finish(rehearse(sampler, settings, serve, () => {}))
  expect(serve).not.toHaveBeenCalled()
  expect(sampler.active).toBe(1)
  sampler.end(recording)
})

test('hooks that are switched on meanwhile are told of nothing', async () => {
  const events = {
    made: vi.fn(),
    before: vi.fn(),
    after: vi.fn(),
    settled: vi.fn(),
    promiseMade: vi.fn(),
    promiseGoesOn: vi.fn(),
    promiseSettled: vi.fn(),
  }
  const hooks = new Hooks(events, true)
  hooks.rehearse(({ settled }) => {
    hooks.enable()
    hooks.watchMade()
    void Promise.resolve().then(() => {})
    setTimeout(() => {}, 0)
    settled(7)
    hooks.disable()
  })
  expect(events.made).not.toHaveBeenCalled()
  expect(events.promiseMade).not.toHaveBeenCalled()
  expect(events.settled.mock.calls).toEqual([[7]])
  // The next time they are.
  hooks.enable()
  setTimeout(() => {}, 0)
  hooks.disable()
  expect(events.made).toHaveBeenCalled()
})

test('what fails in it leaves nobody recorded', () => {
  const fail = () => {
    throw new Error('broken')
  }
  expect(() =>
    sampler.rehearse(() => {
      sampler.begin(() => '', 'awaits')
      fail()
    }),
  ).toThrow('broken')
  expect(sampler.active).toBe(0)
})
