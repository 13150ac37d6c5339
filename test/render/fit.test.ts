/** Lines for terminals that have an end. */
import { describe, expect, test } from 'vitest'
import { columnsOf } from '../../src/render/columns.js'
import { cutMiddle, fitCall, shownLength } from '../../src/render/fit.js'
import { flatLines } from '../../src/render/flat.js'
import { styleFor } from '../../src/render/style.js'
import { tableLines } from '../../src/render/table.js'
import { textLines } from '../../src/render/text.js'
import { timelineLines } from '../../src/render/timeline.js'
import { dumpOf } from '../support/meta.js'
import { profileFrom } from '../support/trees.js'

test.each([
  ['GET /api/v1/customers/:id', 16, '...', 'GET /a...ers/:id'],
  ['GET /api/v1/customers/:id', 16, '…', 'GET /ap…mers/:id'],
  ['short', 16, '…', 'short'],
  ['anything', 2, '...', 'an'],
  ['😀😀😀😀😀😀', 6, '…', '😀…😀'],
  ['注文を読む関数', 9, '…', '注文…関数'],
])('%s in %d', (text, width, ellipsis, expected) => {
  expect(cutMiddle(text, width, ellipsis)).toBe(expected)
})

test.each([
  [80, 'loadCustomersOfTenant  packages/billing/src/customers/load.ts:42'],
  [60, 'loadCustomersOfTenant  packages/…/src/customers/load.ts:42'],
  [50, 'loadCustomersOfTenant  packages/…/load.ts:42'],
  [40, 'loadCustomersOfTenant  …/load.ts:42'],
  [32, 'loadCu…fTenant  …/load.ts:42'],
  [20, 'loadCusto…rsOfTenant'],
])('a call in %d', (room, expected) => {
  const place = 'packages/billing/src/customers/load.ts:42'
  const cut = fitCall('loadCustomersOfTenant', place, room, '…')
  const line = [cut.name, cut.place].filter((text) => text !== '').join('  ')
  expect(line.length).toBeLessThanOrEqual(room)
  expect(line).toBe(expected)
})

describe.each([200, 120, 80])('a terminal of %d columns', (width) => {
  const deep = Array.from({ length: 60 }, (_, i) => {
    return `callOfDepth${i}@/srv/packages/some/where/far/away/file${i}.js:${i + 1}`
  })
  const waits = `;[await] TCP database.internal.example.com:5432`
  const profile = dumpOf(`${deep.join(';')} 60000\n${deep.slice(0, 50).join(';')}${waits} 40000`)
  const screen = { width, unicode: true, color: true, foldLibraries: false }

  test.each([
    [
      'the tree',
      () => [...textLines(profile, screen)].filter((line) => /─ |^.{0,9}100 ms/.test(line)),
    ],
    ['the flat table', () => [...flatLines(profile, screen)].slice(4)],
    ['the timeline', () => [...timelineLines(profile, screen)].slice(4)],
  ])('has no line of %s that is longer', (_what, linesOf) => {
    const lines = linesOf()
    expect(lines.length).toBeGreaterThan(2)
    for (const line of lines) expect(shownLength(line), line).toBeLessThanOrEqual(width)
    expect(lines.join('\n')).toContain('callOfDepth')
  })
})

test('a deep call says how deep it is, and keeps the strokes beside it', () => {
  const stack = Array.from({ length: 14 }, (_, i) => `f${i}`).join(';')
  const profile = profileFrom(`${stack};a 6\n${stack};b 4`, { unit: 'samples' })
  const lines = [...textLines(profile, { width: 40, unicode: true })]
  expect(lines.slice(-4)).toEqual([
    '12…                 └─ 10 samples  f12',
    '13…                 └─ 10 samples  f13',
    '14…                 ├─ 6 samples  a',
    '14…                 └─ 4 samples  b',
  ])
})

test.each([
  ['loadUser', 8],
  ['注文を読む', 10],
  ['한글', 4],
  ['ｆｕｌｌ', 8],
  ['ﾊﾝｶｸ', 4],
  ['cafe\u0301', 4],
  ['✓ naïve – ×2…', 13],
  ['🚀', 2],
])('%s takes %d columns', (text, columns) => {
  expect(columnsOf(text)).toBe(columns)
})

test('a table with wide characters keeps its columns in line', () => {
  const columns = [
    { head: 'request', text: ([title]: readonly [string, string]) => title },
    { head: 'time', text: ([, time]: readonly [string, string]) => time, right: true },
  ]
  const rows = [
    ['GET /注文/:id', '3 ms'],
    ['GET /orders', '4 ms'],
  ] as const
  const lines = [...tableLines(columns, rows, 0, styleFor({ color: false, unicode: true }))]
  expect(lines).toEqual(['request        time', 'GET /注文/:id  3 ms', 'GET /orders    4 ms'])
  expect(new Set(lines.map(columnsOf))).toEqual(new Set([19]))
})

test('a call of wide characters ends with the terminal', () => {
  const wide = '顧客の注文をすべて読み込んで合計を計算する関数'
  const profile = dumpOf(`${wide}@/srv/注文/読み込み.js:1;${wide}@/srv/b.js:2 100000`)
  const screen = { width: 60, unicode: true }
  for (const lines of [textLines, flatLines, timelineLines].map((of) => [...of(profile, screen)])) {
    const calls = lines.filter((line) => /100 ms.*[客数]/.test(line) && !line.startsWith('CPU'))
    expect(calls.length).toBeGreaterThan(0)
    for (const line of calls) expect(columnsOf(line), line).toBeLessThanOrEqual(60)
  }
})

test('a remark of the timeline ends with the terminal', () => {
  const stack = 'loadCustomersOfTenant@/srv/load.js:1;[await] TCP db:5432;[blocked];GET /report'
  const profile = profileFrom(`${stack} 100000 {blocked=up to}`)
  const lines = [...timelineLines(profile, { width: 60, unicode: true })].slice(-1)
  expect(lines.join('\n')).toContain('that long')
  for (const line of lines) expect(shownLength(line), line).toBeLessThanOrEqual(60)
})

test('what is not a terminal is given all of it', () => {
  const name = 'x'.repeat(300)
  const profile = profileFrom(`${name}@/srv/a.js:1 6`, { unit: 'samples' })
  expect([...textLines(profile)].at(-1)).toContain(name)
})
