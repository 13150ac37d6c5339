import { describe, expect, test } from 'vitest'
import { buildCallTree } from '../../src/profile/calltree.js'
import { waitsByStack } from '../../src/profile/wait-counts.js'
import { ME, OTHER, profileOfScene, type Scene, type SceneSegment } from '../support/scenes.js'
import { waitLines } from '../support/sums.js'

const own = (from: number, to: number, what?: string): SceneSegment => ({
  ...{ from, to, of: ME, below: 'app;load' },
  ...(what === undefined ? {} : { what }),
})

const THREE: Scene = {
  end: 60,
  segments: [own(0, 1), own(11, 12, 'db'), own(32, 33, 'db'), own(38, 40, 'timer'), own(45, 50)],
}

describe('waits', () => {
  test('are what is between two own segments', () => {
    expect(waitLines(profileOfScene(THREE))).toEqual([
      'app;[await]: 1 in 10000, longest 10000',
      'app;load;[await] db: 2 in 30000, longest 20000',
      'app;load;[await] timer: 1 in 5000, longest 5000',
      'app;load;[await]: 1 in 5000, longest 5000',
    ])
  })

  test('end when what was waited for is there, whoever is in the way then', () => {
    const profile = profileOfScene({
      end: 60,
      segments: [
        own(0, 1),
        { from: 20, to: 50, of: OTHER },
        { ...own(50, 60, 'timer 25 ms'), ready: 26, task: 50 },
      ],
      busy: ['report 20-50 8'],
    })
    expect(profile.sources[0]!.ledger).toMatchObject({ await: 25_000, blocked: 24_000 })
    expect(waitLines(profile)).toEqual(['app;load;[await] timer 25 ms: 1 in 25000, longest 25000'])
  })

  test('are not what is between two pieces of code in one callback of the loop', () => {
    const profile = profileOfScene({
      end: 40,
      segments: [
        own(0, 1),
        { ...own(11, 12, 'db'), ready: 11, task: 11 },
        { ...own(13, 14, 'db'), ready: 11, task: 11 },
        { ...own(16, 17, 'dns'), ready: 11, task: 11 },
        { ...own(27, 40, 'db'), ready: 27, task: 27 },
      ],
    })
    expect(waitLines(profile)).toEqual(['app;load;[await] db: 2 in 21000, longest 11000'])
  })

  test('take the time of their nodes, one after the other', () => {
    const profile = profileOfScene({
      ...THREE,
      busy: ['report 3-7 8', 'report 20-31 8'],
      turns: [{ at: 5, slept: true }],
    })
    const { self } = buildCallTree(profile)
    const waits = [...waitsByStack(profile)]
    expect(waits.map(([, { totalMicros }]) => totalMicros)).toEqual(
      waits.map(([stack]) => self[stack]),
    )
    const all = waits.reduce((sum, [, { totalMicros }]) => sum + totalMicros, 0)
    expect(all).toBe(profile.sources[0]!.ledger.await)
  })

  test('at once are as long as each took, and longer together than there was time', () => {
    const answer = (from: number, facts: Partial<SceneSegment> = {}): SceneSegment => ({
      ...{ ...own(from, from + 1, 'db'), ready: from, task: from, asked: 0 },
      ...facts,
    })
    const profile = profileOfScene({
      end: 60,
      segments: [own(0, 1), answer(11), answer(21), answer(31), answer(41, { asked: 31 })],
    })
    expect(waitLines(profile)).toEqual([
      'app;[await]: 1 in 18000, longest 18000',
      'app;load;[await] db: 4 in 69000, longest 30000, 3 at once',
    ])
  })

  test('at once are not longer for the code of others, or of one another’s answers', () => {
    const answer = (from: number, facts: Partial<SceneSegment>): SceneSegment => ({
      ...{ ...own(from, from + 5, 'db'), task: from, asked: 0 },
      ...facts,
    })
    const profile = profileOfScene({
      end: 60,
      segments: [
        own(0, 1),
        // Both were there when the loop woke.
        answer(11, { ready: 11 }),
        answer(16.5, { ready: 11 }),
        { from: 30, to: 50, of: OTHER },
        answer(50, { ready: 41 }),
      ],
      busy: ['report 30-50 8'],
    })
    expect(waitLines(profile)).toContain(
      'app;load;[await] db: 3 in 60000, longest 40000, 3 at once',
    )
  })

  test('at once may be in several places below one function of the app', () => {
    const answer = (from: number, below: string, asked: number): SceneSegment => ({
      ...{ from, to: from + 1, of: ME, below, what: 'db', ready: from, task: from, asked },
    })
    const lines = (...segments: SceneSegment[]) =>
      waitLines(profileOfScene({ end: 40, segments: [own(0, 1), ...segments] })).slice(1)
    expect(
      lines(answer(11, 'app;load;pg.f', 0), answer(21, 'app;load;pg.g', 0), answer(39, 'app', 21)),
    ).toEqual([
      'app;load;pg.f;[await] db: 1 in 10000, longest 10000, 2 at once',
      'app;load;pg.g;[await] db: 1 in 20000, longest 20000, 2 at once',
    ])
    expect(lines(answer(11, 'app;load', 0), answer(39, 'app', 0))).toEqual([
      'app;load;[await] db: 1 in 10000, longest 10000',
    ])
  })

  test('for what comes again and again begin when it last came', () => {
    const tick = (from: number, since: number): SceneSegment => ({
      ...{ ...own(from, from + 1, 'timer 10 ms'), ready: from, task: from, asked: 0, since },
    })
    const profile = profileOfScene({
      end: 31,
      segments: [own(0, 1), tick(10, 0), tick(20, 10), tick(30, 20)],
    })
    expect(waitLines(profile)).toEqual(['app;load;[await] timer 10 ms: 3 in 27000, longest 9000'])
  })

  test('are nobody’s to count where awaits are not followed', () => {
    expect(profileOfScene({ ...THREE, follows: false }).waits).toEqual([])
    expect(profileOfScene({ ...THREE, hasRunSegments: false }).waits).toEqual([])
  })

  test('are not over where the rest of the request comes, which nobody reads', () => {
    const segments = [
      own(0, 1),
      { from: 11, to: 12, of: ME, what: 'request' },
      { from: 15, to: 16, of: ME, what: 'request' },
      { ...own(31, 32, 'db'), asked: 0 },
      { from: 41, to: 42, of: ME, what: 'request' },
    ]
    expect(waitLines(profileOfScene({ end: 50, segments }))).toEqual([
      'app;[await]: 1 in 17000, longest 17000',
      'app;load;[await] db: 1 in 28000, longest 28000',
    ])
  })

  test('are over with it where what comes next was not asked for before', () => {
    const segments = [
      own(0, 1),
      { from: 11, to: 12, of: ME, what: 'request' },
      { ...own(31, 40, 'db'), asked: 11 },
    ]
    expect(waitLines(profileOfScene({ end: 40, segments }))).toEqual([
      'app;[await]: 1 in 10000, longest 10000',
      'app;load;[await] db: 1 in 19000, longest 19000',
    ])
  })

  test('for one answer are one, however many pieces it comes in', () => {
    const segments = [
      own(0, 1),
      { ...own(11, 12, 'db'), answer: 5 },
      { ...own(22, 23, 'db'), answer: 5 },
      { ...own(43, 50, 'db'), answer: 6 },
    ]
    expect(waitLines(profileOfScene({ end: 50, segments }))).toEqual([
      'app;load;[await] db: 2 in 40000, longest 20000',
    ])
  })

  test('for the parts of one that are asked for together have the time of the longest', () => {
    const segments = [
      own(0, 1),
      { ...own(11, 12, 'child'), asked: 0, answer: 5 },
      { ...own(21, 30, 'child'), asked: 0, answer: 5 },
    ]
    expect(waitLines(profileOfScene({ end: 30, segments }))).toEqual([
      'app;load;[await] child: 1 in 20000, longest 20000',
    ])
  })
})
