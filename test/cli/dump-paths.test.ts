/** Ids are paths, and where nobody names one there is a directory. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeCpuprofile } from '../../src/formats/cpuprofile/write.js'
import { makeDumpName } from '../../src/store/dump-name.js'
import { openStore } from '../../src/store/dump-store.js'
import { DEFAULT_LIMITS } from '../../src/store/retention.js'
import { profview } from '../support/cli.js'
import { dumpOf } from '../support/meta.js'

const ONE = '3311fd02c4a95b17'
const OTHER = '3311fe02c4a95b17'
const OLD = 'beef0123456789abcdef0123456789ab'

let cwd: string
let file: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-ids-'))
  const store = openStore({ dir: join(cwd, 'profiles'), limits: DEFAULT_LIMITS })
  file = store.write(dumpOf('main;one 5', { id: ONE }))
  store.write(dumpOf('main;other 5', { id: OTHER }))
  writeFileSync(
    join(cwd, 'profiles', makeDumpName(0, 0, 1, 'cafe000000000000')),
    writeCpuprofile(dumpOf('main;old 5', { id: OLD })),
  )
  mkdirSync(join(cwd, 'elsewhere'))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const shown = (args: readonly string[], options = {}) =>
  profview(['show', ...args, '--all'], { cwd, ...options })

test('the name of a dump holds its id', () => {
  expect(basename(file)).toMatch(new RegExp(`-${ONE}\\.cpuprofile$`))
})

describe('an id, or its beginning, is a path', () => {
  test.each([
    [ONE, 'one'],
    ['3311fd', 'one'],
    ['3311FD', 'one'],
    ['profiles/3311fe', 'other'],
    ['beef', 'old'],
    [OLD, 'old'],
    // By the name of its file, too.
    ['cafe', 'old'],
  ])('%s', (path, name) => {
    const { code, out, err } = shown([path])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(new RegExp(`\\b${name}\\b`))
  })

  test('from any directory', () => {
    const elsewhere = join(cwd, 'elsewhere')
    const env = { PROFVIEW_DIR: join(cwd, 'profiles') }
    expect(shown([join(cwd, 'profiles', '3311fd')], { cwd: elsewhere }).out).toMatch(/\bone\b/)
    expect(shown(['3311fd'], { cwd: elsewhere, env }).out).toMatch(/\bone\b/)
  })

  test('several at once, and for each command', () => {
    const { out } = profview(['merge', '3311fd', '3311fe', '-o', 'both.json'], { cwd })
    expect(out).toMatch(/2 profiles/)
    expect(profview(['diff', '3311fd', '--', '3311fe'], { cwd }).code).toBe(0)
    expect(profview(['convert', 'beef', '-o', 'old.pb'], { cwd }).code).toBe(0)
  })

  test('an ambiguous one names those that there are', () => {
    const { code, err } = shown(['3311'])
    expect(code).toBe(1)
    expect(err).toMatch(/^profview: 3311: 2 dumps in profiles have ids that begin so: .*\n$/)
    for (const id of [ONE, OTHER]) expect(err).toContain(id)
  })

  test('what is there is what it is', () => {
    writeFileSync(join(cwd, 'beef'), 'main;file 3\n')
    expect(shown(['beef']).out).toMatch(/\bfile\b/)
    rmSync(join(cwd, 'beef'))
  })

  test.each([
    ['dead', /^profview: dead: no such file, and no dump in profiles has an id that begins so\n$/],
    ['331', /^profview: cannot read 331: .*ENOENT/],
    [
      'nowhere/3311fd',
      /^profview: nowhere\/3311fd: no such file, and there is no directory nowhere /,
    ],
    ['../3311fd', /^profview: \.\.\/3311fd: no such file, /],
    ['profiles/../3311fd', /no such file/],
    ['3311fd/', /no such file/],
    ['3311f*', /no such file/],
    ['33\u001b[2J11', /^profview: cannot read /],
    ['3311fd.cpuprofile', /no such file/],
    [`${ONE}${ONE}0`, /no such file/],
  ])('%s is none', (path, message) => {
    const { code, out, err } = shown([path])
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(message)
    expect(err.trimEnd()).not.toMatch(/[\n\u001b]/)
  })
})

describe('without a path', () => {
  test('profiles, or what the environment says', () => {
    expect(shown([]).out).toMatch(/\bone\b/)
    const env = { PROFVIEW_DIR: 'profiles/3311fd' }
    expect(shown([], { env }).out).not.toMatch(/\bother\b/)
    expect(profview(['merge', '-o', 'all.json'], { cwd }).out).toMatch(/3 profiles/)
    expect(profview(['convert', '-o', 'all.pb'], { cwd }).code).toBe(0)
  })

  test('that is not there: one line', () => {
    const { code, err } = shown([], { cwd: join(cwd, 'elsewhere') })
    expect([code, err]).toEqual([1, expect.stringMatching(/^profview: .*profiles.*\n$/)])
  })
})
