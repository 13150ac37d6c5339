/** The same code in another folder, and what only looks like it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { diffProfiles } from '../../src/analysis/diff.js'
import { totalWeight } from '../../src/profile/calltree.js'
import { checkProfile } from '../../src/profile/check.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { temporaryDirectory } from '../support/shop.js'
import { formatTree, profileFrom } from '../support/trees.js'

function diff(before: string, after: string): string[] {
  const [one, other] = [profileFrom(before), profileFrom(after)]
  const { profile } = diffProfiles(one, other)
  expect(totalWeight(checkProfile(profile))).toBe(totalWeight(other) - totalWeight(one))
  return formatTree(profile, { places: true })
}

describe('the same function', () => {
  test('below another root, as a URL, with other separators', () => {
    const roots = [
      '/home/ann/shop',
      'file:///home/ann/my%20shop',
      'C:\\\\build\\\\7'.replaceAll('\\\\', '\\'),
    ]
    for (const root of roots) {
      const at = (path: string) =>
        `${root}/${path}`.replaceAll('/', root.startsWith('C') ? '\\' : '/')
      const before = `main@${at('server.js')}:1:1;load@${at('src/a/index.js')}:5:1;(anonymous)@${at('src/a/index.js')}:6:4 10`
      const after =
        'main@/ci/b/server.js:1:1;load@/ci/b/src/a/index.js:7:1;(anonymous)@/ci/b/src/a/index.js:8:4 14'
      expect(diff(before, after)).toEqual([
        'main@/ci/b/server.js:1:1 4 0',
        '  load@/ci/b/src/a/index.js:7:1 4 0',
        '    (anonymous)@/ci/b/src/a/index.js:8:4 4 4',
      ])
    }
  })

  test('where each side has seen another part of the checkout', () => {
    const before =
      'a@/home/ann/shop/src/a.js:1:3;b@/home/ann/shop/src/b.js:1:3;gone@/home/ann/shop/src/gone.js:1:3 9'
    const after = 'a@/ci/src/a.js:1:3;b@/ci/src/b.js:1:3;fresh@/ci/lib/fresh.js:1:3 11'
    expect(diff(before, after)).toEqual([
      'a@/ci/src/a.js:1:3 2 0',
      '  b@/ci/src/b.js:1:3 2 0',
      '    fresh@/ci/lib/fresh.js:1:3 11 11',
      '    gone@/ci/src/gone.js:1:3 -9 -9',
    ])
  })

  test('in the same package, whoever installed it', () => {
    const before =
      'handle@/home/ann/shop/node_modules/.pnpm/router@2.2.0/node_modules/router/lib/layer.js:90:5 7'
    const after = 'handle@/ci/node_modules/router/lib/layer.js:91:5 5'
    expect(diff(before, after)).toEqual(['handle@/ci/node_modules/router/lib/layer.js:91:5 -2 -2'])
  })

  test('in a file that was moved, by its name, its callers and its callees', () => {
    const before = 'main@/app/main.js:1:3;price@/app/cart.js:5:1;tax@/app/tax.js:2:1 8'
    const after = 'main@/app/main.js:1:3;price@/app/shop/prices.js:3:1;tax@/app/tax.js:2:1 9'
    expect(diff(before, after)).toEqual([
      'main@/app/main.js:1:3 1 0',
      '  price@/app/shop/prices.js:3:1 1 0',
      '    tax@/app/tax.js:2:1 1 1',
    ])
  })
})

describe('not the same function', () => {
  test('of files that are called alike', () => {
    const before = 'main@/home/ann/main.js:1:3;a@/home/ann/src/a/index.js:1:3 5'
    const after = 'main@/ci/main.js:1:3;b@/ci/src/b/index.js:1:3 6'
    expect(diff(before, after)).toEqual([
      'main@/ci/main.js:1:3 1 0',
      '  b@/ci/src/b/index.js:1:3 6 6',
      '  a@/ci/src/a/index.js:1:3 -5 -5',
    ])
  })

  test('of two packages of one path', () => {
    const at = (version: string) =>
      `get@/app/node_modules/.pnpm/x@${version}/node_modules/x/x.js:3:1`
    const both = diff(`${at('1.0.0')} 3\n${at('2.0.0')} 4`, 'get@/ci/node_modules/x/x.js:3:1 5')
    expect(both).toHaveLength(3)
  })

  test('of another caller', () => {
    const before =
      'main@/app/main.js:1:3;get@/app/cart.js:5:1 8\nmain@/app/main.js:1:3;a@/app/a.js:1:3 1'
    const after = 'main@/app/main.js:1:3;a@/app/a.js:1:3;get@/app/store.js:3:1 11'
    expect(diff(before, after)).toEqual([
      'main@/app/main.js:1:3 2 0',
      '  a@/app/a.js:1:3 10 -1',
      '    get@/app/store.js:3:1 11 11',
      '  get@/app/cart.js:5:1 -8 -8',
    ])
  })

  test('that is called alike, and has moved by less than those around it', () => {
    const before = 'one@/a.js:1:3;get@/a.js:10:3 5\ntwo@/a.js:30:3;get@/a.js:20:3 7'
    const after = 'one@/a.js:11:3;get@/a.js:20:3 6\ntwo@/a.js:40:3;get@/a.js:30:3 9'
    expect(diff(before, after)).toEqual([
      'two@/a.js:40:3 2 0',
      '  get@/a.js:30:3 2 2',
      'one@/a.js:11:3 1 0',
      '  get@/a.js:20:3 1 1',
    ])
  })
})

describe('recorded by V8', () => {
  const { dir, remove } = temporaryDirectory()
  afterAll(remove)

  test('in two folders: no function is only on one side', () => {
    const record = (name: string, head: string) => {
      const root = join(dir, name)
      mkdirSync(join(root, 'lib'), { recursive: true })
      writeFileSync(join(root, 'main.mjs'), `import { work } from './lib/work.mjs'\nwork()\n`)
      writeFileSync(join(root, 'lib/work.mjs'), `${head}${WORK}`)
      execFileSync(process.execPath, ['--cpu-prof', '--cpu-prof-dir', root, join(root, 'main.mjs')])
      return readProfileFile(
        join(root, readdirSync(root).find((each) => each.endsWith('.cpuprofile'))!),
      )
    }
    const before = record('one', '')
    const after = record('two/deeper', '// a line more\n\n')
    const { profile, functions } = diffProfiles(before, after)
    const mine = profile.frames.flatMap(({ name, file }, i) => {
      const isBoth = functions.before[i]! > 0 && functions.after[i]! > 0
      return file.endsWith('work.mjs') && ['work', 'spin', '(anonymous)'].includes(name)
        ? [`${name} ${isBoth}`]
        : []
    })
    expect(mine.filter((line) => !line.startsWith('(')).sort()).toEqual(['spin true', 'work true'])
    expect(profile.frames.some(({ file }) => file.includes('/one/'))).toBe(false)
  })
})

const WORK = `export function work() {
  const end = performance.now() + 300
  while (performance.now() < end) spin()
}
function spin() {
  for (let i = 0; i < 1e5; i++) Math.hypot(i, i)
}
`
