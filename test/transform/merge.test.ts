import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeProfile, encodeProfile } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import { checkProfile } from '../../src/profile/check.js'
import type { Profile } from '../../src/profile/profile.js'
import { filterSamples } from '../../src/transform/filter.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { anyProfile } from '../support/arbitrary.js'
import { dumpOf, metaOf } from '../support/dumps.js'
import { ledgerOf, waitSum } from '../support/sums.js'
import { formatTree, profileFrom } from '../support/trees.js'

const bytesOf = (profile: Profile) =>
  new TextDecoder().decode(encodeProfile(checkProfile(profile), 'cpuprofile'))

/** `stack weight {labels}` of each sample. */
function samplesOf({ frames, stacks, samples, labelSets }: Profile): string[] {
  return [...samples.stack].map((leaf, i) => {
    const path: string[] = []
    for (let stack = leaf; stack > 0; stack = stacks.parent[stack]!) {
      path.push(frames[stacks.frame[stack]!]!.name)
    }
    const labels = [...labelSets[samples.labelSet[i]!]!].map(([key, value]) => `${key}=${value}`)
    return `${path.reverse().join(';')} ${samples.weight[i]} {${labels.join(', ')}}`
  })
}

const ONE = dumpOf('id-1', 'main;a 3\nmain;b 4\nmain;a 5')
const TWO = dumpOf('id-2', 'main;a 10\nmain 1', {
  request: { method: 'POST', route: '/y', status: 201, aborted: false },
  process: { ...metaOf('').process, workerId: 0, pid: 77 },
})

describe('mergeProfiles', () => {
  test('adds up per stack and keeps worker, route and request apart', () => {
    const merged = checkProfile(mergeProfiles([TWO, ONE]))
    expect(formatTree(merged)).toEqual(['main 23 1', '  a 18 18', '  b 4 4'])
    expect(samplesOf(merged)).toEqual([
      'main 1 {request=id-2, route=POST /y, worker=77}',
      'main;a 8 {request=id-1, route=GET /x, worker=1}',
      'main;a 10 {request=id-2, route=POST /y, worker=77}',
      'main;b 4 {request=id-1, route=GET /x, worker=1}',
    ])
    expect(merged.sources.map(({ id }) => id)).toEqual(['id-1', 'id-2'])
    expect(merged.timeline).toBe(false)
  })

  test('counts a dump once, alone or inside another merge', () => {
    const both = bytesOf(mergeProfiles([ONE, TWO]))
    expect(bytesOf(mergeProfiles([ONE, TWO, ONE, TWO]))).toEqual(both)
    const [first, second] = [mergeProfiles([ONE, TWO]), mergeProfiles([TWO, dumpOf('id-3', 'c 1')])]
    const all = mergeProfiles([ONE, TWO, dumpOf('id-3', 'c 1')])
    expect(bytesOf(mergeProfiles([first, second]))).toEqual(bytesOf(all))
    expect(bytesOf(mergeProfiles([ONE, first]))).toEqual(both)
  })

  test('gives one profile back with its labels and its timeline', () => {
    for (const profiles of [[ONE], [ONE, ONE]]) {
      const merged = checkProfile(mergeProfiles(profiles))
      expect(merged).toMatchObject({ timeline: true, name: 'GET /x', sources: ONE.sources })
      expect(samplesOf(merged)[1]).toBe('main;b 4 {request=id-1, route=GET /x, worker=1}')
    }
  })

  test('keeps labels that a dump has', () => {
    const labelled = dumpOf('id-1', 'a 3 {worker=9, trace_id=x}')
    expect(samplesOf(mergeProfiles([labelled]))).toEqual([
      'a 3 {request=id-1, route=GET /x, trace_id=x, worker=9}',
    ])
  })

  test('adds up what has a label of before between what has new ones', () => {
    const before = profileFrom('a 1 {set=old}', { timeline: false })
    const sets = ['new', 'old', 'new', 'other', 'new']
    const lines = sets.map((set, i) => `a ${2 ** i} {set=${set}}`)
    const mixed = profileFrom(lines.join('\n'), { timeline: false })
    expect(samplesOf(checkProfile(mergeProfiles([before, mixed])))).toEqual([
      'a 21 {set=new}',
      'a 3 {set=old}',
      'a 8 {set=other}',
    ])
  })

  test('keeps the functions of two files apart, whatever their names', () => {
    const profiles = ['f@a.js:1:1', 'f@b.js:1:1', 'f@a.js:2:1', 'f@a.js:1:2'].map((f) =>
      profileFrom(`${f} 1`),
    )
    expect(mergeProfiles(profiles).samples.stack.length).toBe(4)
  })

  test('refuses to add bytes to time', () => {
    const bytes = profileFrom('a 1', { unit: 'bytes' })
    expect(() => mergeProfiles([ONE, bytes])).toThrow('cannot add bytes to microseconds')
  })

  test('makes an empty profile of none', () => {
    expect(totalWeight(checkProfile(mergeProfiles([])))).toBe(0)
  })

  test('leaves its input alone', () => {
    const before = bytesOf(ONE)
    mergeProfiles([ONE, TWO])
    expect(bytesOf(ONE)).toEqual(before)
  })
})

describe('dumps of both versions', () => {
  const lines = 'f;[await] db;[blocked];GET /y;g 30\nf;[await] db 4\nf 6'
  const old = (id: string) => dumpOf(id, lines, { version: 1, writer: '' })
  const FOREIGN = [
    'f 80 12',
    '  [await] db 68 8',
    '    [foreign time while waiting (version 1)] 30 0',
    '      GET /y 30 0',
    '        g 30 30',
    '    [blocked] 30 0',
    '      GET /y 30 0',
    '        g 30 30',
  ]

  test('are never added up under one name of blocked time', () => {
    const mixed = mergeProfiles([old('1'), dumpOf('2', lines)])
    expect(formatTree(checkProfile(mixed))).toEqual(FOREIGN)
    expect(ledgerOf([mixed])).toMatchObject({ cpu: 12, await: 8, blocked: 60 })
  })

  test('of version 1 alone are what they were, whatever they were merged with on the way', () => {
    const two = mergeProfiles([old('1'), old('2')])
    expect(formatTree(two).join('\n')).not.toContain('foreign')
    const mixed = mergeProfiles([two, dumpOf('3', lines)])
    expect(formatTree(mixed)[2]).toBe('    [foreign time while waiting (version 1)] 60 0')
    const left = filterSamples(mixed, (labels) => labels.get('request') !== '3').profile
    const sources = left.sources.filter(({ id }) => id !== '3')
    const alone = mergeProfiles([{ ...left, sources }, old('4')])
    expect(formatTree(alone)[2]).toBe('    [blocked] 90 0')
  })

  test('leave what is of no dump alone', () => {
    const foreign = profileFrom('f;[blocked];GET /y 5', { timeline: false })
    const merged = mergeProfiles([mergeProfiles([foreign, old('1')]), old('2')])
    expect(formatTree(merged).filter((line) => line.startsWith('  '))).toContain('  [blocked] 5 0')
  })
})

describe('for any profiles', () => {
  const someDumps = fc
    .array(fc.tuple(anyProfile(), fc.constantFrom(null, 1, 2)), { minLength: 2, maxLength: 5 })
    .map((profiles) =>
      profiles.map(([profile, version], i): Profile => {
        if (version === null) return profile
        const sources = [metaOf(`id-${i}`, version === 1 ? { version, writer: '' } : {})]
        const waits = version === 1 ? [] : profile.waits
        return { ...profile, name: 'GET /x', timeline: true, waits, sources }
      }),
    )

  test('order and grouping do not matter, and no time is lost', () => {
    fc.assert(
      fc.property(someDumps, fc.nat(), (profiles, seed) => {
        const merged = bytesOf(mergeProfiles(profiles))
        expect(bytesOf(mergeProfiles([...profiles].reverse()))).toEqual(merged)
        const cut = 1 + (seed % (profiles.length - 1))
        const left = mergeProfiles(profiles.slice(0, cut))
        const right = mergeProfiles(profiles.slice(cut))
        expect(bytesOf(mergeProfiles([left, right]))).toEqual(merged)
        expect(bytesOf(mergeProfiles([right, left]))).toEqual(merged)
        const stored = [left, right].map((part) =>
          decodeProfile(new TextEncoder().encode(bytesOf(part)), 'x'),
        )
        expect(bytesOf(mergeProfiles(stored))).toEqual(merged)
        const total = profiles.reduce((sum, profile) => sum + totalWeight(profile), 0)
        const back = decodeProfile(new TextEncoder().encode(merged), 'x')
        expect(totalWeight(back)).toBe(total)
        expect(waitSum([back])).toEqual(waitSum(profiles))
        expect(ledgerOf([back])).toEqual(ledgerOf(profiles))
      }),
      { numRuns: 200 },
    )
  })
})
