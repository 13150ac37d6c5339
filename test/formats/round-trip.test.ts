/** Properties: what is written is read back, for any tree. */
import fc from 'fast-check'
import { Profile as PprofProfile } from 'pprof-format'
import { describe, expect, test } from 'vitest'
import { decodeProfile, encodeProfile } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import { addLedgers } from '../../src/profile/ledger.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { anyProfile } from '../support/arbitrary.js'
import { dumpOf, metaOf } from '../support/dumps.js'
import { firefoxFileOf } from '../support/firefox.js'
import { checkRoundTrip, FORMATS } from '../support/formats.js'
import { ledgerOf, waitLines } from '../support/sums.js'
import { profileFrom } from '../support/trees.js'

describe('write, then read', () => {
  for (const format of FORMATS) {
    test(`${format} keeps the tree and the total`, () => {
      fc.assert(
        fc.property(anyProfile(), (profile) => {
          checkRoundTrip(profile, format)
        }),
        { numRuns: 150 },
      )
    })
  }

  describe('a profile without samples', () => {
    for (const format of FORMATS) {
      for (const unit of ['microseconds', 'samples', 'bytes'] as const) {
        test(`as ${format}, of ${unit}, says of itself what one with samples does`, () => {
          const [none, some] = ['', 'main;a@/a.js:1:2 3'].map((lines) => {
            const profile = profileFrom(lines, { unit, name: 'GET /x' })
            const { frames, stacks, samples, ...facts } = checkRoundTrip(profile, format)
            return { facts, count: samples.stack.length }
          })
          expect(none).toEqual({ facts: some!.facts, count: 0 })
        })
      }

      test(`as ${format}, of a dump of ours, too`, () => {
        const [none, some] = ['', 'main 3'].map((lines) => {
          const { sources, name, unit } = checkRoundTrip(dumpOf('1', lines), format)
          return { name, unit, ids: sources.map(({ id }) => id) }
        })
        expect(none).toEqual(some)
      })
    }

    test('is a thread of nothing for the Firefox Profiler', () => {
      const { threads } = firefoxFileOf(profileFrom('', { name: 'GET /x' }))
      expect(threads.map(({ name, samples }) => [name, samples.stack])).toEqual([['GET /x', []]])
    })
  })

  test('a value of pprof is the time in which its own code had the CPU', () => {
    const dumps = fc.array(anyProfile({ labels: false }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(dumps, (profiles) => {
        const merged = mergeProfiles(
          profiles.map((profile, i) => {
            const facts = { ledger: ledgerOf([profile]), durationMicros: totalWeight(profile) }
            return { ...profile, timeline: true, sources: [metaOf(`${i}`, facts)] }
          }),
        )
        const file = PprofProfile.decode(encodeProfile(merged, 'pprof'))
        const ownCpu = file.sample.reduce((sum, { value }) => sum + BigInt(value[1]!), 0n)
        const { cpu } = addLedgers(merged.sources.map(({ ledger }) => ledger))
        expect(ownCpu).toBe(BigInt(cpu) * 1000n)
      }),
      { numRuns: 100 },
    )
  })

  test('cpuprofile keeps every sample with its labels, in order, and every wait', () => {
    fc.assert(
      fc.property(anyProfile(), (profile) => {
        const back = decodeProfile(encodeProfile(profile, 'cpuprofile'), 'x')
        const seen = [...profile.samples.weight.keys()].filter(
          (i) => profile.samples.weight[i] !== 0,
        )
        expect([...back.samples.weight]).toEqual(seen.map((i) => profile.samples.weight[i]))
        const labelsOf = (from: typeof profile, i: number) => [
          ...from.labelSets[from.samples.labelSet[i]!]!,
        ]
        seen.forEach((i, j) => {
          expect(labelsOf(back, j)).toEqual(labelsOf(profile, i))
        })
        expect(back).toMatchObject({ unit: profile.unit, timeline: profile.timeline })
        expect(waitLines(back)).toEqual(waitLines(profile))
        expect(ledgerOf([back])).toEqual(ledgerOf([profile]))
      }),
      { numRuns: 150 },
    )
  })

  test('cpuprofile keeps what the reader of a merge had to say', () => {
    const merged = { ...profileFrom('main 3', { timeline: false }), warnings: ['x was left out'] }
    expect(decodeProfile(encodeProfile(merged, 'cpuprofile'), 'x').warnings).toEqual(
      merged.warnings,
    )
  })

  test('cpuprofile gives a reader of either convention the same time per node', () => {
    fc.assert(
      fc.property(anyProfile(), (profile) => {
        const file = JSON.parse(new TextDecoder().decode(encodeProfile(profile, 'cpuprofile')))
        const before = new Map<number, number>()
        const after = new Map<number, number>()
        const add = (times: Map<number, number>, node: number, time: number) => {
          times.set(node, (times.get(node) ?? 0) + time)
        }
        file.samples.forEach((node: number, i: number) => {
          add(before, node, file.timeDeltas[i])
          add(after, node, file.timeDeltas[i + 1] ?? 0)
        })
        expect(after).toEqual(before)
        const total = file.timeDeltas.reduce((sum: number, delta: number) => sum + delta, 0)
        expect(file.endTime - file.startTime).toBe(total)
        expect(total).toBe(totalWeight(profile))
      }),
      { numRuns: 150 },
    )
  })
})
