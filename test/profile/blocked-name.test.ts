import { describe, expect, test } from 'vitest'
import { blockedName, blockedParts, mixesVersions } from '../../src/profile/blocked-name.js'
import { emptyLedger } from '../../src/profile/ledger.js'
import type { DumpMeta } from '../../src/profile/profile.js'
import { dumpOf } from '../support/meta.js'

const FOREIGN_TIME = 'foreign time while waiting (version 1)'

describe('the name of blocked time', () => {
  test('is `blocked` in dumps of one version, whichever it is', () => {
    for (const version of [1, 2] as const) {
      const sources = [blocked(version, 3), blocked(version, 4)]
      expect(blockedParts(sources)).toEqual([{ name: 'blocked', micros: 7 }])
      expect(blockedName({ sources })).toBe('blocked')
    }
  })

  test('says which is foreign time of version 1, and never adds it to the other', () => {
    const sources = [blocked(1, 3), blocked(2, 4), blocked(1, 5)]
    expect(mixesVersions(sources)).toBe(true)
    expect(blockedParts(sources)).toEqual([
      { name: 'blocked', micros: 4 },
      { name: FOREIGN_TIME, micros: 8 },
    ])
    expect(blockedName({ sources })).toBe(`blocked and ${FOREIGN_TIME}`)
  })

  test('knows what a profile is compared with', () => {
    const [before, after] = [blocked(1, 3), blocked(2, 4)]
    expect(blockedName({ sources: [before] }, [before, after])).toBe(FOREIGN_TIME)
    expect(blockedName({ sources: [after] }, [before, after])).toBe('blocked')
  })

  test('is `blocked` where nothing was, and where there are no dumps', () => {
    expect(blockedName({ sources: [blocked(1, 0), blocked(2, 0)] })).toBe('blocked')
    expect(blockedParts([])).toEqual([{ name: 'blocked', micros: 0 }])
  })
})

function blocked(version: 1 | 2, micros: number): DumpMeta {
  return dumpOf('a 1', { version, ledger: { ...emptyLedger(), blocked: micros } }).sources[0]!
}
