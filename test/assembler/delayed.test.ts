/** Who waited for a stall from 100 to 400 ms, by when they may have come and were seen. */
import { expect, test } from 'vitest'
import { delayedBy } from '../../src/assembler/delayed.js'
import type { Slice } from '../../src/assembler/slice.js'
import type { Waiter } from '../../src/sampler/queue-bound.js'
import type { Finished } from '../../src/sampler/window.js'

/** Context 5 had the loop from 100 to 390, 6 from there on. */
const NOBODY = {
  samples: { time: [100, 390, 410], context: [5, 5, 6] },
  waits: { context: [], begin: [], end: [], what: [] },
  turns: { at: [90, 400], slept: [0, 1] },
} as unknown as Slice

/** It came between these times, ms. */
function waited(notBefore: number, cameBy: number, seenAt: number): string[] {
  const queueing = { from: 90, notBefore, notAfter: null, cameBy, seenAt }
  const waiter = { context: 7, title: 'GET /x', queueing } as unknown as Waiter
  const recording = { start: 100, end: 400, contextId: 1, waiters: [waiter] }
  const { delayed, delayedCount } = delayedBy(recording as unknown as Finished, NOBODY)
  expect(delayedCount).toBe(delayed.length)
  return delayed.map(({ micros, leastMicros }) => `${leastMicros! / 1000} to ${micros / 1000}`)
}

test.each([
  ['before it', 50, 60, 410, ['310 to 310']],
  ['in it', 200, 250, 410, ['160 to 210']],
  ['in it, or in its backlog', 350, 430, 450, ['0 to 100']],
  ['in its backlog', 410, 420, 450, []],
  ['right before its end', 395, 399, 410, []],
])('who came %s', (_, notBefore, cameBy, seenAt, expected) => {
  expect(waited(notBefore, cameBy, seenAt)).toEqual(expected)
})

/** It began at a time, and ended in the stall or in what came right after it. */
function ended(context: number, startedAt: number, endedAt: number): string[] {
  const end = { context, title: 'GET /x', startedAt, endedAt }
  const recording = { start: 100, end: 400, contextId: 1, lateEnds: [end] }
  const { delayed } = delayedBy(recording as unknown as Finished, NOBODY)
  return delayed.map(({ micros, leastMicros }) => `${leastMicros! / 1000} to ${micros / 1000}`)
}

test.each([
  ['had slept before', 7, 50, 405, ['0 to 305']],
  ['had slept since', 7, 300, 405, ['0 to 105']],
  ['held the loop all along', 5, 50, 401, []],
  ['held it for a little', 6, 50, 405, ['0 to 295']],
  ['was hardly late', 7, 395, 405, []],
])('who %s, and could end only then', (_, context, startedAt, endedAt, expected) => {
  expect(ended(context, startedAt, endedAt)).toEqual(expected)
})

/** Their samples from 100 to 400, of context 5 first. */
function wentOn(time: number[], context: number[]): string[] {
  const slice = { ...NOBODY, samples: { time, context }, titleOf: (id: number) => `GET /${id}` }
  const recording = { start: 100, end: 400, contextId: 1 }
  const { delayed } = delayedBy(recording as unknown as Finished, slice as unknown as Slice)
  return delayed.map(({ title, micros, leastMicros }) => `${title} ${leastMicros} to ${micros}`)
}

test.each([
  ['one behind whoever held it', [105, 380, 395], [5, 5, 8], ['GET /8 0 to 295000']],
  ['nobody who ran at once', [105, 110, 395], [5, 8, 5], []],
  ['one who ran before, too', [105, 110, 380, 390], [8, 5, 5, 8], ['GET /8 0 to 285000']],
  ['the longest time', [150, 200, 380, 390], [8, 5, 5, 8], ['GET /8 0 to 240000']],
  ['nobody who held it longer than that', [105, 140, 395], [5, 8, 8], []],
  ['nobody behind what is no request', [105, 380, 395], [5, 5, 0], []],
  ['nobody who went on later', [105, 399, 410], [5, 5, 8], []],
])('who went on in it waited: %s', (_, time, context, expected) => {
  expect(wentOn(time, context)).toEqual(expected)
})
