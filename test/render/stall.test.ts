import { describe, expect, test } from 'vitest'
import { emptyLedger } from '../../src/profile/ledger.js'
import type { DumpMeta, Stall } from '../../src/profile/profile.js'
import { renderMarkdown } from '../../src/render/markdown.js'
import { stallText } from '../../src/render/stall.js'
import { renderText } from '../../src/render/text.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { dumpOf } from '../support/meta.js'

const REPORT = `
  GET /report;handle@/srv/app.mjs:1;add@/srv/report.mjs:36 430000
  GET /report;handle@/srv/app.mjs:1 80000
  background;tick@/srv/timer.mjs:2 2000
`

describe('the sentence of a stall', () => {
  test('says who held the loop, where, and who waited, as far as that is known', () => {
    expect(sentence({})).toBe('GET /report held the loop for 512 ms, 430 ms of it in add (:36)')
    expect(sentence({ delayedCount: 1, delayed: [waited(480, 470)] })).toBe(
      'GET /report held the loop for 512 ms, 430 ms of it in add (:36); 1 request waited 480 ms',
    )
    expect(sentence({ delayedCount: 14, delayed: [waited(480), waited(420)] })).toMatch(
      /; 14 requests waited, the longest up to 480 ms$/,
    )
    const sure = [waited(480, 470), waited(460, 440), waited(450, 411), waited(405, 390)]
    expect(sentence({ delayedCount: 14, delayed: [...sure, waited(100)] })).toMatch(
      /; 14 requests waited, 3 of them more than 400 ms$/,
    )
    expect(sentence({ delayedCount: 3, delayed: sure.slice(0, 3) })).toMatch(
      /; 3 requests waited, all of them more than 400 ms$/,
    )
    expect(sentence({ delayedCount: 9, delayed: sure.slice(0, 3) })).toMatch(
      /; 9 requests waited, at least 3 of them more than 400 ms$/,
    )
    expect(sentence({ delayedCount: 14, delayed: [...sure, waited(100, 0)] })).toMatch(
      /; up to 14 requests waited, 3 of them more than 400 ms$/,
    )
    const unnamed: Stall['delayed'] = []
    expect(sentence({ delayedCount: 2, delayed: unnamed })).toMatch(/; 2 requests waited$/)
  })

  test('says why the loop could not go on, where that is not one callback', () => {
    expect(sentence({ cause: 'microtasks' })).toMatch(
      /add \(:36\), in promises and ticks that never let the loop poll$/,
    )
    expect(sentence({ cause: 'burst' })).toMatch(/add \(:36\), in many short callbacks$/)
    expect(sentence({ cause: 'native' })).toMatch(/add \(:36\), in native code$/)
    expect(sentence({ cause: 'unknown' })).toMatch(/add \(:36\)$/)
  })

  test('says of one that goes on that it does', () => {
    expect(sentence({ ended: false })).toBe(
      'GET /report has held the loop for 512 ms, 430 ms of it in add (:36), ' +
        'and still did when this was written',
    )
  })

  test('names the longest of several who had the loop', () => {
    const two = 'GET /a;f@/a.js:1 300000\nGET /b;g@/b.js:2 212000'
    expect(sentence({}, two)).toBe('The loop was held for 512 ms, 300 ms of it by GET /a in f (:1)')
    expect(sentence({ ended: false }, two)).toBe(
      'The loop has been held for 512 ms, 300 ms of it by GET /a in f (:1), ' +
        'and still was when this was written',
    )
  })

  test('of nobody’s code says what it is', () => {
    expect(sentence({}, 'background;tick@/t.js:2 512000')).toBe(
      'Background work held the loop for 512 ms in tick (:2)',
    )
    expect(sentence({}, 'send mails;send@/t.js:2 512000')).toBe(
      'send mails held the loop for 512 ms in send (:2)',
    )
    expect(sentence({}, '[unknown] 512000')).toBe('Unknown code held the loop for 512 ms')
    expect(sentence({ cause: 'native', ended: false }, '[unknown] 512000')).toBe(
      'Something has held the loop for 512 ms, in native code, and still did when this was written',
    )
    expect(sentence({ cause: 'native' }, '(root) 512000')).toBe(
      'Something held the loop for 512 ms, in native code',
    )
  })
})

describe('a stall', () => {
  const delayed = [
    waited(480, 470),
    waited(450, 100),
    ...[300, 200, 100, 50].map((ms) => waited(ms)),
  ]
  const STALL = stallOf({ cause: 'callback', delayedCount: 14, delayed })

  test('reads like this', () => {
    expect(renderText(STALL)).toBe(`\
stall (GET /report)  512 ms
2026-11-20 14:01:02 UTC - worker 2, pid 4711 - Node 24.1.0 - 100 samples, one every 1 ms - all that had the loop, by request
cpu 512 ms (100 %)

GET /report held the loop for 512 ms, 430 ms of it in add (report.mjs:36); 14 requests waited, 1 of them more than 400 ms.

       waited  request
       480 ms  GET /search
100 to 450 ms  GET /search
 up to 300 ms  GET /search
 up to 200 ms  GET /search
 up to 100 ms  GET /search
... and 9 more

510 ms  GET /report
\`- 510 ms  handle  app.mjs:1
   |- 430 ms  add  report.mjs:36
   \`- 80.0 ms  [self]
`)
  })

  test('is a table in Markdown', () => {
    const few = stallOf({ delayedCount: 1, delayed: [waited(480, 470)] })
    expect(renderMarkdown(few).split('\n').slice(9, 14)).toEqual([
      '- GET /report held the loop for 512 ms, 430 ms of it in add (report.mjs:36); 1 request waited 480 ms.',
      '',
      '| waited | request |',
      '| ---: | --- |',
      '| 480 ms | GET /search |',
    ])
  })

  test('with another is one tree, and their sum', () => {
    const other = stallOf({ delayedCount: 3 }, 'GET /report;f@/srv/f.mjs:1 200000', { id: 'b2' })
    expect(renderText(mergeProfiles([STALL, other]))).toBe(`\
2 stalls  712 ms
2026-11-20 14:01:02 UTC to 2026-11-20 14:01:02 UTC - 1 worker - 200 samples
cpu 712 ms (100 %)

2 stalls of 712 ms together, the longest 512 ms: GET /report held the loop for 712 ms, 430 ms of it in add (report.mjs:36); 17 requests waited.

710 ms  GET /report
|- 510 ms  handle  app.mjs:1
|  |- 430 ms  add  report.mjs:36
|  \`- 80.0 ms  [self]
\`- 200 ms  f  f.mjs:1
`)
  })
})

// --- internal ---

function waited(ms: number, leastMs?: number): Stall['delayed'][number] {
  const least = leastMs === undefined ? {} : { leastMicros: leastMs * 1000 }
  return { title: 'GET /search', micros: ms * 1000, ...least }
}

function stallOf(stall: Partial<Stall>, lines = REPORT, facts: Partial<DumpMeta> = {}) {
  const { samples } = dumpOf(lines)
  const micros = samples.weight.reduce((sum, weight) => sum + weight, 0)
  const by = [{ title: 'GET /report', name: '', file: '', line: 0, micros, functionMicros: 0 }]
  return dumpOf(lines, {
    ...{ kind: 'stall', kept: 'stall', request: null, durationMicros: micros },
    ledger: { ...emptyLedger(), cpu: micros },
    stall: { ended: true, cause: 'callback', delayedCount: 0, delayed: [], by, ...stall },
    ...facts,
  })
}

function sentence(stall: Partial<Stall>, lines = REPORT): string {
  return stallText(stallOf(stall, lines), ({ line }) => `:${line}`)
}
