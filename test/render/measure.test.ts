import { expect, test } from 'vitest'
import { printable } from '../../src/printable.js'
import { bytes, count, counted, duration, percent } from '../../src/render/measure.js'

test('writes durations with three digits', () => {
  const micros = [
    0, 4, 420, 2_100, 61_234, 812_345, 1_250_000, 75_300_000, 725_000_000, 122_520_000_000,
  ]
  expect(micros.map(duration)).toEqual([
    ...['0 ms', '0.004 ms', '0.42 ms', '2.10 ms', '61.2 ms', '812 ms'],
    ...['1.25 s', '75.3 s', '12 min 5 s', '34 h 2 min'],
  ])
})

test('writes sizes, shares and counts', () => {
  expect([0, 999, 1_000, 48_622, 3_400_000, 2e9].map(bytes)).toEqual([
    ...['0 B', '999 B', '1.0 kB', '48.6 kB', '3.4 MB', '2.0 GB'],
  ])
  expect([0, 0.0001, 0.075, 0.468, 1].map(percent)).toEqual([
    ...['0 %', '<0.1 %', '7.5 %', '47 %', '100 %'],
  ])
  expect(count(1_234_567)).toBe('1,234,567')
  expect([counted(1, 'file'), counted(0, 'file')]).toEqual(['1 file', '0 files'])
})

test('escapes what a terminal would obey and keeps what people write', () => {
  expect(printable('größe 関数 👍 a\\b')).toBe('größe 関数 👍 a\\b')
  expect(printable('a\x1b[31m\u202eb\nc\ud800d\u2028\u{e0041}')).toBe(
    'a\\x1b[31m\\u202eb\\nc\\ud800d\\u2028\\u{e0041}',
  )
  expect(printable('x'.repeat(2000))).toHaveLength(1024)
})
