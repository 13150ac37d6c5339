import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeProfile, encodeProfile } from '../../src/formats/registry.js'
import { ACCOUNTS, accountRow } from '../../src/profile/accounts.js'
import { totalWeight } from '../../src/profile/calltree.js'
import { accountOfKind, frameKind, isOurFrame, syntheticFrame } from '../../src/profile/frames.js'
import { addLedgers, emptyLedger, sumOfLedger } from '../../src/profile/ledger.js'
import type { Labels } from '../../src/profile/profile.js'
import { accountOfStacks } from '../../src/profile/stack-accounts.js'
import { canonicalProfile } from '../../src/transform/canonical.js'
import { filterSamples } from '../../src/transform/filter.js'
import { rangeOf } from '../../src/transform/range.js'
import { sumByStack, withoutOrder } from '../../src/transform/sum-by-stack.js'
import { anyProfile } from '../support/arbitrary.js'
import { ledgerOf, waitSum } from '../support/sums.js'
import { profileFrom } from '../support/trees.js'

describe('the table of accounts', () => {
  const FRAMED = ACCOUNTS.filter((account) => account !== 'cpu')
  const framesOf = (account: (typeof ACCOUNTS)[number]) => {
    const { frame, otherFrames = [] } = accountRow(account)
    return [frame, ...otherFrames]
  }

  test('names the accounts in their order', () => {
    expect(ACCOUNTS.join(' ')).toBe('cpu gc offcpu await blocked profiler unknown')
  })

  test.each(FRAMED)('%s has the time below its frames', (account) => {
    for (const name of framesOf(account)) {
      const profile = profileFrom(`main;${name} 1`)
      const own = accountOfStacks(profile)[profile.samples.stack[0]!]!
      expect(`${name} ${ACCOUNTS[own]}`).toBe(`${name} ${account}`)
    }
  })

  test('gives no frame to two accounts', () => {
    const names = FRAMED.flatMap(framesOf)
    expect(names).toEqual([...new Set(names)])
  })

  test('counts as CPU what is code, and nothing else', () => {
    const kinds = ['main@app', '(root)', 'parse@node:fs', 'f@/x/node_modules/y/z.js', 'native'].map(
      (text) => {
        const [name, file = ''] = text.split('@') as [string, string?]
        return frameKind({ name, file, line: 1, column: 1 })
      },
    )
    expect(kinds).toEqual(['app', 'root', 'node', 'library', 'native'])
    expect(new Set(kinds.map(accountOfKind))).toEqual(new Set(['cpu']))
  })

  test.each([
    ['[await] timer 20 ms', 'await', true],
    ['[await]', 'await', true],
    ['(idle)', 'await', false],
    ['[blocked]', 'blocked', true],
    ['[foreign time while waiting (version 1)]', 'blocked', true],
    ['[off-CPU]', 'offcpu', true],
    ['[profiler]', 'profiler', true],
    ['[unknown]', 'unknown', false],
    ['(program)', 'unknown', false],
    ['(garbage collector)', 'gc', false],
    ['[awaiting]', 'native', false],
  ])('%s is of the kind %s, ours: %s', (name, kind, ours) => {
    expect(frameKind(syntheticFrame(name))).toBe(kind)
    expect(isOurFrame(syntheticFrame(name))).toBe(ours)
    expect(isOurFrame({ ...syntheticFrame(name), file: 'a.js' })).toBe(false)
  })
})

describe('the accounts of stacks', () => {
  test('what ran, or did not run, for somebody else is blocked time', () => {
    const profile = profileFrom(`
      main 1
      main;[off-CPU] 2
      main;(garbage collector) 4
      main;[await] db 8
      main;[await] db;[blocked] 16
      main;[await] db;[blocked];GET /y;g 32
      main;[await] db;[blocked];GET /y;g;[off-CPU] 64
      main;[await] db;[blocked];GET /y;(garbage collector) 128
      main;[await] db;[foreign time while waiting (version 1)];GET /y;g;[profiler] 256
      main;[profiler] 512
      [unknown] 1024
    `)
    expect(ledgerOf([profile])).toEqual({
      ...{ cpu: 1, gc: 4, offcpu: 2, await: 8 },
      ...{ blocked: 16 + 32 + 64 + 128 + 256, profiler: 512, unknown: 1024 },
    })
  })

  test('hold all time once, whatever is cut, reordered, merged, written or read', () => {
    fc.assert(
      fc.property(anyProfile(), fc.nat({ max: 100 }), (profile, percent) => {
        const ledger = ledgerOf([profile])
        const whole = totalWeight(profile)
        expect(sumOfLedger(ledger)).toBe(whole)
        const at = Math.floor((whole * percent) / 100)
        const parts = [
          { from: 0, to: at },
          { from: at, to: whole },
        ].map((range) => rangeOf({ ...profile, timeline: true }, range).profile)
        expect(ledgerOf(parts)).toEqual(ledger)
        const isWanted = (labels: Labels) => labels.has('route')
        const sides = [isWanted, (labels: Labels) => !isWanted(labels)].map(
          (keep) => filterSamples(profile, keep).profile,
        )
        expect(ledgerOf(sides)).toEqual(ledger)
        expect(waitSum(sides)).toEqual(waitSum([profile]))
        for (const same of [
          canonicalProfile(profile),
          withoutOrder(profile),
          sumByStack(profile).profile,
          decodeProfile(encodeProfile(profile, 'cpuprofile'), 'x'),
        ]) {
          expect(ledgerOf([same])).toEqual(ledger)
          expect(waitSum([same])).toEqual(waitSum([profile]))
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('ledgers', () => {
  test('add up', () => {
    const a = { ...emptyLedger(), cpu: 3, await: 4 }
    const b = { ...emptyLedger(), cpu: 1, unknown: 2 }
    expect(addLedgers([a, b])).toEqual({ ...emptyLedger(), cpu: 4, await: 4, unknown: 2 })
    expect(sumOfLedger(addLedgers([a, b]))).toBe(10)
    expect(sumOfLedger(addLedgers([]))).toBe(0)
  })
})
