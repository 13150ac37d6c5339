import { expect, test } from 'vitest'
import type { IndexEntry } from '../../src/viewer-api/wire.js'
import { ganttOf, isWorker } from '../../viewer/src/timeline/gantt-rows.js'
import { bandOf, heightOf, rowAtHeight, rowsBetween } from '../../viewer/src/timeline/layout.js'
import { fittedText, wholeText } from '../../viewer/src/timeline/text-fit.js'
import { ticksOf } from '../../viewer/src/timeline/ticks.js'
import { around, following, panned, within, zoomed } from '../../viewer/src/timeline/zoom.js'
import { metaOf } from '../support/dumps.js'

const labels = (from: number, to: number, most: number) =>
  ticksOf({ from, to }, most, 'microseconds').map(({ label }) => label)

test('ticks are round, all with the same decimals', () => {
  expect(labels(0, 184_000, 5)).toEqual(['0 ms', '50 ms', '100 ms', '150 ms'])
  expect(labels(1_480, 2_020, 6)).toEqual([
    '1.5 ms',
    '1.6 ms',
    '1.7 ms',
    '1.8 ms',
    '1.9 ms',
    '2.0 ms',
  ])
  expect(labels(0, 60, 6)).toEqual([
    '0.00 ms',
    '0.01 ms',
    '0.02 ms',
    '0.03 ms',
    '0.04 ms',
    '0.05 ms',
    '0.06 ms',
  ])
  expect(labels(0, 3_000_000, 6)).toEqual([
    '0.0 s',
    '0.5 s',
    '1.0 s',
    '1.5 s',
    '2.0 s',
    '2.5 s',
    '3.0 s',
  ])
  expect(labels(9_000_000, 9_004_000, 2)).toEqual(['9000 ms', '9002 ms', '9004 ms'])
  expect(ticksOf({ from: 0, to: 2 }, 10, 'samples').map(({ label }) => label)).toEqual([
    '0 samples',
    '1 sample',
    '2 samples',
  ])
})

test('zoom keeps the time under the pointer, and stays within the profile', () => {
  const all = { from: 0, to: 1_000 }
  expect(zoomed(all, 2, 300, 1_000)).toEqual({ from: 150, to: 650 })
  expect(zoomed({ from: 150, to: 650 }, 1 / 2, 300, 1_000)).toEqual(all)
  expect(zoomed({ from: 900, to: 1_000 }, 1 / 2, 1_000, 1_000)).toEqual({ from: 800, to: 1_000 })
  expect(zoomed(all, 1e9, 500, 1_000)).toEqual({ from: 495, to: 505 })
  expect(zoomed({ from: 0, to: 4 }, 1e9, 2, 4)).toEqual({ from: 0, to: 4 })
})

test('what is on show moves, follows and is taken from the address', () => {
  const shown = { from: 100, to: 200 }
  expect(panned(shown, 50, 1_000)).toEqual({ from: 150, to: 250 })
  expect(panned(shown, -500, 1_000)).toEqual({ from: 0, to: 100 })
  expect(panned(shown, 5_000, 1_000)).toEqual({ from: 900, to: 1_000 })
  expect(following(shown, { from: 190, to: 900 }, 1_000)).toBe(shown)
  expect(following(shown, { from: 300, to: 320 }, 1_000)).toEqual({ from: 290, to: 390 })
  expect(around({ from: 400, to: 500 }, 1_000)).toEqual({ from: 395, to: 505 })
  expect(within(null, 50)).toEqual({ from: 0, to: 50 })
  expect(within({ from: 90, to: 99 }, 50)).toEqual({ from: 0, to: 50 })
  expect(within({ from: 10, to: 99 }, 50)).toEqual({ from: 10, to: 50 })
})

test('each row has its band, and each height its row', () => {
  const counts = { lanes: { length: 3 }, rowCount: 8 }
  for (let row = 0; row < counts.rowCount; row++) {
    const { top, height } = bandOf(counts, row)
    expect(rowAtHeight(counts, top)).toBe(row)
    expect(rowAtHeight(counts, top + height - 1)).toBe(row)
    expect(rowsBetween(counts, top, top + height - 1)).toEqual([row, row])
  }
  expect(rowAtHeight(counts, bandOf(counts, 3).top - 1)).toBe(-1)
  expect(rowAtHeight(counts, heightOf(counts))).toBe(-1)
  expect(rowsBetween(counts, 0, 10_000)).toEqual([0, 7])
})

test('names are cut to fit, numbers are not', () => {
  const measure = { font: 'test', measureText: (text: string) => ({ width: text.length * 10 }) }
  expect(fittedText(measure, 'loadUser', 80)).toBe('loadUser')
  expect(fittedText(measure, 'loadUser', 55)).toBe('load…')
  expect(fittedText(measure, 'loadUser', 5)).toBe('')
  expect(wholeText(measure, '41.7 ms', 70)).toBe('41.7 ms')
  expect(wholeText(measure, '41.7 ms', 69)).toBe('')
})

test('requests on one clock, below their workers', () => {
  const entry = (id: string, workerId: number, startedAt: string): IndexEntry => ({
    id,
    file: id,
    bytes: 1,
    modifiedMs: 0,
    weight: 5_000,
    unit: 'microseconds',
    meta: metaOf(id, {
      startedAt,
      durationMicros: 5_000,
      process: { ...metaOf(id).process, workerId },
    }),
  })
  const { rows, whole, left } = ganttOf([
    entry('b', 10, '2026-01-02T03:04:05.020Z'),
    entry('a', 2, '2026-01-02T03:04:05.010Z'),
    entry('c', 10, '2026-01-02T03:04:05.015Z'),
    { ...entry('d', 1, '2026-01-02T03:04:05.000Z'), meta: null },
  ])
  const text = rows.map((row) =>
    isWorker(row)
      ? `worker ${row.worker}: ${row.requests}`
      : `${row.entry.id} ${row.from}-${row.to}`,
  )
  expect(text).toEqual(['worker 2: 1', 'a 0-5000', 'worker 10: 2', 'c 5000-10000', 'b 10000-15000'])
  expect({ whole, left }).toEqual({ whole: 15_000, left: 1 })
})
