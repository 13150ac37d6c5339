import { describe, expect, test } from 'vitest'
import { checkProfile } from '../../src/profile/check.js'
import type { DumpMeta, Profile } from '../../src/profile/profile.js'
import { WaitCounts, waitsByStack } from '../../src/profile/wait-counts.js'
import { canonicalProfile } from '../../src/transform/canonical.js'
import { filterRecordings, filterSamples } from '../../src/transform/filter.js'
import { foldProfile } from '../../src/transform/fold.js'
import { matcherOf } from '../../src/transform/glob.js'
import { joinHelpers } from '../../src/transform/helpers.js'
import { invertProfile } from '../../src/transform/invert.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { pruneProfile } from '../../src/transform/prune.js'
import { rangeOf } from '../../src/transform/range.js'
import { subtreeOf } from '../../src/transform/subtree.js'
import { sumByStack, withoutOrder } from '../../src/transform/sum-by-stack.js'
import { metaOf } from '../support/dumps.js'
import { oneWait, waitLines } from '../support/sums.js'
import { formatTree, profileFrom } from '../support/trees.js'

/** Folded lines; each `[await]` at the end of one is a wait of that line's length. */
function waiting(lines: string, facts: Partial<Profile> = {}): Profile {
  const profile = profileFrom(lines)
  const waits = new WaitCounts()
  const { stack, weight } = profile.samples
  for (let i = 0; i < stack.length; i++) {
    const { name } = profile.frames[profile.stacks.frame[stack[i]!]!]!
    if (name.startsWith('[await]')) waits.add(stack[i]!, 0, oneWait(weight[i]!))
  }
  return checkProfile({ ...profile, ...facts, waits: waits.finish() })
}

function dump(id: string, lines: string, changes: Partial<DumpMeta> = {}): Profile {
  return waiting(lines, { name: 'GET /x', sources: [metaOf(id, changes)] })
}

const Y = { request: { method: 'GET', route: '/y', status: 200, aborted: false } }
const linesOf = (profile: Profile) => waitLines(checkProfile(profile))
const stackOf = ({ frames, stacks }: Profile, name: string) =>
  stacks.frame.findIndex((frame) => frames[frame]!.name === name)
const LINES = 'f;[await] db 5\nf;g;[await] db 7\nf 2\nf;[await] db 9'
const ALL = ['f;[await] db: 2 in 14, longest 9', 'f;g;[await] db: 1 in 7, longest 7']

describe('waits', () => {
  test('are added up by stack and by recording', () => {
    const merged = mergeProfiles([dump('1', LINES), dump('2', 'f;[await] db 3', Y)])
    expect(linesOf(merged)).toEqual([
      'f;[await] db {request=1, route=GET /x, worker=1}: 2 in 14, longest 9',
      'f;[await] db {request=2, route=GET /y, worker=1}: 1 in 3, longest 3',
      'f;g;[await] db {request=1, route=GET /x, worker=1}: 1 in 7, longest 7',
    ])
    const sums = waitsByStack(merged)
    expect(sums.get(stackOf(merged, '[await] db'))).toEqual({
      count: 3,
      totalMicros: 17,
      longestMicros: 9,
    })
  })

  test('of a dump that comes twice count once, alone or in another merge', () => {
    const [one, two, three] = [dump('1', LINES), dump('2', LINES), dump('3', LINES)]
    const all = linesOf(mergeProfiles([one, two, three]))
    expect(linesOf(mergeProfiles([one, two, one, three]))).toEqual(all)
    const overlapping = [mergeProfiles([one, two]), mergeProfiles([three, two])]
    expect(linesOf(mergeProfiles(overlapping))).toEqual(all)
  })

  test('go with their recordings where others are filtered out', () => {
    const merged = mergeProfiles([dump('1', LINES), dump('2', 'f;[await] db 3\nh 1', Y)])
    expect(linesOf(filterRecordings(merged, { route: 'GET /y' }).profile)).toEqual([
      'f;[await] db {request=2, route=GET /y, worker=1}: 1 in 3, longest 3',
    ])
    const none = filterSamples(merged, (labels) => labels.get('request') === '4')
    expect(linesOf(none.profile)).toEqual([])
  })

  test('without time keep their place', () => {
    const still = waiting('f 2 {route=GET /x}\nf;[await] tick 0\ng 3 {route=GET /y}')
    const kept = filterSamples(still, (labels) => labels.get('route') !== 'GET /y')
    expect(linesOf(kept.profile)).toEqual(['f;[await] tick: 1 in 0, longest 0'])
    expect(linesOf(sumByStack(still).profile)).toEqual(['f;[await] tick: 1 in 0, longest 0'])
  })

  test('stay in a range of time only where all of them lie in it', () => {
    const profile = waiting(LINES)
    expect(linesOf(rangeOf(profile, { from: 5, to: 13 }).profile)).toEqual([ALL[1]])
    expect(linesOf(rangeOf(profile, { from: 4, to: 12 }).profile)).toEqual([ALL[1]])
    expect(linesOf(rangeOf(profile, { from: 6, to: 23 }).profile)).toEqual([])
    expect(linesOf(rangeOf(profile, { from: 0, to: 23 }).profile)).toEqual(ALL)
  })

  test('lie in a range of time with what blocked them', () => {
    const profile = waiting('f;[await] db 5\nf;[await] db;[blocked];GET /y 4\nf 2')
    expect(linesOf(rangeOf(profile, { from: 0, to: 9 }).profile)).toHaveLength(1)
    expect(linesOf(rangeOf(profile, { from: 0, to: 8 }).profile)).toEqual([])
  })

  test('below a call are those of the call', () => {
    const profile = waiting(LINES)
    const below = (name: string) => linesOf(subtreeOf(profile, stackOf(profile, name)).profile)
    expect(below('g')).toEqual(['g;[await] db: 1 in 7, longest 7'])
    expect(below('[await] db')).toEqual(['[await] db: 2 in 14, longest 9'])
  })

  test('are those of all who waited where callers are below', () => {
    const profile = waiting(`${LINES}\n[await] timer 4`)
    expect(linesOf(invertProfile(profile).profile)).toEqual([
      '[await] db: 3 in 21, longest 9',
      '[await] timer: 1 in 4, longest 4',
    ])
    // Upside down the same stacks, and yet all waits are its own.
    const itself = waiting('[await] db 4\n[await] db;[await] db 5')
    expect(linesOf(invertProfile(itself).profile)).toEqual(['[await] db: 2 in 9, longest 5'])
  })

  test('are gone with an await that is not shown as one any more', () => {
    const profile = waiting(`${LINES}\nf 1000`)
    expect(linesOf(pruneProfile(profile, 0.01).profile)).toEqual([ALL[0]])
    const rules = { libraries: false, hide: matcherOf(['*']), show: matcherOf(['shown']) }
    const folded = foldProfile(waiting('main;f;g;[await] db 5\nshown 95'), rules)
    expect(formatTree(folded.profile)).toEqual([
      'shown 95 95',
      'main 5 0',
      '  [3 frames hidden] 5 5',
    ])
    expect(linesOf(folded.profile)).toEqual([])
  })

  test('of an async function that a compiler took apart become one', () => {
    const profile = waiting(`
      f@/a.js:1:1;[await] db 5
      f@/a.js:1:1;__awaiter@/a.js:9:9;[await] db 6
    `)
    expect(linesOf(joinHelpers(profile, () => false).profile)).toEqual([
      'f;[await] db: 2 in 11, longest 6',
    ])
  })

  test('do not depend on the order of tables, of time or of labels', () => {
    const merged = mergeProfiles([dump('1', LINES), dump('2', LINES)])
    expect(linesOf(canonicalProfile(withoutOrder(merged)))).toEqual(linesOf(merged))
    expect(linesOf(sumByStack(merged).profile)).toEqual([
      'f;[await] db: 4 in 28, longest 9',
      'f;g;[await] db: 2 in 14, longest 7',
    ])
  })
})

describe('a profile is refused', () => {
  const profile = waiting(LINES)
  const [first, second] = profile.waits

  test.each([
    ['waits at something else', [{ ...first!, stack: 1 }]],
    ['no wait at all', [{ ...first!, count: 0 }]],
    ['a longest that is longer than all', [{ ...first!, longestMicros: 15 }]],
    ['half a microsecond', [{ ...first!, totalMicros: 14.5 }]],
    ['waits of nobody', [{ ...first!, labelSet: 1 }]],
    ['the same twice', [first!, first!]],
    ['another order', [second!, first!]],
  ])('for %s', (_, waits) => {
    expect(() => checkProfile({ ...profile, waits })).toThrow(/^waits\[/)
  })
})
