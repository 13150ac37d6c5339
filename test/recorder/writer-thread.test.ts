/** The writer's thread as the app's thread sees it when it dies, or does not get on. */
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { finish } from '../../src/profile/steps.js'
import type { WriterAnswer, WriterMessage } from '../../src/recorder/writer/messages.js'
import { WriterThread as AsSource } from '../../src/recorder/writer/writer-thread.js'

/** The built one: beside its source there is no thread to start. */
const { WriterThread }: typeof import('../../src/recorder/writer/writer-thread.js') = await import(
  new URL('../../dist/recorder/writer/writer-thread.js', import.meta.url).href
)

const QUESTION: WriterMessage = {
  type: 'arrival',
  id: 'a',
  question: { ports: { local: 1, remote: 1 }, bytesRead: 0, origin: 0 },
}

const threads: Worker[] = []
const noteThread = (thread: Worker) => void threads.push(thread)
let clock = 0
beforeEach(() => {
  threads.length = 0
  clock = 0
  const { now } = performance
  vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + clock)
  process.on('worker', noteThread)
})
afterEach(async () => {
  process.removeListener('worker', noteThread)
  vi.restoreAllMocks()
  for (const thread of threads) await thread.terminate()
})

function listener() {
  const answers: WriterAnswer[] = []
  const lost: string[] = []
  let resumed = 0
  return {
    answers,
    lost,
    get resumed() {
      return resumed
    },
    listener: {
      answered: (answer: WriterAnswer) => void answers.push(answer),
      lost: (reason: string) => void lost.push(reason),
      resumed: () => void resumed++,
    },
  }
}

test('one that has died is not replaced at once, and whoever goes on needs nothing of before', async () => {
  const at = listener()
  const writer = new WriterThread(at.listener)
  expect(writer.send(QUESTION)).toBe(true)
  await vi.waitFor(() => expect(threads).toHaveLength(1))
  await threads[0]!.terminate()
  await vi.waitFor(() => expect(at.lost).toEqual(['it ended']))

  expect(writer.isTaking).toBe(false)
  finish(writer.start())
  expect(writer.send(QUESTION)).toBe(false)
  expect([threads.length, at.resumed]).toEqual([1, 0])

  clock += 10_000
  expect(writer.isTaking).toBe(true)
  // A message alone may mean what got lost.
  expect(writer.send(QUESTION)).toBe(false)
  finish(writer.start())
  await vi.waitFor(() => expect(threads).toHaveLength(2))
  expect(at.resumed).toBe(1)
  expect(writer.send(QUESTION)).toBe(true)
  finish(writer.start())
  expect(at.resumed).toBe(1)
})

test('one that cannot be started says why, and throws nothing', async () => {
  const at = listener()
  const writer = new AsSource(at.listener)
  expect(writer.send(QUESTION)).toBe(true)
  await vi.waitFor(() => expect(at.lost).toEqual([expect.stringContaining('writer-worker.js')]))
  expect(writer.send(QUESTION)).toBe(false)
})

test('one that does not get on gets no more until it has caught up', async () => {
  const at = listener()
  const writer = new WriterThread(at.listener)
  // The thread begins when this one has come to rest.
  for (let i = 0; i < 3; i++) expect(writer.send(QUESTION)).toBe(true)
  clock += 9_000
  expect(writer.send(QUESTION)).toBe(true)
  clock += 2_000
  expect([writer.isTaking, writer.send(QUESTION)]).toEqual([false, false])
  await vi.waitFor(() => expect(writer.isTaking).toBe(true))
  expect(writer.send(QUESTION)).toBe(false)
  finish(writer.start())
  expect([at.resumed, at.lost]).toEqual([1, []])
  expect(writer.send(QUESTION)).toBe(true)
})

test('an exit waits for what was sent, not for a thread that has nothing to do', () => {
  const at = listener()
  const writer = new WriterThread(at.listener)
  writer.drain(writer.patience(null))
  expect(threads).toHaveLength(0)
  writer.send(QUESTION)
  // Long enough for any machine.
  writer.drain(writer.patience(60_000))
  clock += 11_000
  expect(writer.isTaking).toBe(true)
})
