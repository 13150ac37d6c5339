/** What a response can say of the queue before anything that was sampled is looked at. */
import { expect, test } from 'vitest'
import { narrow, queuedSoFar, queueingOf } from '../../src/sampler/queue-bound.js'

const SEEN = {
  seenAt: 100,
  from: 60,
  thenSleptMs: 0,
  thenEndedBy: 80,
  isOfSleep: false,
  sleptMs: 0,
  checkedAt: 80,
  cameBy: 100,
  isOfBatch: true,
}

test.each([
  ['since the loop looked', {}, { ms: 40, bound: 'up to' }],
  ['proved by what ran before it', { cameBy: 60.5 }, { ms: 40, bound: '' }],
  [
    'of a loop that slept, what is proved',
    { sleptMs: 3, cameBy: 70 },
    { ms: 30, bound: 'at least' },
  ],
  [
    'where nothing else is known, what is proved',
    { from: null, cameBy: 90 },
    { ms: 10, bound: 'at least' },
  ],
  ['of a loop that slept', { sleptMs: 3 }, null],
  ['on a connection that came while it slept', { isOfSleep: true, thenEndedBy: 99 }, null],
  [
    'on one that came while it slept, and others ran then',
    { isOfSleep: true, thenEndedBy: 70 },
    { ms: 40, bound: 'up to' },
  ],
  ['of a loop that has nothing to do', { from: 95.1 }, null],
])('%s', (_what, changes, expected) => {
  expect(queuedSoFar(queueingOf({ ...SEEN, ...changes }))).toEqual(expected)
})

test('when it was sent', () => {
  const queueing = queueingOf({ ...SEEN, sleptMs: 3 })
  narrow(queueing, 70, null)
  expect(queuedSoFar(queueing)).toEqual({ ms: 30, bound: 'up to' })
  narrow(queueing, null, 70.9)
  expect(queuedSoFar(queueing)).toEqual({ ms: 30, bound: '' })
})

test('a time of sending after which the loop looked in vain proves nothing', () => {
  const queueing = queueingOf({ ...SEEN, cameBy: 98 })
  narrow(queueing, 10, 11)
  expect(queuedSoFar(queueing)).toEqual({ ms: 40, bound: 'up to' })
  // Nor does it outdo another's word.
  narrow(queueing, null, 60.5)
  expect(queuedSoFar(queueing)).toEqual({ ms: 40, bound: '' })
})
