import { describe, expect, test } from 'vitest'
import { decodeProfile, encodeProfile } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { dumpOf, metaOf } from '../support/dumps.js'
import { checkRoundTrip, refusal } from '../support/formats.js'
import { formatTree, profileOf } from '../support/trees.js'

const FRAMES = [{ name: 'a', file: 'a.js', line: 3, col: 4 }, { name: 'b' }]

const bytesOf = (...profiles: object[]) =>
  new TextEncoder().encode(JSON.stringify({ shared: { frames: FRAMES }, profiles }))
const read = (...profiles: object[]) => decodeProfile(bytesOf(...profiles), 'x')
const refused = (...profiles: object[]) => refusal(bytesOf(...profiles))

const sampled = (facts: object) => ({ type: 'sampled', name: 'p', unit: 'milliseconds', ...facts })
const evented = (...events: string[]) => ({
  type: 'evented',
  name: 'p',
  unit: 'microseconds',
  startValue: 10,
  endValue: 30,
  events: events.map((event) => {
    const [type, frame, time] = event.split(' ')
    return { type, frame: Number(frame), at: Number(time) }
  }),
})

describe('reading', () => {
  test('reads samples in any unit', () => {
    const profile = read(
      sampled({ samples: [[0, 1], [0], []], weights: [1.5, 2, 0.25], startValue: 7 }),
    )
    expect(formatTree(profile, { places: true })).toEqual([
      '(root) 3750 250',
      'a@a.js:3:4 3500 2000',
      '  b 1500 1500',
    ])
    expect(profile).toMatchObject({
      unit: 'microseconds',
      timeline: true,
      startMicros: 7000,
      name: 'p',
    })
    expect(read(sampled({ unit: 'none', samples: [[0]], weights: [2] })).unit).toBe('samples')
    expect(read(sampled({ unit: 'bytes', samples: [[0]], weights: [2] })).unit).toBe('bytes')
  })

  test('reads events, and gives time in no frame to the root', () => {
    const profile = read(evented('O 0 12', 'O 1 14', 'C 1 20', 'C 0 25'))
    expect(formatTree(profile)).toEqual(['(root) 20 7', 'a 13 7', '  b 6 6'])
  })

  test('makes one profile of several, told apart by a label', () => {
    const part = { samples: [[0]], weights: [1] }
    const profile = read(sampled(part), sampled(part), sampled({ ...part, name: 'q' }))
    const labels = [...profile.samples.labelSet].map((set) =>
      profile.labelSets[set]!.get('profile'),
    )
    expect(labels).toEqual(['p', 'p (2)', 'q'])
    expect(profile.timeline).toBe(false)
  })
})

describe('refusing', () => {
  test('names the place', () => {
    expect(refused(evented('O 0 12'))).toBe('BAD_INPUT: profiles[0].events leaves 1 frames open')
    expect(refused(evented('O 0 12', 'O 1 13', 'C 0 14'))).toBe(
      'BAD_INPUT: profiles[0].events[2] closes a frame that is not the last opened',
    )
    expect(refused(evented('O 0 12', 'C 0 11'))).toBe(
      'BAD_INPUT: profiles[0].events[1] goes back in time',
    )
    expect(refused(evented('O 7 12'))).toBe(
      'BAD_INPUT: profiles[0].events[0] names a frame that is not in the file',
    )
    expect(refused(sampled({ samples: [[0]], weights: [] }))).toBe(
      'BAD_INPUT: profiles[0] has 1 samples but 0 weights',
    )
    expect(refused(sampled({ samples: [[0]], weights: [-1] }))).toBe(
      'BAD_INPUT: profiles[0].weights[0] is bad',
    )
    expect(refused(sampled({ unit: 'hours' }))).toBe(
      'BAD_INPUT: profiles[0].unit is unknown (hours)',
    )
    expect(refused({ type: 'flame', unit: 'none' })).toBe(
      'BAD_INPUT: profiles[0].type is neither sampled nor evented',
    )
    const none = { samples: [], weights: [] }
    expect(refused(sampled(none), sampled({ ...none, unit: 'bytes' }))).toBe(
      'MIXED_UNITS: profiles[1] counts bytes, not microseconds',
    )
    expect(refusal('{"profiles":[]}')).toBe('BAD_INPUT: shared.frames is not a list')
  })
})

describe('writing', () => {
  test('makes one sample of equal stacks in a row', () => {
    const bytes = encodeProfile(
      profileOf`
      a@a.js:3:4;b 1
      a@a.js:3:4;b 2
      a@a.js:3:4 3`,
      'speedscope',
    )
    const file = JSON.parse(new TextDecoder().decode(bytes))
    expect(file.profiles[0]).toMatchObject({ samples: [[1, 2], [1]], weights: [3, 3], endValue: 6 })
    expect(file.shared.frames[1]).toEqual({ name: 'a', file: 'a.js', line: 3, col: 4 })
  })

  test('makes a profile of each request, the longest first, and before them one of all', () => {
    const process = (workerId: number) => ({ process: { ...metaOf('').process, workerId } })
    const aborted = { method: 'GET', route: '/y', status: 499, aborted: true }
    const profile = mergeProfiles([
      dumpOf('1', 'a 1\nb 4', process(7)),
      dumpOf('2', 'a 20', { request: aborted, ...process(8) }),
      dumpOf('3', 'b 5', process(7)),
      dumpOf('4', 'c 2', { request: null, kind: 'process', ...process(8) }),
    ])
    const file = JSON.parse(new TextDecoder().decode(encodeProfile(profile, 'speedscope')))
    const shown = file.profiles.map(
      ({ name, startValue, endValue, weights }: Record<string, unknown>) =>
        `${name}: ${startValue} to ${endValue}, ${weights}`,
    )
    expect(shown).toEqual([
      'all together: 0 to 32, 21,9,2',
      'GET /y · 499 aborted · worker 8: 0 to 20, 20',
      'GET /x · 200 · worker 7: 0 to 5, 1,4',
      'GET /x · 200 · worker 7: 0 to 5, 5',
      '4 · worker 8: 0 to 2, 2',
    ])
    expect(file.activeProfileIndex).toBe(0)
    const back = checkRoundTrip(profile, 'speedscope')
    expect(back.labelSets.map((labels) => labels.get('profile'))).toEqual([
      undefined,
      'GET /y · 499 aborted · worker 8',
      'GET /x · 200 · worker 7',
      'GET /x · 200 · worker 7 (2)',
      '4 · worker 8',
    ])
    checkRoundTrip(back, 'speedscope')
  })

  test('leaves a single dump one profile', () => {
    const bytes = encodeProfile(mergeProfiles([dumpOf('1', 'a 1\nb 4\na 2')]), 'speedscope')
    const { profiles } = JSON.parse(new TextDecoder().decode(bytes))
    expect(profiles).toMatchObject([{ name: 'GET /x · 200 · worker 1', weights: [1, 4, 2] }])
    expect(decodeProfile(bytes, 'x').timeline).toBe(true)
  })
})

describe('a profile of all together', () => {
  const part = { samples: [[0]], weights: [1] }
  const all = (...weights: number[]) =>
    sampled({ name: 'all together', samples: weights.map(() => [0]), weights })

  test('is not counted twice, also when it was saved by another program', () => {
    expect(totalWeight(read(all(2), sampled(part), sampled(part)))).toBe(2000)
    const ours = { name: 'all together', unit: 'milliseconds', endValue: 12 }
    const saved = { ...evented('O 0 10', 'C 0 12'), ...ours }
    expect(totalWeight(read(saved, sampled(part), sampled(part)))).toBe(2000)
  })

  test('is counted where its time is its own', () => {
    expect(totalWeight(read(all(2)))).toBe(2000)
    expect(totalWeight(read(all(5), sampled(part), sampled(part)))).toBe(7000)
    expect(totalWeight(read(sampled(part), sampled(part), all(2)))).toBe(4000)
  })
})
