/** Waits that were noted without following awaits, laid over a recording's waiting. */
import { expect, test } from 'vitest'
import type { Profile } from '../../src/profile/profile.js'
import { ME, OTHER, profileOfScene, type Scene } from '../support/scenes.js'
import { formatTree } from '../support/trees.js'

type Waits = NonNullable<Scene['waits']>

/** The request runs in its first and in its last millisecond of 100. */
function recorded(waits: Waits, changes: Partial<Scene> = {}): Profile {
  return profileOfScene({
    end: 100,
    follows: false,
    segments: [
      { from: 0, to: 1, of: ME },
      { from: 99, to: 100, of: ME },
    ],
    busy: ['handler 0-1 7', 'handler 99-100 7'],
    waits,
    ...changes,
  })
}

/** The tree, and what it says of how often. */
function told(profile: Profile): string[] {
  const counts = profile.waits.map(({ stack, count, totalMicros, longestMicros }) => {
    const { name } = profile.frames[profile.stacks.frame[stack]!]!
    return `${name} ×${count} ${totalMicros} ${longestMicros}`
  })
  return [...formatTree(profile).filter((line) => line.includes('[')), ...counts]
}

test('each has its time and its number, and the rest has no name', () => {
  const profile = recorded([
    [1, 21, 'db:5432'],
    [30, 40, 'db:5432'],
    [40, 95, 'api:443'],
  ])
  expect(told(profile)).toEqual([
    '  [await] api:443 55000 55000',
    '  [await] db:5432 30000 30000',
    '  [await] 13000 13000',
    '[await] db:5432 ×2 30000 20000',
    '[await] api:443 ×1 55000 55000',
  ])
})

test('of several at once, the longest has the time, and all are counted whose name has any', () => {
  const profile = recorded([
    [10, 40, 'db:5432'],
    [20, 90, 'cache:6379'],
    [30, 35, 'api:443'],
  ])
  expect(told(profile)).toEqual([
    '  [await] cache:6379 70000 70000',
    '  [await] 18000 18000',
    '  [await] db:5432 10000 10000',
    '[await] db:5432 ×1 30000 30000',
    '[await] cache:6379 ×1 70000 70000',
  ])
})

test('of several for the same at once, the longest has the time, and all are counted', () => {
  const profile = recorded([
    [10, 40, 'db:5432'],
    [11, 70, 'db:5432'],
    [12, 60, 'db:5432'],
  ])
  expect(told(profile)).toEqual([
    '  [await] db:5432 60000 60000',
    '  [await] 38000 38000',
    '[await] db:5432 ×3 137000 59000',
  ])
  expect(profile.waits[0]!.mostAtOnce).toBe(3)
})

test('what has not ended lasts until the recording’s end, and what is told twice is one', () => {
  const profile = recorded([
    [50, Number.POSITIVE_INFINITY, 'db:5432'],
    [20, Number.POSITIVE_INFINITY, 'cache:6379'],
    [20, 30, 'cache:6379'],
    // None at all.
    [40, 40, 'api:443'],
  ])
  expect(told(profile)).toEqual([
    '  [await] db:5432 49000 49000',
    '  [await] 39000 39000',
    '  [await] cache:6379 10000 10000',
    '[await] cache:6379 ×1 10000 10000',
    '[await] db:5432 ×1 50000 50000',
  ])
})

test('who was in the way when the answer was there is under what was waited for', () => {
  const segments = [
    { from: 0, to: 1, of: ME },
    { from: 60, to: 90, of: OTHER },
    { from: 90, to: 100, of: ME, ready: 70, task: 90 },
  ]
  const busy = ['handler 0-1 7', 'report 60-90 8', 'handler 90-100 7']
  const profile = recorded([[1, 90, 'db:5432']], { segments, busy })
  expect(told(profile)).toEqual([
    '  [await] db:5432 89000 69000',
    '    [blocked] 20000 0',
    '[await] db:5432 ×1 69000 69000',
  ])
})

test('where awaits were followed, they know better', () => {
  const segments = [
    { from: 0, to: 1, of: ME },
    { from: 99, to: 100, of: ME, what: 'timer 90 ms' },
  ]
  const profile = recorded([[1, 90, 'db:5432']], { segments, follows: true })
  expect(told(profile)).toEqual([
    '  [await] timer 90 ms 98000 98000',
    '[await] timer 90 ms ×1 98000 98000',
  ])
})
