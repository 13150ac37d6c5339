import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { totalWeight } from '../../src/profile/calltree.js'
import { checkProfile } from '../../src/profile/check.js'
import { headerAt } from '../../src/sourcemap/function-header.js'
import type { SourceMap } from '../../src/sourcemap/map.js'
import { mapProfile } from '../../src/sourcemap/map-profile.js'
import { foldProfile } from '../../src/transform/fold.js'
import { joinHelpers } from '../../src/transform/helpers.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { pruneProfile } from '../../src/transform/prune.js'
import { applyView } from '../../src/transform/view.js'
import { anyProfile } from '../support/arbitrary.js'
import { mapOf } from '../support/maps.js'
import { formatTree, profileFrom } from '../support/trees.js'

const NEVER = () => false

describe('the header of a function', () => {
  test.each([
    ['export async function load(id) {', [1, 8, 14, 23, 27, 28], 23, 'load'],
    ['function load(id) {', [1, 10, 14], 10, 'load'],
    ['  async find<T>(id: number): Promise<T> {', [3, 9, 16], 9, 'find'],
    ['  static of() {', [3, 10, 12], 10, 'of'],
    ['  get size() {', [3, 7, 11], 7, 'size'],
    ['  get() {', [3, 6], 3, 'get'],
    ['class Store extends Base {', [1, 7], 7, 'Store'],
    ['const load = async (id) => {', [14, 20, 21], 20, 'load'],
    ['const load: Load<string> = async (id) => {', [34], 34, 'load'],
    ['const load = async id => {', [14, 20], 20, 'load'],
    ['this.load = function (id) {', [13, 22], 22, 'load'],
    ['Store.prototype.find = function (id) {', [24, 33], 33, 'find'],
    ['  { load: (id) => id }', [11], 11, 'load'],
    ['  x ? y : (id) => id', [11], 11, ''],
    ['users.map((each) => each.id)', [11, 12], 11, ''],
    ['users.map(each => each.id)', [11], 11, ''],
    ['run(function () {', [5, 14], 14, ''],
    ['new Promise(function done(resolve) {', [13, 22, 26], 22, 'done'],
    ['function* (a) {', [1, 11], 11, ''],
    ['', [1, 9], null, ''],
  ])('%s', (line, columns, column, name) => {
    for (const at of columns) expect(headerAt(line, at)).toEqual({ column: column ?? at, name })
  })
})

/** Two lines of code and what they come from: `column:source line:source column(name)`. */
const MAP = mapOf({
  file: '/dist/app.js',
  lines: [
    'var o=(r,n,t)=>new Promise((s,u)=>{r(n)});function a(r){return o(this,null,function*(){c()})}',
    'function c(){}var d=r=>r;d(function(){})',
  ],
  mappings: [
    '43:1:8 52:1:23(load) 54:1:28(id) 64:1:1(__async) 66:1:1 91:2:3(count)',
    '1:5:1 10:5:10(count) 15:8:1 19:8:7(twice) 21:8:15(n) 26:9:1(twice) 28:9:7',
  ],
  source: '/src/app.ts',
  sourceLines: [
    'export async function load(id: number) {',
    '  count()',
    '}',
    '',
    'function count() {',
    '}',
    '',
    'const twice = (n) => n',
    'twice(function () {',
  ],
})
const mapFor = (file: string) => (file === '/dist/app.js' ? MAP : null)

describe('mapping', () => {
  test('gives functions back their file, name and place, and keeps what was recorded', () => {
    const profile = profileFrom(`
      main;a@/dist/app.js:1:53;c@/dist/app.js:2:11 5
      main;d@/dist/app.js:2:21 3
      main;(anonymous)@/dist/app.js:2:36 2
    `)
    const mapped = checkProfile(mapProfile(profile, mapFor))
    expect(formatTree(mapped, { places: true })).toEqual([
      'main 10 0',
      '  load@/src/app.ts:1:23 5 0',
      '    count@/src/app.ts:5:10 5 5',
      '  twice@/src/app.ts:8:15 3 3',
      '  (anonymous)@/src/app.ts:9:16 2 2',
    ])
    const recorded = { name: 'c', file: '/dist/app.js', line: 2, column: 11 }
    const count = (frames: typeof mapped.frames) => frames.find(({ name }) => name === 'count')
    expect(count(mapped.frames)?.generated).toEqual(recorded)
    const shown = pruneProfile(
      foldProfile(mergeProfiles([mapped, mapped]), ALL).profile,
      0.01,
    ).profile
    expect(count(shown.frames)?.generated).toEqual(recorded)
  })

  test('shows an async function that was taken apart as one', () => {
    const profile = profileFrom(`
      main;a@/dist/app.js:1:53;o@/dist/app.js:1:7;Promise;(anonymous)@/dist/app.js:1:28;next;(anonymous)@/dist/app.js:1:86 5
      main;a@/dist/app.js:1:53;o@/dist/app.js:1:7;Promise;(anonymous)@/dist/app.js:1:28;next;(anonymous)@/dist/app.js:1:86;c@/dist/app.js:2:11 2
      main;a@/dist/app.js:1:53;o@/dist/app.js:1:7 1
    `)
    expect(
      formatTree(joinHelpers(mapProfile(profile, mapFor), NEVER).profile, { places: true }),
    ).toEqual(['main 8 0', '  load@/src/app.ts:1:23 8 6', '    count@/src/app.ts:5:10 2 2'])
  })

  test('leaves alone what no map leads to', () => {
    const profile = profileFrom(`
      a@/dist/other.js:1:53 1
      a@/dist/app.js 1
      a@/dist/app.js:900:1 1
      a@/dist/app.js:1:40000 1
      (garbage collector) 1
    `)
    expect(mapProfile(profile, mapFor)).toBe(profile)
  })

  test('takes a line without a column only if all of it comes from one line', () => {
    const map = mapOf({ ...SIMPLE, mappings: ['1:3:1 5:3:9', '1:5:1 9:6:1'] })
    const profile = profileFrom('a@/x.js:1 1\nb@/x.js:2 1')
    expect(
      formatTree(
        mapProfile(profile, () => map),
        { places: true },
      ),
    ).toEqual(['b@/x.js:2:0 1 1', 'a@/x.ts:3:0 1 1'])
  })

  test('keeps the recorded name where neither the text nor the map has another', () => {
    const map = mapOf({ ...SIMPLE, mappings: ['1:3:1', '1:5:1 10:5:8(load)'] })
    const profile = profileFrom('a@/x.js:1:11 1\nb@/x.js:2:11 1')
    expect(
      formatTree(
        mapProfile(profile, () => map),
        { places: true },
      ),
    ).toEqual(['a@/x.ts:3:1 1 1', 'load@/x.ts:5:8 1 1'])
  })

  test('does not take the end of another function for the beginning of this one', () => {
    const map = mapOf({
      ...SIMPLE,
      lines: ['function a(){c()}function b(){}'],
      mappings: ['1:3:1 10:3:8 14:4:1'],
    })
    const profile = profileFrom('a@/x.js:1:11 1\nb@/x.js:1:28 1')
    expect(
      formatTree(
        mapProfile(profile, () => map),
        { places: true },
      ),
    ).toEqual(['b@/x.js:1:28 1 1', 'a@/x.ts:3:8 1 1'])
  })

  test('tells of files that have changed, a few of them', () => {
    const profile = profileFrom('a@/1.js:1;b@/2.js:1;c@/3.js:1;d@/4.js:1;e@/5.js:1 1')
    expect(mapProfile(profile, () => 'changed').warnings).toEqual([
      '/1.js has changed since the recording: its source map is not used',
      '/2.js has changed since the recording: its source map is not used',
      '/3.js has changed since the recording: its source map is not used',
      'nor are the source maps of 2 more files',
    ])
  })
})

describe('helpers', () => {
  test.each([
    ['load@/a.ts:1;__awaiter@/a.js:2;step@/node_modules/tslib/tslib.js:3;next;load@/a.ts:1 3'],
    ['load@/a.ts:1;_asyncToGenerator@/a.js:2;asyncGeneratorStep@/a.js:3;next;load@/a.ts:1 3'],
  ])('%s', (lines) => {
    expect(formatTree(applyView(profileFrom(lines), {}))).toEqual(['load 3 3'])
    expect(formatTree(applyView(profileFrom(lines), { foldLibraries: false })).length).toBe(5)
    expect(formatTree(applyView(profileFrom(lines), { invert: true }))).toEqual(['load 3 3'])
  })

  test('that nobody called keep their own time', () => {
    const profile = profileFrom(`
      __awaiter@/a.js:2;__awaiter@/a.js:2;next;load@/a.ts:1 3
      __awaiter@/a.js:2;__awaiter@/a.js:2 1
      __awaiter@/a.js:2;next 1
    `)
    expect(formatTree(joinHelpers(profile, NEVER).profile)).toEqual(['load 3 3', '__awaiter 2 2'])
  })

  test('do not hide a function that calls itself', () => {
    const profile = profileFrom('f@/a.ts:1;f@/a.ts:1;__awaiter@/a.js:2;f@/a.ts:1;f@/a.ts:1 3')
    expect(formatTree(joinHelpers(profile, NEVER).profile)).toEqual([
      'f 3 0',
      '  f 3 0',
      '    f 3 3',
    ])
  })

  test('stay where they are asked for', () => {
    const profile = profileFrom('load@/a.ts:1;__awaiter@/a.js:2;load@/a.ts:1 3')
    expect(formatTree(applyView(profile, { show: ['__awaiter'] })).length).toBe(3)
  })
})

test('time is conserved', () => {
  const anyMap = fc.oneof(
    fc.constantFrom<SourceMap | 'changed' | null>(MAP, 'changed', null),
    fc
      .array(fc.tuple(fc.nat({ max: 80 }), fc.nat({ max: 9 }), fc.nat({ max: 9 })), {
        maxLength: 6,
      })
      .map((segments) =>
        mapOf({
          ...MAP_TEXT,
          mappings: MAP_TEXT.lines.map(() =>
            segments.map(([at, line, column]) => `${at + 1}:${line + 1}:${column + 1}`).join(' '),
          ),
        }),
      ),
  )
  const names = fc.constantFrom('__awaiter', 'next', 'f', '(anonymous)')
  fc.assert(
    fc.property(anyProfile(), anyMap, fc.array(names), (profile, map, renamed) => {
      const frames = profile.frames.map((frame, i) =>
        i > 0 && renamed[i] ? { ...frame, name: `${renamed[i]}` } : frame,
      )
      // Whose `[await]` has become another frame.
      const changed = mergeProfiles([{ ...profile, frames, waits: [] }])
      const mapped = checkProfile(mapProfile(changed, () => map))
      expect(totalWeight(mapped)).toBe(totalWeight(profile))
      expect(mapped.samples.weight).toEqual(changed.samples.weight)
      const joined = checkProfile(joinHelpers(mapped, NEVER).profile)
      expect(joined.samples.weight).toEqual(changed.samples.weight)
    }),
  )
})

const ALL = { libraries: true, hide: NEVER, show: NEVER }
const MAP_TEXT = { file: '/a.js', lines: ['function a(){}'.repeat(6), '', 'x'], source: '/a.ts' }
const SIMPLE = { ...MAP_TEXT, lines: ['function a(){}', 'function b(){}'], source: '/x.ts' }
