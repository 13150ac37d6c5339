import fc from 'fast-check'
import { expect, test } from 'vitest'
import { perAccount } from '../../src/profile/accounts.js'
import { absoluteScale, percentScale, roundedLedger } from '../../viewer/src/parts/figures.js'

test.each([
  [1_234, '1.23 ms'],
  [184_000, '184.0 ms'],
  [9_999_900, '9,999.9 ms'],
  [22_010_000, '22.01 s'],
  [3_600_000_000, '3,600 s'],
])('%i µs', (micros, text) => {
  const { label, write } = absoluteScale('microseconds', micros)
  expect(`${write(micros)} ${label}`).toBe(text)
})

test('other units, and shares', () => {
  expect(absoluteScale('samples', 1_234).write(1_234)).toBe('1,234')
  expect(absoluteScale('bytes', 12_300_000)).toMatchObject({ label: 'MB' })
  expect(percentScale(8).write(1)).toBe('12.5')
  expect(percentScale(0).write(0)).toBe('0.0')
})

test('rounded accounts add up to the rounded sum, and none is off by a digit', () => {
  const micros = fc.nat({ max: 100_000_000 })
  const ledgers = fc.record(perAccount(() => micros))
  fc.assert(
    fc.property(ledgers, fc.constantFrom(1, 10, 100, 10_000), (ledger, step) => {
      const rounded = roundedLedger(ledger, step)
      const sum = Object.values(ledger).reduce((a, b) => a + b, 0)
      const shown = [...rounded.values()].reduce((a, b) => a + b, 0)
      expect(shown).toBe(Math.round(sum / step) * step)
      for (const [account, value] of rounded) {
        expect(Math.abs(value - ledger[account])).toBeLessThanOrEqual(step)
      }
    }),
  )
})
