/** Who was in the way goes by another name wherever others sum by name, and comes back. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  markInTheWay,
  namesBeforeMarks,
  unmarkInTheWay,
} from '../../src/formats/shared/in-the-way.js'
import { checkProfile } from '../../src/profile/check.js'
import type { Profile } from '../../src/profile/profile.js'
import { inTheWayStacks } from '../../src/profile/stack-waits.js'
import { anyProfile } from '../support/arbitrary.js'
import { formatTree, profileOf } from '../support/trees.js'

const treeOf = (profile: Profile) => formatTree(profile, { places: true })

describe('marking', () => {
  test('is below [blocked] alone, and for all that is there', () => {
    const profile = profileOf`
      add@/a.js:1:1 1
      [await] timer;[blocked];GET /x;add@/a.js:1:1;(garbage collector) 8
      [await] timer;[blocked] 2`
    const marked = checkProfile(markInTheWay(profile))
    expect(treeOf(marked)).toEqual([
      '[await] timer 10 0',
      '  [blocked] 10 2',
      '    GET /x [in the way] 8 0',
      '      add [in the way]@/a.js:1:1 8 0',
      '        (garbage collector) [in the way] 8 8',
      'add@/a.js:1:1 1 1',
    ])
    expect(namesBeforeMarks(profile, marked).slice(-3)).toEqual([
      'GET /x',
      'add',
      '(garbage collector)',
    ])
  })

  test('keeps functions apart that have the name already', () => {
    const profile = profileOf`
      [blocked];add [in the way] 1
      [blocked];add 2`
    expect(treeOf(markInTheWay(profile))).toEqual([
      '[blocked] 3 0',
      '  add [in the way] 2 2',
      '  add [in the way] [in the way] 1 1',
    ])
  })
})

test('unmarking gives what was marked, stack by stack', () => {
  fc.assert(
    fc.property(anyProfile(), (profile) => {
      const marked = checkProfile(markInTheWay(profile))
      expect([...marked.stacks.parent]).toEqual([...profile.stacks.parent])
      const isInTheWay = inTheWayStacks(profile)
      for (let i = 1; i < isInTheWay.length; i++) {
        const { name } = marked.frames[marked.stacks.frame[i]!]!
        const was = profile.frames[profile.stacks.frame[i]!]!.name
        expect(name).toBe(isInTheWay[i] ? `${was} [in the way]` : was)
      }
      expect(treeOf(unmarkInTheWay(marked))).toEqual(treeOf(profile))
    }),
    { numRuns: 300 },
  )
})

describe('unmarking', () => {
  test('leaves alone what others call so, and what was written before there were marks', () => {
    const foreign = profileOf`
      main;add [in the way] 1
      [blocked];GET /x;add 2`
    expect(unmarkInTheWay(foreign)).toEqual(foreign)
  })

  test('joins what is the same without its mark', () => {
    const joined = checkProfile(
      unmarkInTheWay(profileOf`
        [blocked];GET /x;add 1
        [blocked];GET /x [in the way];add [in the way] 2`),
    )
    expect(treeOf(joined)).toEqual(['[blocked] 3 0', '  GET /x 3 0', '    add 3 3'])
  })
})
