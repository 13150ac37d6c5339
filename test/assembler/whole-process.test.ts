/** A thread that is followed as a whole: windows written by hand, and what is told of them. */
import { expect, test } from 'vitest'
import { sumOfLedger } from '../../src/profile/ledger.js'
import type { Profile } from '../../src/profile/profile.js'
import { BACKGROUND, OURSELVES, REST_OF_REQUEST, UNFOLLOWED } from '../../src/sampler/window.js'
import { OTHER, profileOfScene, type Scene, type SceneSegment } from '../support/scenes.js'
import { waitLines } from '../support/sums.js'
import { formatTree } from '../support/trees.js'

const own = (from: number, to: number, below?: string, what?: string): SceneSegment => ({
  ...{ from, to, of: BACKGROUND },
  ...(below === undefined ? {} : { below }),
  ...(what === undefined ? {} : { what }),
})

/** Asleep from 2 to 20 and from 22 to 50. */
const TURNS = [
  { at: 1.9, slept: false },
  { at: 19.9, slept: true },
  { at: 21.9, slept: false },
  { at: 49.9, slept: true },
  { at: 59.9, slept: false },
]

function whole(scene: Omit<Scene, 'whole'>): Profile {
  const profile = profileOfScene({ turns: TURNS, ...scene, whole: true })
  const { ledger, durationMicros } = profile.sources[0]!
  expect(sumOfLedger(ledger)).toBe(durationMicros)
  return profile
}

test('each wait is below the code that asked for it', () => {
  const profile = whole({
    end: 60,
    segments: [own(0, 2, 'main'), own(20, 22, 'main;load', 'db'), own(50, 60, 'main', 'timer')],
    busy: ['main 0-2 0', 'load 20-22 0', 'main 50-60 0'],
  })
  expect(formatTree(profile)).toEqual([
    'main 60000 12000',
    '  [await] timer 28000 28000',
    '  load 20000 2000',
    '    [await] db 18000 18000',
  ])
  expect(waitLines(profile)).toEqual([
    'main;[await] timer: 1 in 28000, longest 28000',
    'main;load;[await] db: 1 in 18000, longest 18000',
  ])
})

test('what has no name ends no wait: the next that has one does', () => {
  const profile = whole({
    end: 60,
    segments: [
      own(0, 2, 'main'),
      own(20, 22),
      { from: 30, to: 31, of: OURSELVES },
      own(50, 60, 'main;load', 'db'),
    ],
  })
  expect(profile.sources[0]!.ledger).toMatchObject({ await: 45_000, cpu: 14_000, profiler: 1000 })
  expect(waitLines(profile)).toEqual(['main;load;[await] db: 1 in 45000, longest 45000'])
})

test('other branches of the program are its own, never in the way', () => {
  const profile = whole({
    end: 60,
    segments: [
      own(0, 2, 'main'),
      own(20, 50, 'main;other', 'file'),
      { ...own(50, 60, 'main;load', 'timer'), ready: 25, task: 50 },
    ],
    turns: [TURNS[0]!, TURNS[1]!],
    busy: ['other 20-50 0'],
  })
  expect(profile.sources[0]!.ledger).toMatchObject({ blocked: 0, await: 18_000, cpu: 42_000 })
})

test('what the loop does before it calls is the callback’s, unless it has slept', () => {
  const profile = whole({
    end: 60,
    segments: [own(0, 2, 'main'), own(8, 10, 'main;load', 'TCP'), own(50, 60, 'main', 'timer')],
    turns: [
      { at: 11, slept: false },
      { at: 49.9, slept: true },
    ],
  })
  expect(formatTree(profile)).toEqual([
    'main 60000 12000',
    '  [await] timer 40000 40000',
    '  load 8000 8000',
  ])
})

test('what is busy in no segment is its own, and so is the end if the loop does not sleep', () => {
  const profile = whole({
    end: 60,
    segments: [own(0, 2, 'main'), own(20, 22, 'main', 'db')],
    turns: TURNS.slice(0, 2),
    busy: ['native 30-40 0', 'goodbye 55-60 0'],
  })
  const { ledger } = profile.sources[0]!
  expect(ledger.unknown + ledger.blocked).toBe(0)
  const names = formatTree(profile).map((line) => line.split(' ')[0])
  expect(names).toContain('native')
  expect(names).toContain('goodbye')
})

test('requests are told apart from the rest by name', () => {
  const profile = whole({
    end: 60,
    segments: [
      own(0, 2, 'main'),
      { from: 20, to: 22, of: OTHER, below: 'handler', what: 'TCP' },
      own(50, 60, 'main', 'timer'),
    ],
  })
  expect(formatTree(profile)).toEqual([
    'main 40000 12000',
    '  [await] timer 28000 28000',
    'GET /other 20000 0',
    '  handler 20000 2000',
    '    [await] TCP 18000 18000',
  ])
})

test('where it was not followed, samples tell, and waits have no names', () => {
  const profile = whole({
    end: 60,
    segments: [
      own(0, 2, 'main'),
      { from: 2, to: 30, of: UNFOLLOWED },
      own(50, 60, 'main;load', 'db'),
    ],
    busy: ['main 0-2 0', 'hot 10-20 0', 'load 50-60 0'],
  })
  const tree = formatTree(profile)
  expect(tree).toContain('hot 10000 10000')
  expect(tree).toContain('[await] 18000 18000')
  expect(waitLines(profile)).toEqual(['main;load;[await] db: 1 in 20000, longest 20000'])
  expect(profile.warnings).toContainEqual(expect.stringMatching(/^for 28 ms of it awaits/))
})

test('there, too, requests are told apart, by the labels of their samples', () => {
  const profile = whole({
    end: 60,
    segments: [own(0, 2, 'main'), { from: 2, to: 50, of: UNFOLLOWED }],
    busy: ['main 0-2 0', `handler 10-20 ${OTHER}`, 'hot 20-30 0', `handler 30-40 ${OTHER}`],
  })
  const tree = formatTree(profile)
  expect(tree).toContain('GET /other 20000 0')
  expect(tree).toContain('  handler 20000 20000')
  expect(tree).toContain('hot 10000 10000')
})

test('a program waits for a request, and a request for none of itself', () => {
  const profile = whole({
    end: 60,
    segments: [
      own(0, 2, 'main'),
      own(20, 22, 'main', REST_OF_REQUEST),
      { from: 30, to: 31, of: OTHER, below: 'handler', what: REST_OF_REQUEST },
      { from: 50, to: 60, of: OTHER, below: 'handler', what: 'db' },
    ],
    turns: [
      { at: 1.9, slept: false },
      { at: 19.9, slept: true },
      { at: 29.9, slept: true },
      { at: 49.9, slept: true },
      { at: 59.9, slept: false },
    ],
  })
  expect(waitLines(profile)).toEqual([
    'GET /other;handler;[await] db: 1 in 27000, longest 27000',
    'main;[await] request: 1 in 18000, longest 18000',
  ])
})
