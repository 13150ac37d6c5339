import { expect, test } from 'vitest'
import type { Kind } from '../../src/profile/kinds.js'
import { exactly } from '../../src/render/bounds.js'
import { type IndexEntry, select, summable } from '../../src/viewer-api/wire.js'
import { nextSort, sortOf, sortRows, type TableColumn } from '../../viewer/src/parts/columns.js'
import { groupEntries } from '../../viewer/src/requests/list.js'
import { mergeOf } from '../../viewer/src/requests/merge.js'
import { NO_PICKS, pickAll, pickRow } from '../../viewer/src/requests/picks.js'
import { BARE_META } from '../support/bare-meta.js'

function entry(id: number, route: string, weight: number): IndexEntry {
  const request = { method: 'GET', route, status: 200, aborted: false }
  const meta = { ...BARE_META, id: String(id), request, durationMicros: weight }
  const file = `${id}.cpuprofile`
  return { id: String(id), file, bytes: 1, modifiedMs: 0, meta, weight, unit: 'microseconds' }
}

test('of a route: the median, what 95 % stay within, the worst, and whom it held up', () => {
  const entries = Array.from({ length: 20 }, (_, i) => entry(i, '/a', (i + 1) * 10))
  const none = { isForeign: false, upToMicros: 3, victims: [], ownCpuMicros: null }
  const costs = [{ culprit: 'GET /b', micros: 7, requests: 1, ...none }]
  const figures = groupEntries([...entries, entry(99, '/b', 5)], 'route', costs).map(
    ({ key, median, p95, worst, caused }) => [key, median, p95, worst, caused],
  )
  expect(figures).toEqual([
    ['GET /a', 105, 190, 200, exactly(0)],
    ['GET /b', 5, 5, 5, { min: 4, max: 7 }],
  ])
  expect(groupEntries(entries, 'route')[0]!.caused).toBe(null)
})

function ofKind(id: number, kind: Kind): IndexEntry {
  const request = entry(id, '/a', 10)
  return { ...request, meta: { ...request.meta!, kind, request: null } }
}

const REQUESTS = [entry(0, '/a', 10), entry(1, '/b', 10)]
const PROCESSES = [ofKind(2, 'process'), ofKind(3, 'process')]
const FOREIGN: IndexEntry = { ...entry(4, '/a', 10), meta: null }
const MIXED = [...PROCESSES, ...REQUESTS, ofKind(5, 'stall'), FOREIGN]

test('dumps of several kinds are never summed: requests, where there are any', () => {
  expect(summable(MIXED)).toEqual([...REQUESTS, FOREIGN])
  expect(select(MIXED, { by: 'all' })).toEqual([...REQUESTS, FOREIGN])
  expect(select(MIXED, { by: 'worker', worker: '4001' })).toEqual(REQUESTS)
  expect(select(PROCESSES, { by: 'all' })).toEqual(PROCESSES)
  expect(summable([ofKind(5, 'stall'), ...PROCESSES])).toEqual(PROCESSES)
})

test('groups are of one kind each', () => {
  const groups = (by: 'route' | 'worker') =>
    groupEntries(MIXED, by).map(({ key, kind, entries }) => `${key} ${kind} ${entries.length}`)
  expect(groups('route')).toEqual([
    ...[' process 2', 'GET /a request 1', 'GET /b request 1', ' stall 1', ' null 1'],
  ])
  expect(groups('worker')).toEqual(['4001 request 2', ' null 1'])
})

test('the button merges what can be summed, and says why it does not', () => {
  const picks = (entries: readonly IndexEntry[]) => ({
    ...NO_PICKS,
    ids: new Set(entries.map(({ id }) => id)),
  })
  expect(mergeOf(MIXED, MIXED, NO_PICKS)).toMatchObject({
    target: { selection: { by: 'all' } },
    text: 'Merge 3 profiles',
  })
  expect(mergeOf([...MIXED, entry(6, '/a', 10)], REQUESTS, NO_PICKS)).toMatchObject({
    target: { selection: { by: 'ids', ids: ['0', '1'] } },
    text: 'Merge 2 requests',
  })
  expect(mergeOf(MIXED, MIXED, picks(PROCESSES))).toMatchObject({
    target: { selection: { by: 'ids', ids: ['2', '3'] } },
  })
  expect(mergeOf(MIXED, MIXED, picks([PROCESSES[0]!, REQUESTS[0]!]))).toEqual({
    target: null,
    text: 'requests and process dumps are never summed',
  })
})

test('picks: one, all up to another, all, none', () => {
  const rows = ['a', 'b', 'c', 'd', 'e']
  const text = ({ ids }: typeof NO_PICKS) => [...ids].sort().join('')
  const one = pickRow(NO_PICKS, rows, 3, false)
  expect(text(one)).toBe('d')
  const range = pickRow(one, rows, 1, true)
  expect(text(range)).toBe('bcd')
  expect(text(pickRow(range, rows, 2, true))).toBe('d')
  expect(text(pickRow(range, ['x', 'y'], 1, true))).toBe('bcdy')
  expect(text(pickAll(range, rows))).toBe('abcde')
  expect(text(pickAll(pickAll(range, rows), rows))).toBe('')
})

const COLUMNS: readonly TableColumn<string>[] = [
  { class: 'name', head: 'Name', sort: 'name', fromA: true, sortsBy: (row) => row, cell: String },
  { class: 'size', head: 'Size', sort: 'size', sortsBy: ({ length }) => length, cell: String },
]
const [NAME, SIZE] = COLUMNS

test('rows are sorted by the value of a column, ties as the table says', () => {
  const rows = ['w 10', 'w 9', 'b', 'a']
  const sorted = (sort: string) => sortRows(rows, COLUMNS, sort, (a, b) => (a < b ? -1 : 1))
  expect(sorted('name')).toEqual(['a', 'b', 'w 9', 'w 10'])
  expect(sorted('-name')).toEqual(['w 10', 'w 9', 'b', 'a'])
  expect(sorted('size')).toEqual(['a', 'b', 'w 9', 'w 10'])
  expect(sorted('-size')).toEqual(['w 10', 'w 9', 'a', 'b'])
})

test('a sort that the table does not have is its own', () => {
  const sorts = ['name', '-size', '', '-time', '-', '--name', 'constructor']
  expect(sorts.map((sort) => sortOf(COLUMNS, sort, '-name'))).toEqual([
    'name',
    '-size',
    ...Array(5).fill('-name'),
  ])
})

test('clicks on a head: numbers largest first, texts from A, then the other way', () => {
  expect([nextSort('', SIZE!), nextSort('-size', SIZE!), nextSort('size', SIZE!)]).toEqual([
    '-size',
    'size',
    '-size',
  ])
  expect([nextSort('', NAME!), nextSort('name', NAME!), nextSort('-name', NAME!)]).toEqual([
    'name',
    '-name',
    'name',
  ])
})
