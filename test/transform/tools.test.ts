import { describe, expect, test } from 'vitest'
import { totalWeight } from '../../src/profile/calltree.js'
import { frameKind } from '../../src/profile/frames.js'
import { findingsOf } from '../../src/render/findings/findings.js'
import { flatLines } from '../../src/render/flat.js'
import { toolOwners } from '../../src/transform/tool-owners.js'
import { applyView } from '../../src/transform/view.js'
import { dumpOf } from '../support/dumps.js'
import { formatTree, profileFrom } from '../support/trees.js'

const COMPILER = '/w/node_modules/typescript/lib/_tsc.js'
const LOAD = 'run@node:internal/a:1;load@node:internal/b:1;compile@node:internal/c:1'
const TSC = `
  ${LOAD};main@${COMPILER}:1;check@${COMPILER}:9;relate@${COMPILER}:5 60000
  ${LOAD};main@${COMPILER}:1;bind@${COMPILER}:7 30000
  ${LOAD};main@${COMPILER}:1;read@node:fs:5;open@node:fs:9;stat@node:fs:7 4000
  ${LOAD};main@${COMPILER}:1;all@/w/node_modules/glob/a.js:1;one@/w/node_modules/glob/a.js:9 3000
  ${LOAD} 3000
`

describe('the profile of a tool', () => {
  test('shows the packages that have most of it, and folds the rest', () => {
    const profile = profileFrom(TSC)
    const shown = applyView(profile, {})
    expect(formatTree(shown)).toEqual([
      'run 100000 0',
      '  load 100000 0',
      '    compile 100000 3000',
      '      main 97000 0',
      '        check 60000 0',
      '          relate 60000 60000',
      '        bind 30000 30000',
      '        read 4000 0',
      '          [2 frames hidden] node 4000 4000',
      '        all 3000 0',
      '          one 3000 3000',
    ])
    expect(totalWeight(shown)).toBe(totalWeight(profile))
  })

  test('has findings that name its functions', () => {
    expect(findingsOf(profileFrom(TSC))[0]!.text).toMatch(
      /^CPU: 60 % of 100 ms in relate \(.*_tsc\.js:5\)/,
    )
    const many = Array.from({ length: 20 }, (_, i) => `f${i}@${COMPILER}:${i + 1} ${5000 + i}`)
    expect(findingsOf(profileFrom(many.join('\n')))[0]!.text).toMatch(
      /spread over many functions, most in f19 \(.*_tsc\.js:20\)/,
    )
  })

  test('is that of an app as soon as the app’s code has five per cent of it', () => {
    const app = `${TSC}\n${LOAD};config@/w/vite.config.ts:1;plugin@/w/node_modules/p/a.js:1 6000`
    expect(formatTree(applyView(profileFrom(app), {})).join('\n')).not.toContain('check')
  })

  const RUNNER = '/w/node_modules/runner/a.js'
  const SPEC = `${LOAD};run@${RUNNER}:1;spec@/w/a.test.js:1;load@${RUNNER}:3;compile@${RUNNER}:5`

  test('is one, too, where what the app loads is what takes the time', () => {
    const profile = profileFrom(`
      ${SPEC};parse@/w/node_modules/babel/a.js:1;next@/w/node_modules/babel/a.js:2 40000
      ${LOAD};run@${RUNNER}:1;find@${RUNNER}:7;read@${RUNNER}:8 60000
    `)
    expect([...toolOwners(profile)]).toEqual(['runner', 'babel'])
  })

  test('is that of an app where most is what the app has its framework do', () => {
    const EXPRESS = '/w/node_modules/express/a.js'
    const handler = `${LOAD};handle@${EXPRESS}:1;next@${EXPRESS}:2;handler@/w/app.js:1`
    const profile = profileFrom(`
      ${handler};json@${EXPRESS}:3;send@${EXPRESS}:4;end@${EXPRESS}:5 60000
      ${LOAD};handle@${EXPRESS}:1;next@${EXPRESS}:2;find@${EXPRESS}:9 40000
    `)
    expect([...toolOwners(profile)]).toEqual([])
  })

  test('does not show between its modules how they are loaded', () => {
    const load = 'require@node:internal/modules/helpers:1;_load@node:internal/modules/cjs/loader:1'
    const compile =
      'load@node:internal/modules/cjs/loader:2;_compile@node:internal/modules/cjs/loader:3'
    const profile = profileFrom(`
      main@/w/a.js:1;${load};${compile};b@/w/b.js:1;work@/w/b.js:3 9000
    `)
    expect(formatTree(applyView(profile, {}))).toEqual([
      'main 9000 0',
      '  require 9000 0',
      '    [3 frames hidden] node 9000 0',
      '      b 9000 0',
      '        work 9000 9000',
    ])
  })

  test('is never a dump of requests', () => {
    const shown = applyView(dumpOf('1', TSC), {})
    expect(formatTree(shown).join('\n')).not.toContain('check')
  })

  test('of a runtime shows its own modules', () => {
    const deno = 'op@ext:core/01_core.js:1;poll@ext:core/01_core.js:9;run@ext:runtime/a.js:3 9000'
    expect(formatTree(applyView(profileFrom(deno), {}))).toHaveLength(3)
  })

  test('says in the table of functions how much of it is under the threshold', () => {
    const small = Array.from({ length: 150 }, (_, i) => `f${i}@${COMPILER}:${i + 1} 400`)
    const lines = [...flatLines(profileFrom([`top@${COMPILER}:999 40000`, ...small].join('\n')))]
    expect(lines.at(-1)).toBe('and 150 functions under the threshold, 60 % of the time')
  })
})

test.each([
  ['node:fs', 'node'],
  ['internal/main.js', 'node'],
  ['internal:fs/streams', 'node'],
  ['ext:core/01_core.js', 'node'],
  ['bun:ffi', 'node'],
  ['deno:core', 'node'],
  ['builtin://bun', 'node'],
  ['electron/js2c/asar_bundle', 'node'],
  ['native array.js', 'native'],
  ['wasm://wasm/0a1b2c', 'native'],
  ['evalmachine.<anonymous>', 'native'],
  ['native/x.js', 'app'],
  ['wasm/x.js', 'app'],
  ['native-modules.js', 'app'],
  ['chrome-extension://abc/content.js', 'library'],
  ['/srv/internal/app.js', 'app'],
  ['/srv/ext/core.js', 'app'],
])('code of %s is of kind %s', (file, kind) => {
  expect(frameKind({ name: 'f', file, line: 1, column: 1 })).toBe(kind)
})
