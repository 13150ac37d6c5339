import { describe, expect, test } from 'vitest'
import { ACCOUNTS, accountRow } from '../../src/profile/accounts.js'
import { accountOfKind, frameKind, isOurFrame, syntheticFrame } from '../../src/profile/frames.js'
import { addLedgers, emptyLedger, sumOfLedger } from '../../src/profile/ledger.js'
import { accountOfStacks } from '../../src/profile/stack-accounts.js'
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

describe('ledgers', () => {
  test('add up', () => {
    const a = { ...emptyLedger(), cpu: 3, await: 4 }
    const b = { ...emptyLedger(), cpu: 1, unknown: 2 }
    expect(addLedgers([a, b])).toEqual({ ...emptyLedger(), cpu: 4, await: 4, unknown: 2 })
    expect(sumOfLedger(addLedgers([a, b]))).toBe(10)
    expect(sumOfLedger(addLedgers([]))).toBe(0)
  })
})
