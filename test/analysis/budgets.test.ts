import { describe, expect, test } from 'vitest'
import { type Budget, judge, medianOf } from '../../src/analysis/budgets.js'
import { compareRepeats, repeatOf } from '../../src/analysis/repeats.js'
import { emptyLedger } from '../../src/profile/ledger.js'
import type { DumpMeta } from '../../src/profile/profile.js'
import { dumpOf } from '../support/meta.js'

/** The same numbers each time. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
}

function meta(durationMicros: number, changes: Partial<DumpMeta> = {}): DumpMeta {
  const ledger = { ...emptyLedger(), await: durationMicros }
  return dumpOf('main 1', { durationMicros, ledger, ...changes }).sources[0]!
}

const p95 = (allowed: number): Budget => ({
  name: 'p95',
  what: { of: 'duration', quantile: 0.95 },
  allowed,
})
const share = (of: 'blocked' | 'cpu', allowed: number): Budget => ({
  name: of,
  what: { of, unit: 'share' },
  allowed,
})
const mean = (of: 'cpu', allowed: number): Budget => ({
  name: of,
  what: { of, unit: 'micros' },
  allowed,
})

const blocked = (blocked: number, of: number, upTo = 0) =>
  meta(of, {
    ledger: { ...emptyLedger(), await: of - blocked, blocked },
    blockedUpToMicros: upTo,
  })

describe('a quantile', () => {
  test('of one request nothing is proved, of two that are over it is', () => {
    expect(judge(p95(100), [meta(500)]).verdict).toBe('noise')
    expect(judge(p95(100), [meta(500), meta(400)]).verdict).toBe('broken')
    expect(judge(p95(600), [meta(500), meta(400)]).verdict).toBe('kept')
  })

  test('the range has the quantile in it 95 times of 100, or more', () => {
    const random = dice(7)
    for (const [n, quantile] of [
      [20, 0.5],
      [60, 0.95],
      [200, 0.95],
    ] as const) {
      let inside = 0
      for (let round = 0; round < 2000; round++) {
        const results = Array.from({ length: n }, () => meta(Math.round(random() * 1e6)))
        const what = { of: 'duration', quantile } as const
        const { low, high } = judge({ name: '', what, allowed: 0 }, results)
        if (low <= quantile * 1e6 && quantile * 1e6 <= high) inside++
      }
      expect({ n, quantile, inside }).toEqual({
        n,
        quantile,
        inside: expect.toSatisfy((value) => value >= 1880),
      })
    }
  })

  test('one build in forty that keeps to it exactly is called broken, at most', () => {
    const random = dice(3)
    let broken = 0
    for (let round = 0; round < 2000; round++) {
      const results = Array.from({ length: 40 }, () => meta(Math.round(random() * 1e6)))
      if (judge(p95(950_000), results).verdict === 'broken') broken++
    }
    expect(broken).toBeLessThan(65)
  })

  test('the longest is what it is; many requests are no trouble', () => {
    const max: Budget = { name: 'max', what: { of: 'duration', quantile: 1 }, allowed: 100 }
    expect(judge(max, [meta(50), meta(101)])).toMatchObject({ verdict: 'broken', measured: 101 })
    const many = Array.from({ length: 20_000 }, (_, i) => i)
    expect(medianOf(many).measured).toBe(9999)
    expect(medianOf(many).low).toBeGreaterThan(9800)
  })
})

describe('an account', () => {
  test('its share, and what is an upper bound breaks nothing', () => {
    const over = [0, 1, 2, 3, 4, 5].map((i) => blocked(20_000 + i, 100_000))
    expect(judge(share('blocked', 0.1), over)).toMatchObject({ verdict: 'broken', unit: 'share' })
    const upTo = [0, 1, 2, 3, 4, 5].map((i) => blocked(20_000 + i, 100_000, 15_000))
    expect(judge(share('blocked', 0.1), upTo).verdict).toBe('noise')
    expect(judge(share('blocked', 0.3), upTo).verdict).toBe('kept')
    const scattered = [0, 0, 0, 60_000].map((time) => blocked(time, 100_000))
    expect(judge(share('blocked', 0.1), scattered).verdict).toBe('noise')
  })

  test('a single request: its samples are the noise; waits are measured', () => {
    const cpu = (samples: number) =>
      meta(100_000, { samples, ledger: { ...emptyLedger(), cpu: 50_000, offcpu: 50_000 } })
    expect(judge(mean('cpu', 45_000), [cpu(20)]).verdict).toBe('noise')
    expect(judge(mean('cpu', 45_000), [cpu(2000)]).verdict).toBe('broken')
    expect(judge(share('blocked', 0.1), [blocked(20_000, 100_000)]).verdict).toBe('broken')
  })

  test('no time at all is within any budget', () => {
    expect(judge(share('cpu', 0), [meta(0)]).verdict).toBe('kept')
  })
})

describe('repeats', () => {
  const request = (i: number, cpu: number, waited: number) =>
    repeatOf(
      dumpOf(`main;f ${cpu}\nmain;[await] timer ${waited}`, {
        id: `id${i}`,
        durationMicros: cpu + waited,
        ledger: { ...emptyLedger(), cpu, await: waited },
      }),
    )!

  test('what makes slow ones slow', () => {
    const all = Array.from({ length: 12 }, (_, i) =>
      request(i, 5000 + (i % 5), i % 4 === 0 ? 80_000 : 10_000 + i),
    )
    const found = compareRepeats(all)
    expect(found.verdict).toBe('told')
    expect(found.causes.map(({ account, name }) => `${account} ${name}`)).toEqual([
      'await ',
      'await [await] timer',
    ])
    expect(found.causes[0]!.share).toBeCloseTo(1, 3)
  })

  test('alike, too few, and chance', () => {
    const alike = Array.from({ length: 9 }, (_, i) => request(i, 5000 + i, 9000 - i * 3))
    expect(compareRepeats(alike).verdict).toBe('alike')
    expect(compareRepeats(alike.slice(0, 3)).verdict).toBe('few')
    expect(compareRepeats([request(0, 0, 0)]).verdict).toBe('few')
    // One that was slow, once: leaving it out changes everything.
    const random = dice(11)
    let told = 0
    for (let round = 0; round < 200; round++) {
      const all = Array.from({ length: 8 }, (_, i) =>
        request(i, Math.round(5000 + 4000 * random()), Math.round(9000 + 4000 * random())),
      )
      const { accounts } = compareRepeats(all)
      const sum = accounts.reduce((total, { share }) => total + share, 0)
      expect(sum).toBeCloseTo(1, 6)
      told++
    }
    expect(told).toBe(200)
  })

  test('a merge is no request', () => {
    expect(repeatOf({ ...dumpOf('main 5'), sources: [] })).toBe(null)
  })
})
