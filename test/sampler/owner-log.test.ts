/** Whose code runs, by Node’s own hooks: what a label's code makes, however late it is called. */
import { AsyncResource, executionAsyncResource } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { OwnerLog } from '../../src/sampler/async/owner-log.js'
import { waits } from '../../src/sampler/async/resource-waits.js'
import { SlotNotes } from '../../src/sampler/slot-notes.js'
import { recordingOf } from '../support/sampler-parts.js'

function scene() {
  const log = new OwnerLog(
    new SlotNotes(
      () => 0,
      () => {},
    ),
  )
  log.acquire()
  let isOn = true
  const off = () => {
    if (isOn) log.release()
    isOn = false
  }
  onTestFinished(off)
  return { log, off }
}

test('what a label’s code makes is called back under it: timers, promises, ticks, jobs', async () => {
  const { log } = scene()
  const seen: Record<string, number> = {}
  const note = (what: string) => {
    seen[what] = log.current
  }
  await Promise.all(
    [1, 2, 3].map((label) =>
      log.run(label, async () => {
        note(`${label} at once`)
        process.nextTick(() => note(`${label} tick`))
        queueMicrotask(() => note(`${label} microtask`))
        setTimeout(() => note(`${label} timer`), 1)
        await null
        note(`${label} awaited`)
        await sleep(3)
        note(`${label} slept`)
        setImmediate(() => note(`${label} straggler`))
      }),
    ),
  )
  expect(log.current).toBe(0)
  await sleep(5)
  const whats = ['at once', 'tick', 'microtask', 'timer', 'awaited', 'slept', 'straggler']
  const expected = [1, 2, 3].flatMap((label) => whats.map((what) => [`${label} ${what}`, label]))
  expect(seen).toEqual(Object.fromEntries(expected))
})

test('what waits while others make thousands of promises, and what a promise does with itself', async () => {
  const { log } = scene()
  const seen: number[] = []
  const note = () => seen.push(log.current)
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const late = log.run(6, async () => {
    await gate
    note()
    const itself: Promise<void> = Promise.resolve().then(() => void itself.then(note))
    await itself
    // biome-ignore lint/suspicious/noThenProperty: called in a job of the promise that waits for it
    await { then: (done: (value?: unknown) => void) => done(note()) }
  })
  await log.run(7, async () => {
    for (let i = 0; i < 40_000; i++) await null
  })
  open()
  await late
  expect(seen).toEqual([6, 6, 6])
})

test('inside others, and after them', () => {
  const { log } = scene()
  const [one, two] = [1, 2].map((label) => log.run(label, () => new AsyncResource('JOB')))
  const early: number[] = []
  one!.runInAsyncScope(() => {
    early.push(log.current)
    two!.runInAsyncScope(() => early.push(log.current))
    early.push(log.current)
    log.enter(3)
    log.run(0, () => early.push(log.current))
    early.push(log.current)
  })
  expect([...early, log.current]).toEqual([1, 2, 1, 0, 3, 0])
})

test('a callback that throws leaves nobody running', () => {
  const { log } = scene()
  expect(() =>
    log.run(4, () => {
      throw new Error('of the app')
    }),
  ).toThrow('of the app')
  expect(log.current).toBe(0)
})

test('what was made while somebody was followed belongs to its request', () => {
  const { log } = scene()
  const { root } = recordingOf(9)
  const job = new AsyncResource('JOB')
  job.runInAsyncScope(() => waits.set(executionAsyncResource(), root))
  expect(job.runInAsyncScope(() => log.current)).toBe(9)
})

test('while others say who runs, and when nobody asks any more, nothing is looked at', () => {
  const { log, off } = scene()
  const jobOf = (label: number) => log.run(label, () => new AsyncResource('JOB'))
  const before = jobOf(1)
  expect(log.run(1, () => log.suspend())).toBe(1)
  const meanwhile = jobOf(2)
  expect(before.runInAsyncScope(() => log.current)).toBe(0)
  log.resume(0)
  expect(before.runInAsyncScope(() => log.current)).toBe(1)
  expect(meanwhile.runInAsyncScope(() => log.current)).toBe(0)
  off()
  expect(before.runInAsyncScope(() => log.current)).toBe(0)
})

test('the app sees nothing of it on what it makes', () => {
  const { log } = scene()
  const job = log.run(5, () => new AsyncResource('JOB'))
  const made = [job, ...log.run(5, () => [setImmediate(() => {}), Promise.resolve()])]
  expect(job.runInAsyncScope(() => log.current)).toBe(5)
  const bare = [new AsyncResource('JOB'), setImmediate(() => {}), Promise.resolve()]
  const shapeOf = (object: object) => [Reflect.ownKeys(object), Object.isExtensible(object)]
  expect(made.map(shapeOf)).toEqual(bare.map(shapeOf))
})
