import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Tally } from '../../src/store/tally.js'

const MINUTE = 60_000
const NOW = 29_000_000 * MINUTE

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'profview-tally-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('a tally', () => {
  test('lets so many through in a minute, whoever they are of', () => {
    const writers = Array.from({ length: 4 }, () => new Tally(dir))
    const rounds = Array.from({ length: 5 }, () => writers.map((w) => w.add(100, 10, NOW) === 0))
    expect(rounds.flat().filter((isIn) => isIn)).toHaveLength(10)
    expect(rounds.flat().indexOf(false)).toBe(10)
  })

  test('of any minute, not of the clock’s', () => {
    const [one, two] = [new Tally(dir), new Tally(dir)]
    // Nine seconds before the clock's minute ends, every three seconds.
    const at = (i: number) => NOW + MINUTE - 9_000 + 3_000 * i
    expect(Array.from({ length: 6 }, (_, i) => one.add(1, 4, at(i)))).toEqual([
      ...[0, 0, 0, 0],
      ...[48_000, 45_000],
    ])
    expect(new Tally(dir).add(1, 4, at(7))).toBe(39_000)
    expect([at(19), at(20), at(21)].map((now) => two.add(1, 4, now))).toEqual([3_000, 0, 0])
  })

  test('is not changed by those that are not let through', () => {
    const writer = new Tally(dir)
    for (let i = 0; i < 100; i++) writer.add(100, 3, NOW)
    expect(readdirSync(dir)).toHaveLength(1)
    expect(statSync(join(dir, readdirSync(dir)[0]!)).size).toBe(3 * 32)
  })

  test('each writer has its own limit on what all have written', () => {
    const [strict, generous] = [new Tally(dir), new Tally(dir)]
    for (let i = 0; i < 5; i++) expect(generous.add(1, 1000, NOW)).toBe(0)
    expect(strict.add(1, 5, NOW)).toBe(MINUTE)
    expect(strict.add(1, 6, NOW)).toBe(0)
  })

  test('says what all have written since the directory was looked at', () => {
    const [one, two] = [new Tally(dir), new Tally(dir)]
    one.add(10, 100, NOW)
    two.add(200, 100, NOW)
    expect([one.files, one.bytes, two.files, two.bytes]).toEqual([1, 10, 2, 210])
    one.forget()
    one.add(1, 100, NOW)
    expect([one.files, one.bytes]).toEqual([2, 201])
  })

  test('misses nothing where a minute of the clock ends', () => {
    const [one, two] = [new Tally(dir), new Tally(dir)]
    one.add(1, 100, NOW)
    two.add(10, 100, NOW)
    two.add(100, 100, NOW + MINUTE)
    one.add(1000, 100, NOW + MINUTE)
    expect([one.files, one.bytes]).toEqual([4, 1111])
  })

  test('goes on where somebody has removed its file', () => {
    const writer = new Tally(dir)
    writer.add(1, 3, NOW)
    writer.add(1, 3, NOW)
    rmSync(join(dir, readdirSync(dir)[0]!))
    expect(writer.add(1, 3, NOW)).toBe(0)
    expect(writer.add(1, 3, NOW)).toBe(MINUTE)
  })

  test('of what somebody else has written into it, nothing is let through more than there may', () => {
    const writer = new Tally(dir)
    writer.add(1, 100, NOW)
    appendFileSync(join(dir, readdirSync(dir)[0]!), 'x'.repeat(8))
    for (let i = 0; i < 200; i++) writer.add(1, 100, NOW)
    appendFileSync(join(dir, readdirSync(dir)[0]!), Buffer.alloc(300, 0xff))
    expect(writer.add(1, 100, NOW)).toBeGreaterThan(0)
  })

  test('what is no record of a dump counts for two minutes at most, and lets nothing through', () => {
    new Tally(dir).add(1, 100, NOW)
    const file = join(dir, readdirSync(dir)[0]!)
    for (const fill of [0xff, 0x7f, 0]) {
      writeFileSync(file, Buffer.alloc(32 * 5, fill))
      const writer = new Tally(dir)
      expect(writer.add(1, 5, NOW)).toBe(2 * MINUTE - 1)
      expect(writer.bytes).toBeLessThan(Infinity)
      expect(writer.add(1, 5, NOW + 2 * MINUTE)).toBe(0)
    }
  })

  test('does not wait until a clock that was set back has come so far again', () => {
    const writer = new Tally(dir)
    for (let i = 0; i < 5; i++) writer.add(1, 5, NOW + 60 * MINUTE)
    expect(writer.add(1, 5, NOW + 60 * MINUTE)).toBeGreaterThan(0)
    expect([1, 2, 3, 4, 5, 6].map(() => writer.add(1, 5, NOW) === 0)).toEqual([
      ...[true, true, true, true, true],
      false,
    ])
  })

  test.skipIf(process.platform === 'win32')('is private', () => {
    new Tally(dir).add(1, 1, NOW)
    expect(statSync(join(dir, readdirSync(dir)[0]!)).mode & 0o777).toBe(0o600)
  })

  test('says so where it cannot count', () => {
    expect(() => new Tally(join(dir, 'nothing')).add(1, 1, NOW)).toThrow(/ENOENT/)
  })
})
