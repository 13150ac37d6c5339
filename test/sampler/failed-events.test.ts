/** What fails in our hooks and patches: the app is as without us, and is told. */
import { expect, test } from 'vitest'
import { Hooks } from '../../src/sampler/async/hooks.js'
import type { MethodPatch } from '../../src/sampler/async/method-patch.js'
import { Pools } from '../../src/sampler/async/pools.js'
import { FailedEvents } from '../../src/sampler/failed-events.js'
import { Recording } from '../../src/sampler/recording.js'

const fail = () => {
  throw new RangeError('Maximum call stack size exceeded')
}

test('a dump says how many events of its time are not known, and a line the first time', () => {
  const events = ['made', 'before', 'after', 'settled', 'promiseMade', 'promiseGoesOn']
  const failing = Object.fromEntries([...events, 'promiseSettled'].map((name) => [name, fail]))
  const hooks = new Hooks(failing as never, true)
  const said: string[] = []
  const failed = new FailedEvents(hooks, { failedEvents: 0 }, { warn: (fact) => said.push(fact) })
  const record = (work: () => void) => {
    const recording = new Recording(1, () => '', 'awaits')
    failed.begins(recording)
    work()
    failed.ends(recording)
    failed.tell(recording)
    return recording.warnings.filter(({ code }) => code === 'missed-events')
  }
  const make = () => {
    hooks.enable()
    setImmediate(() => {})
    hooks.disable()
  }
  expect(record(() => {})).toEqual([])
  expect(said).toEqual([])
  expect(record(make)).toEqual([
    {
      code: 'missed-events',
      text: 'hooks of profview failed: events of the thread not noted: 1',
    },
  ])
  expect(record(make)).toHaveLength(1)
  expect(record(() => {})).toEqual([])
  expect(said).toEqual([expect.stringMatching(/^hooks of profview failed .+: dumps say how often/)])
})

test('a pool gives its connection, whatever fails in us', () => {
  const runner = {
    get current() {
      return fail()
    },
    run: <T>(_wait: null, fn: () => T) => fn(),
  }
  const { patched } = new Pools(runner as never, { handOver: fail } as never, {} as never)
  const patch = { active: true } as MethodPatch
  for (const { methods } of patched) {
    for (const [name, around] of Object.entries(methods)) {
      const given: unknown[][] = []
      const self = {
        get options() {
          return fail()
        },
        get config() {
          return fail()
        },
        get _pendingQueue() {
          return fail()
        },
      }
      const called = around(function (this: object, ...args) {
        expect(this).toBe(self)
        const [callback] = args
        if (typeof callback === 'function') callback.call(this, null, { stream: {} })
        given.push([...args])
        return 7
      }, patch)
      const seen: unknown[][] = []
      const callback = (...args: unknown[]) => void seen.push(args)
      expect([name, called.call(self, callback)]).toEqual([name, 7])
      expect(seen).toEqual([[null, { stream: {} }]])
      expect(called.call(self)).toBe(7)
      expect(given[1]).toEqual([])
    }
  }
})
