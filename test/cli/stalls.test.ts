/** What held the loop, as a list. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stallColumns } from '../../src/cli/stall-columns.js'
import type { Stall, StallHolder } from '../../src/profile/profile.js'
import { PLAIN } from '../../src/render/markdown-parts.js'
import { tableLines } from '../../src/render/table.js'
import { listDumps } from '../../src/store/dump-list.js'
import { openStore } from '../../src/store/dump-store.js'
import { profview } from '../support/cli.js'
import { dumpOf } from '../support/meta.js'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-stalls-'))
  const limits = { files: Infinity, bytes: Infinity, ageMs: Infinity }
  const store = openStore({ dir: join(cwd, 'profiles'), limits })
  store.write(dumpOf('main@/a/x.js:1 100000'))
  store.write(
    stall('b', { cause: 'callback', by: [held('GET /report', 'add', '/srv/report.mjs')] }),
  )
  const delayed = [{ title: 'GET /search', micros: 498_000, leastMicros: 430_000 }]
  const by = [held('background', 'tick', '/srv/jobs/tick.mjs')]
  store.write(stall('c', { ended: false, cause: 'microtasks', by, delayedCount: 14, delayed }))
  store.write(stall('d', { cause: 'unknown', by: [held('[unknown]', '', '')] }))
  // Of whoever does not say whose it was.
  store.write(stall('e', {}))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test('stalls have a list of their own', () => {
  const listed = profview(['list', '--stalls'], { cwd })
  expect({ ...listed, out: withoutFiles(listed.out.split('\n')) }).toEqual({
    ...{ code: 0, err: '' },
    out: [
      'id  when                     duration  whose            function                cause                waited             worker  file',
      'e   2026-11-20 14:01:14 UTC    512 ms                                           callback             0                       2  profiles/',
      'd   2026-11-20 14:01:13 UTC    512 ms  unknown code                                                  0                       2  profiles/',
      'c   2026-11-20 14:01:12 UTC    512 ms  background work  tick (jobs/tick.mjs:3)  microtasks, goes on  14, 430 to 498 ms       2  profiles/',
      'b   2026-11-20 14:01:11 UTC    512 ms  GET /report      add (report.mjs:3)      callback             0                       2  profiles/',
      '',
    ],
  })
  expect(profview(['list', '--kind', 'stall'], { cwd })).toEqual(listed)
})

test('and are called by whose they were beside the others', () => {
  const lines = profview(['list'], { cwd }).out.split('\n').slice(1, -1)
  expect(lines.map((line) => line.split(/ {2,}/)[2])).toEqual([
    ...['stall', 'stall ([unknown])', 'stall (background)', 'stall (GET /report)'],
    'GET /users/:id',
  ])
})

test('a narrow terminal has whose and how long for longest', () => {
  const entries = listDumps(join(cwd, 'profiles')).slice(-2, -1)
  const widths = [200, 100, 90, 75, 40]
  const heads = widths.map((width) => {
    return [...tableLines(stallColumns(entries, cwd), entries, width, PLAIN)][0]
  })
  expect(heads.map((head) => head!.split(/ {2,}/))).toEqual([
    ['duration', 'whose', 'function', 'cause', 'waited'],
    ['duration', 'whose', 'function', 'cause', 'waited'],
    ['duration', 'whose', 'function', 'cause', 'waited'],
    ['duration', 'whose', 'function', 'cause', 'waited'],
    ['duration', 'whose', 'function'],
  ])
})

test('programs are given all that the dumps say', () => {
  const json = JSON.parse(profview(['list', '--stalls', '--json'], { cwd }).out)
  expect(json).toHaveLength(4)
  expect(json[3]).toMatchObject({ kind: 'stall', stall: { by: [{ title: 'GET /report' }] } })
})

test('one line says that there is none', () => {
  expect(profview(['list', '--stalls', '.'], { cwd })).toEqual({
    ...{ code: 0, out: '', err: 'profview: no stall dumps in .\n' },
  })
  expect(profview(['list', '--stalls', '--kind', 'request'], { cwd })).toMatchObject({ code: 2 })
})

// --- internal ---

function held(title: string, name: string, file: string): StallHolder {
  const line = file === '' ? 0 : 3
  return { title, name, file, line, micros: 500_000, functionMicros: name === '' ? 0 : 430_000 }
}

function stall(id: string, facts: Partial<Stall>) {
  return dumpOf('GET /report 512000', {
    id,
    ...{ kind: 'stall', kept: 'stall', request: null, durationMicros: 512_000 },
    startedAt: `2026-11-20T14:01:1${'abcde'.indexOf(id)}.000Z`,
    stall: { ended: true, cause: 'callback', delayedCount: 0, delayed: [], ...facts },
  })
}

function withoutFiles(lines: string[]): string[] {
  return lines.map((line) => line.replace(/(?<= profiles\/)\S+$/, ''))
}
