/** What is in no segment of anybody's while a request waits: whose it is, or nobody's. */
import { expect, test } from 'vitest'
import { OURSELVES } from '../../src/sampler/window.js'
import { ME, OTHER, profileOfScene, type Scene } from '../support/scenes.js'

const BEGIN = { from: 0, to: 1, of: ME }

/** Its accounts that are not empty, and `upTo`, ms. */
function told(scene: Scene): Record<string, number> {
  const { ledger, blockedUpToMicros } = profileOfScene(scene).sources[0]!
  const all = Object.entries({ ...ledger, upTo: blockedUpToMicros })
  return Object.fromEntries(all.flatMap(([name, us]) => (us === 0 ? [] : [[name, us / 1000]])))
}

/** It could have gone on since `ready`, and does so at 60, with the last millisecond. */
function late(ready: number) {
  return { from: 60, to: 61, of: ME, ready, task: 60 }
}

test('our own work is ours where it delayed the request, and else a part of the wait', () => {
  const ours = { from: 10, to: 15, of: OURSELVES }
  const accountsOf = (next: ReturnType<typeof late>) =>
    told({ end: 61, segments: [BEGIN, ours, next] })
  expect(accountsOf(late(60))).toEqual({ cpu: 2, await: 59 })
  expect(accountsOf(late(12))).toEqual({ cpu: 2, await: 56, profiler: 3 })
  expect(accountsOf(late(5))).toEqual({ cpu: 2, await: 54, profiler: 5 })
})

test('while the loop did not sleep, somebody’s whom nobody saw', () => {
  const busy = ['handler 0-1 7', '[profiler] 1-60 0', 'handler 60-61 7']
  const scene = { end: 61, segments: [BEGIN, late(10)], busy }
  expect(told(scene)).toEqual({ cpu: 2, await: 9, blocked: 50 })
  // For 29 ms nobody was sampled: the thread may have been taken off.
  const starved = { cpu: 2, await: 9, blocked: 50, upTo: 50 }
  expect(told({ ...scene, starved: [1, 30] })).toEqual(starved)
})

test('after its last code, nobody’s where only its own samples say that somebody ran', () => {
  const turns = [
    { at: 5, slept: false },
    { at: 40, slept: false },
  ]
  const scene = { end: 30, segments: [BEGIN], busy: ['handler 0-30 7'], turns }
  expect(told(scene)).toEqual({ cpu: 1, await: 29 })
})

test('less than 0.1 ms between two of others’ is the loop’s', () => {
  const segmentsWith = (gap: number) => [
    BEGIN,
    { from: 20, to: 40, of: OTHER },
    { from: 40 + gap, to: 60, of: OTHER },
    late(20),
  ]
  const busy = ['handler 0-1 7', 'report 20-60 8', 'handler 60-61 7']
  const blockedWith = (gap: number) => told({ end: 61, segments: segmentsWith(gap), busy })
  expect(blockedWith(0.09)).toEqual({ cpu: 2, await: 19.09, blocked: 39.91 })
  expect(blockedWith(0.11)).toEqual({ cpu: 2, await: 19, blocked: 40 })
})

test('of one that is short, what is sure and what is not is told apart', () => {
  const segments = [
    BEGIN,
    { from: 20, to: 20.05, of: OTHER },
    { from: 60, to: 60.03, of: OTHER },
    { ...late(20), from: 60.03, settled: 60, isUpTo: true },
  ]
  expect(told({ end: 61, segments })).toEqual({
    cpu: 1.97,
    await: 58.95,
    blocked: 0.08,
    upTo: 0.05,
  })
})

test('of neighbours, not what was ours before the first sample of them', () => {
  const busy = ['[profiler] 10-20 0', 'report 20-60 8', 'handler 60-61 7']
  // Half-way between the last idle sample and theirs.
  expect(told({ end: 61, segments: [BEGIN, late(5)], busy })).toEqual({
    cpu: 2,
    await: 14,
    blocked: 45,
  })
})
