import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Profile } from '../../src/profile/profile.js'
import { finish } from '../../src/profile/steps.js'
import { accountName } from '../../viewer/src/parts/account-name.js'
import { barsOf } from '../../viewer/src/timeline/bars.js'
import { callsOf } from '../../viewer/src/timeline/calls.js'
import { Minima } from '../../viewer/src/timeline/minima.js'
import { NONE, runsOf } from '../../viewer/src/timeline/runs.js'
import {
  buildTimelineModel,
  describe,
  rowOf,
  type TimelineModel,
} from '../../viewer/src/timeline/timeline-model.js'
import { callRow, type Row, runRow } from '../../viewer/src/timeline/timeline-rows.js'
import { anyProfile } from '../support/arbitrary.js'
import { dumpOf } from '../support/dumps.js'
import { profileFrom } from '../support/trees.js'

const REQUEST = dumpOf(
  'one',
  `main;handler@/app/a.js:4;loadUser@/app/a.js:9 3
   main;handler@/app/a.js:4;loadUser@/app/a.js:9;query 2
   main;handler@/app/a.js:4;loadUser@/app/a.js:9;query;[await] TCP db 40
   main;handler@/app/a.js:4;loadUser@/app/a.js:9;query;[blocked];GET /report;renderPdf 30
   main;handler@/app/a.js:4;loadUser@/app/a.js:9;query;[blocked];GET /report 10
   main;handler@/app/a.js:4;loadUser@/app/a.js:9;query;[await] TCP db 5
   (garbage collector) 6
   main;handler@/app/a.js:4;[await] timer 20 ms 20
   main;handler@/app/a.js:4 1`,
)

/** `name start-end` for each piece of a row. */
function texts(model: TimelineModel, index: number): string[] {
  return piecesOf(rowOf(model, index)).map((piece) => {
    const { name, account, start, end } = describe(model, index, piece)
    return `${name || accountName(model.profile, account)} ${start}-${end}`
  })
}

function piecesOf(row: Row): number[] {
  const found = []
  for (let piece = row.at(0); piece !== NONE; piece = row.after(piece)) found.push(piece)
  return found
}

test('lanes: accounts, each resource, who was in the way, collections', () => {
  const model = finish(buildTimelineModel(REQUEST))
  const lanes = model.lanes.map(({ name, total }, i) => [`${name} ${total}`, ...texts(model, i)])
  expect(lanes).toEqual([
    [
      'Accounts 117',
      'cpu 0-5',
      'await 5-45',
      'blocked 45-85',
      'await 85-90',
      'gc 90-96',
      'await 96-116',
      'cpu 116-117',
    ],
    ['TCP db 45', '[await] TCP db 5-45', '[await] TCP db 85-90'],
    ['timer 20 ms 20', '[await] timer 20 ms 96-116'],
    ['Blocked by 40', 'GET /report 45-85'],
    ['GC 6', '(garbage collector) 90-96'],
  ])
})

test('calls last as long as the stacks share them', () => {
  const model = finish(buildTimelineModel(REQUEST))
  const levels = []
  for (let row = model.lanes.length; row < model.rowCount; row++) levels.push(texts(model, row))
  expect(levels).toEqual([
    ['main 0-90', '(garbage collector) 90-96', 'main 96-117'],
    ['handler 0-90', 'handler 96-117'],
    ['loadUser 0-90', '[await] timer 20 ms 96-116'],
    ['query 3-90'],
    ['[await] TCP db 5-45', '[blocked] 45-85', '[await] TCP db 85-90'],
    ['GET /report 45-85'],
    ['renderPdf 45-75'],
  ])
})

test('a piece says what it is, whose and where', () => {
  const model = finish(buildTimelineModel(REQUEST))
  const level = model.lanes.length + 4
  expect(describe(model, level, rowOf(model, level).at(50))).toEqual({
    name: '[blocked]',
    account: 'blocked',
    start: 45,
    end: 85,
    place: 'in loadUser /app/a.js:9',
  })
})

test('of many resources the busiest have a lane, the others share one', () => {
  const lines = Array.from({ length: 12 }, (_, i) => `main;[await] r${i} ${100 - i}`).join('\n')
  const { lanes } = finish(buildTimelineModel(dumpOf('many', lines)))
  expect(lanes.map(({ name, total }) => `${name} ${total}`)).toEqual([
    'Accounts 1134',
    ...Array.from({ length: 8 }, (_, i) => `r${i} ${100 - i}`),
    'other waits 362',
  ])
})

test('a wait goes on while others block the loop', () => {
  const blocked = dumpOf('b', 'f;[await] file 3\nf;[await] file;[blocked];GET /x;w 4\nf 1')
  const model = finish(buildTimelineModel(blocked))
  expect(texts(model, 1)).toEqual(['[await] file 0-7'])
  expect(texts(model, 2)).toEqual(['GET /x 3-7'])
})

test('a profile of others: what it does not use is idle', () => {
  const model = finish(buildTimelineModel(profileFrom('main;a 3\n(idle) 4\n(garbage collector) 1')))
  expect(texts(model, 0)).toEqual(['cpu 0-3', 'idle 3-7', 'gc 7-8'])
})

/** What each piece of a depth must be, by walking all samples. */
function naive(profile: Profile, depth: number): string[] {
  const found: { stack: number; start: number; end: number }[] = []
  let at = 0
  for (let i = 0; i < profile.samples.stack.length; i++) {
    const weight = profile.samples.weight[i]!
    if (weight === 0) continue
    const chain = []
    for (let s = profile.samples.stack[i]!; s > 0; s = profile.stacks.parent[s]!) chain.unshift(s)
    const stack = chain[depth - 1]
    const last = found.at(-1)
    if (stack !== undefined && last?.stack === stack && last.end === at) last.end += weight
    else if (stack !== undefined) found.push({ stack, start: at, end: at + weight })
    at += weight
  }
  return found.map(({ stack, start, end }) => `${stack} ${start}-${end}`)
}

test('every level of any profile is what its samples say, forwards, backwards and at any time', () => {
  fc.assert(
    fc.property(anyProfile({ labels: false }), (profile) => {
      const calls = finish(callsOf(profile))
      for (let depth = 1; depth <= calls.deepest; depth++) {
        const row = callRow(calls, depth)
        const forwards = piecesOf(row)
        expect(
          forwards.map((each) => `${row.value(each)} ${row.start(each)}-${row.end(each)}`),
        ).toEqual(naive(profile, depth))
        const backwards = []
        for (let piece = row.last(); piece !== NONE; piece = row.before(piece)) {
          backwards.unshift(piece)
        }
        expect(backwards).toEqual(forwards)
        for (const piece of forwards) {
          expect(row.at(row.start(piece))).toBe(piece)
          expect(row.at(row.end(piece) - 1)).toBe(piece)
        }
      }
    }),
  )
})

test('the next and previous smaller numbers, however far', () => {
  const columns = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 3_000, size: 'max' })
  fc.assert(
    fc.property(columns, fc.nat(3_000), fc.integer({ min: 0, max: 51 }), (column, from, limit) => {
      const minima = new Minima(Int32Array.from(column))
      const next = column.findIndex((each, i) => i >= from && each < limit)
      expect(minima.nextBelow(from, limit)).toBe(next)
      if (from < column.length) {
        const previous = column.findLastIndex((each, i) => i <= from && each < limit)
        expect(minima.previousBelow(from, limit)).toBe(previous)
      }
    }),
    { numRuns: 200 },
  )
})

test('bars: long pieces as they are, those under a pixel merged', () => {
  const runs = runsOf(profileFrom('a 10\nb 1\na 1\nb 1\na 1\n(root) 6\nb 20'), [NONE, 1, 2])
  const row = runRow(runs)
  const bars = (from: number, to: number, width: number) =>
    barsOf(row, { from, to, width }).map(
      ({ left, right, piece, merged }) =>
        `${left}-${right} ${merged ? 'merged ' : ''}${row.value(piece)}`,
    )
  expect(bars(0, 40, 40)).toEqual(['0-10 1', '10-11 2', '11-12 1', '12-13 2', '13-14 1', '20-40 2'])
  expect(bars(0, 40, 10)).toEqual(['0-2.5 1', '2-3 merged 2', '3-4 merged 2', '5-10 2'])
  expect(bars(5, 11, 12)).toEqual(['0-10 1', '10-12 2'])
  expect(bars(14, 20, 10)).toEqual([])
})

test('a million samples are no more bars than there are pixels', () => {
  const count = 1_000_000
  const stack = new Int32Array(count).map((_, i) => 1 + (i % 3))
  const bare = profileFrom('a 1\nb 1\nc 1')
  const profile: Profile = {
    ...bare,
    samples: { stack, weight: new Float64Array(count).fill(1), labelSet: new Int32Array(count) },
  }
  const row = callRow(finish(callsOf(profile)), 1)
  const bars = barsOf(row, { from: 0, to: count, width: 800 })
  expect(bars.length).toBe(800)
  expect(bars.at(-1)).toMatchObject({ left: 799, right: 800, merged: true })
})

test('100,000 levels: any call is found', () => {
  const depth = 100_000
  const names = Array.from({ length: depth }, (_, i) => `f${i % 7}`).join(';')
  const profile = profileFrom(`${names} 2\n${names};x 3\n${names} 1`)
  const calls = finish(callsOf(profile))
  expect(calls.deepest).toBe(depth + 1)
  const row = callRow(calls, depth + 1)
  expect(piecesOf(row).map((each) => `${row.start(each)}-${row.end(each)}`)).toEqual(['2-5'])
  expect(calls.callerAt(calls.runs.value[1]!, 54_321)).toBe(54_321)
})
