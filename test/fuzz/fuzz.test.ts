/** Files that are nearly profiles: the short form of `npm run fuzz`, and those that once failed. */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeProfile, decodeSource, encodeProfile, isGzip } from '../../src/formats/registry.js'
import { Budget, memoryFor, withBudget } from '../../src/profile/budget.js'
import { totalWeight } from '../../src/profile/calltree.js'
import { checkProfile } from '../../src/profile/check.js'
import type { Profile } from '../../src/profile/profile.js'
import { inflate } from '../../src/store/gzip.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { anyProfile } from '../support/arbitrary.js'
import { houseOf, judge } from './judge.mjs'
import { type Mutant, mutant, seeds } from './mutants.mjs'

const CRASHERS = new URL('./crashers/', import.meta.url)
const HOUSE = houseOf({
  ...{ decodeProfile, decodeSource, encodeProfile, isGzip, inflate, totalWeight, mergeProfiles },
  ...{ Budget, memoryFor, withBudget },
})

test('1,200 mutants of every format are read with all their time, or refused in one line', () => {
  const from = seeds()
  let read = 0
  const counting = {
    ...HOUSE,
    read: (bytes: Uint8Array, name: string): Profile => {
      const profile = HOUSE.read(bytes, name)
      read++
      return profile
    },
  }
  const faults: string[] = []
  for (let number = 0; number < 1200; number++) {
    const fault = judge(mutant(number, from), counting)
    if (fault !== null) faults.push(`mutant ${number}: ${fault}`)
  }
  expect(faults).toEqual([])
  // Nearly profiles: neither is everything read nor everything refused.
  expect(read).toBeGreaterThan(100)
})

test('a mutant is the same for the same number', () => {
  const from = seeds()
  for (const number of [1, 77, 1000]) expect(mutant(number, from)).toEqual(mutant(number, from))
  const kinds = new Set(Array.from({ length: 200 }, (_, i) => mutant(i, from).name))
  expect(kinds.size).toBe(from.length)
})

test('what is not as it should be is found', () => {
  const good: Mutant = seeds().find(({ name }) => name === 'node24.cpuprofile')!
  expect(judge(good, HOUSE)).toBeNull()
  const throwing = (error: unknown) => () => {
    throw error
  }
  const faultOf = (changes: Partial<typeof HOUSE>) => judge(good, { ...HOUSE, ...changes })
  expect(faultOf({ read: throwing(new TypeError('x is not a function')) })).toMatch(/^foreign/)
  const twoLines = Object.assign(new Error('a\nb'), { name: 'ProfviewError', code: 'BAD_INPUT' })
  expect(faultOf({ read: throwing(twoLines) })).toMatch(/^not one harmless line/)
  const half = (bytes: Uint8Array, name: string): Profile => {
    const profile = HOUSE.read(bytes, name)
    const weight = profile.samples.weight.map((each) => Math.floor(each / 2))
    return { ...profile, samples: { ...profile.samples, weight } }
  }
  expect(faultOf({ read: half })).toMatch(/another total in pieces/)
  expect(faultOf({ read: half, readInPieces: half })).toMatch(/in the file, \d+ read/)
})

describe('files that once were not read as they should be', () => {
  const names = readdirSync(CRASHERS).filter((name) => name !== 'README.md')
  test.each(names)('%s', (name) => {
    const bytes = readFileSync(new URL(name, CRASHERS))
    expect(judge({ name: name.replace(/^\d+-/, ''), bytes }, HOUSE)).toBeNull()
  })
})

describe('for any tables', () => {
  const mostly = (most: number, ...others: number[]) =>
    fc.oneof({ weight: 9, arbitrary: fc.nat({ max: most }) }, fc.constantFrom(...others))
  const stackRows = fc.array(fc.tuple(mostly(2, -1, 3), mostly(0, -1, 1, 2)), { maxLength: 3 })
  const weight = mostly(5, -2, 0.5, 2 ** 53 - 1, 2 ** 53, Number.NaN)
  const sampleRows = fc.array(fc.tuple(mostly(1, -1, 2, 9), weight, mostly(0, -1, 1)), {
    maxLength: 4,
  })

  test('the check says yes or one line, and a yes can be added up, merged and written', () => {
    let good = 0
    fc.assert(
      fc.property(stackRows, sampleRows, (stacks, samples) => {
        const frames = ['(root)', 'a', 'b'].map((name) => ({ name, file: '', line: 0, column: 0 }))
        const profile: Profile = {
          ...{ name: 'any', unit: 'microseconds', timeline: false, startMicros: 0, waits: [] },
          ...{ sources: [], warnings: [], frames, labelSets: [new Map()] },
          stacks: {
            frame: Int32Array.of(0, ...stacks.map(([frame]) => frame)),
            parent: Int32Array.of(-1, ...stacks.map(([, parent]) => parent)),
          },
          samples: {
            stack: Int32Array.from(samples, ([stack]) => stack),
            weight: Float64Array.from(samples, ([, weight]) => weight),
            labelSet: Int32Array.from(samples, ([, , set]) => set),
          },
        }
        try {
          checkProfile(profile)
        } catch (error) {
          expect(error).toMatchObject({ name: 'ProfviewError', code: 'BAD_INPUT' })
          return
        }
        good++
        const total = totalWeight(profile)
        expect(Number.isSafeInteger(total)).toBe(true)
        if (Number.isSafeInteger(2 * total) && samples.every(([, each]) => each >= 0)) {
          expect(totalWeight(mergeProfiles([profile, profile]))).toBe(2 * total)
          expect(totalWeight(HOUSE.read(HOUSE.write(profile), 'x.cpuprofile'))).toBe(total)
        }
      }),
      { numRuns: 2000 },
    )
    expect(good).toBeGreaterThan(20)
  })

  test('merging is associative, in any order, and loses no time', () => {
    fc.assert(
      fc.property(anyProfile(), anyProfile(), anyProfile(), (a, b, c) => {
        const text = (...profiles: Profile[]) =>
          Buffer.from(encodeProfile(mergeProfiles(profiles), 'cpuprofile')).toString()
        const all = text(a, b, c)
        expect(text(mergeProfiles([a, b]), c)).toBe(all)
        expect(text(a, mergeProfiles([b, c]))).toBe(all)
        expect(text(c, a, b)).toBe(all)
        const sum = [a, b, c].reduce((total, each) => total + totalWeight(each), 0)
        expect(totalWeight(mergeProfiles([a, b, c]))).toBe(sum)
      }),
      { numRuns: 60 },
    )
  })
})
