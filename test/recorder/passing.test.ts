/**
 * What is made for requests that nobody keeps, counted: holders of labels, listeners, asynchronous
 * resources, hooks, routes that are read; and that nothing of them lives on.
 */
import { describe, expect, test } from 'vitest'
import { Dumps, runScript } from '../support/app.js'
import { sampler } from '../support/recorded.js'

const REQUESTS = 400

interface Counted {
  /** Requests that were not chosen. */
  readonly passed: number
  readonly holders: number
  /** While the middleware ran, of all that have passed. */
  readonly listeners: number
  readonly resources: Record<string, number>
  readonly hooks: number
  readonly routes: number
  /** Samples taken. */
  readonly samples: number
  /** Requests that are still alive. */
  readonly alive: number
}

/** Requests one after another, on one connection, each of which waits for a while. */
async function count(options: string): Promise<Counted> {
  const script = `
    import asyncHooks from 'node:async_hooks'
    import http from 'node:http'
    import { createRequire, syncBuiltinESMExports } from 'node:module'
    const counted = {
      passed: 0, holders: 0, listeners: 0, resources: {}, hooks: 0, routes: 0, samples: 0, alive: 0,
    }
    const { createHook } = asyncHooks
    asyncHooks.createHook = (listeners) => {
      const hook = createHook(listeners)
      const { enable } = hook
      hook.enable = () => {
        counted.hooks++
        return enable.call(hook)
      }
      return hook
    }
    syncBuiltinESMExports()
    const { TimeProfiler, constants } = createRequire(process.cwd() + '/package.json')(
      '@datadog/pprof/out/src/time-profiler-bindings.js')
    const { createContextHolder, start, stop } = TimeProfiler.prototype
    TimeProfiler.prototype.createContextHolder = function (label) {
      counted.holders++
      return createContextHolder.call(this, label)
    }
    let profiler
    TimeProfiler.prototype.start = function () {
      profiler = this
      return start.call(this)
    }
    TimeProfiler.prototype.stop = function (again) {
      counted.samples += this.state[constants.kSampleCount]
      return stop.call(this, again)
    }
    const { openRequests } = await import('./dist/recorder/requests.js')
    const { resolveOptions } = await import('./dist/recorder/resolve-options.js')
    const requests = openRequests(resolveOptions(${options}), () => {
      counted.routes++
      return '/'
    })
    const listenersOf = (...emitters) => emitters.flatMap((emitter) =>
      emitter.eventNames().flatMap((name) => emitter.rawListeners(name))).length
    let made = null
    createHook({ init(id, type) { if (made !== null) made.push(type) } }).enable()
    const refs = []
    const server = http.createServer((request, response) => {
      const before = listenersOf(request, response)
      const { holders } = counted
      made = []
      requests.handle(request, response, () => {
        const mine = made
        made = null
        if (requests.arm().underWay === 0) {
          counted.passed++
          counted.listeners += listenersOf(request, response) - before
          for (const type of mine) counted.resources[type] = (counted.resources[type] ?? 0) + 1
          refs.push(new WeakRef(request))
        } else counted.holders = holders
        setImmediate(() => response.end('x'))
      })
      made = null
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const { port } = server.address()
    const ask = () => new Promise((resolve) =>
      http.get({ port, agent }, (answer) => answer.resume().on('end', resolve)))
    counted.holders = 0
    for (let i = 0; i < ${REQUESTS}; i++) await ask()
    const { routes } = counted
    counted.samples += profiler.state[constants.kSampleCount]
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 10))
    gc()
    counted.alive = refs.filter((ref) => ref.deref() !== undefined).length
    console.log(JSON.stringify({ ...counted, routes }))
    process.exit()`
  const env = { PROFVIEW_DIR: new Dumps().dir }
  const { out, err } = await runScript(script, { flags: ['--expose-gc'], env })
  expect(err).toBe('')
  return JSON.parse(out)
}

describe.each([
  ['armed', '{}'],
  ['slow', '{ slow: 60_000 }'],
  ['a share', '{ mode: 0.05 }'],
])('%s', (name, options) => {
  test('a request that passes', async () => {
    const isLabelled = sampler().labelsAll
    const counted = await count(options)
    const { passed, holders, listeners, resources, hooks, routes, samples, alive } = counted
    expect(passed).toBeGreaterThan(REQUESTS / 2)
    expect(listeners).toBe(0)
    expect(resources).toEqual({})
    if (isLabelled) {
      expect(hooks).toBe(0)
      // And one where a callback of theirs has run for an answer.
      expect(holders).toBeGreaterThanOrEqual(passed)
      expect(holders).toBeLessThan(passed * 1.1 + 20)
    } else expect(holders).toBe(0)
    // One at a time, each sample falls into one request at most.
    if (isLabelled || name === 'armed') expect(routes).toBeLessThanOrEqual(samples)
    // The connection knows the last one.
    expect(alive).toBeLessThan(5)
  })
})
