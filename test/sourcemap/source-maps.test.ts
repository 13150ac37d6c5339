/** Maps of real compilers over profiles of V8, and files that are no maps or not of this text. */
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { framesOf, totalWeight } from '../../src/profile/calltree.js'
import type { Profile } from '../../src/profile/profile.js'
import { hashOf } from '../../src/sourcemap/source-file.js'
import { recordingFactsOf, SourceMaps } from '../../src/sourcemap/source-maps.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { joinHelpers } from '../../src/transform/helpers.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { COMPILERS, compile, SOURCE, writeCompiled } from '../support/compiled.js'
import { dumpOf } from '../support/dumps.js'
import { temporaryDirectory } from '../support/shop.js'
import { profileFrom } from '../support/trees.js'

const { dir, remove } = temporaryDirectory()
afterAll(remove)

let count = 0
function fresh(): string {
  const path = join(dir, `app${count++}`)
  mkdirSync(path)
  return path
}

describe('a profile of V8', () => {
  test.each(COMPILERS.flatMap((by) => [true, false].map((inline) => ({ by, inline }))))(
    'of what $by made, inline map: $inline',
    ({ by, inline }) => {
      const app = fresh()
      const file = writeCompiled(app, by, { inline, tail: '\nmodule.exports.main()' })
      const args = ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', app, file]
      execFileSync(process.execPath, args)
      const recorded = readProfileFile(join(app, readdirSync(app).find(isProfile)!))
      const maps = new SourceMaps()
      const known = recordingFactsOf(recorded, Date.now())
      const mapped = joinHelpers(maps.apply(recorded, known), () => false).profile
      expect(totalWeight(mapped)).toBe(totalWeight(recorded))
      const source = join(app, 'src', 'app.ts')
      const places = new Set(
        mapped.frames
          .filter(({ file }) => file === source)
          .map(({ name, line }) => `${name}:${line}`),
      )
      expect([...places].filter((place) => !WRITTEN.includes(place))).toEqual([])
      expect(callersOf(mapped, 'burn')).toEqual(['loadUser'])
      expect(calledBySomebody(mapped).filter((name) => HELPER.test(name))).toEqual([])
    },
  )
})

describe('a file of which the profile says', () => {
  const hashed = (file: string, hash: string) =>
    recordingFactsOf(dumpOf('a', 'main 1', { files: { [file]: hash } }), 0).files

  test('that it is the same: its map, whatever its time', () => {
    const file = writeCompiled(fresh(), 'ES2022')
    const bytes = readFileSync(file)
    expect(new SourceMaps().of(file, hashed(file, hashOf(bytes)))).toMatchObject({
      sources: [join(file, '../../src/app.ts')],
    })
  })

  test('that it was another: changed', () => {
    const file = writeCompiled(fresh(), 'ES2022')
    expect(new SourceMaps().of(file, hashed(file, '0123456789abcdef'))).toBe('changed')
  })

  test('nothing, while it does of others: what its functions say', () => {
    const file = writeCompiled(fresh(), 'ES2022')
    const others = hashed('/other.js', '0123456789abcdef')
    const { frames } = new SourceMaps().apply(
      profileFrom(`loadUser@${file}:6:24;burn@${file}:21:14 5`),
      { files: others },
    )
    expect(frames.map((frame) => frame.file)).toContain(join(file, '../../src/app.ts'))
    const wrong = new SourceMaps().apply(profileFrom(`saveUser@${file}:6:24 5`), { files: others })
    expect(wrong.warnings).toHaveLength(1)
  })

  test('the same in all of several recordings, or not', () => {
    const file = writeCompiled(fresh(), 'ES2022')
    const hash = hashOf(readFileSync(file))
    const facts = (...hashes: (string | null)[]) =>
      recordingFactsOf(
        mergeProfiles(
          hashes.map((each, i) =>
            dumpOf(`${i}`, 'main 1', each === null ? {} : { files: { [file]: each } }),
          ),
        ),
        0,
      ).files
    expect(facts(hash, hash)?.get(file)).toBe(hash)
    expect(new SourceMaps().of(file, facts(hash, '0123456789abcdef'))).toBe('changed')
    expect(facts(hash, null)).toBe(null)
  })

  test('is read again when it has changed', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const app = fresh()
    const file = writeCompiled(app, 'ES2022')
    const maps = new SourceMaps()
    const first = maps.of(file, null)
    expect(maps.of(file, null)).toBe(first)
    rmSync(file)
    vi.advanceTimersByTime(1_100)
    expect(maps.of(file, null)).toBeNull()
  })
})

describe('a source that was written after it was compiled', () => {
  test('tells no names', () => {
    const app = fresh()
    const file = writeCompiled(app, 'ES2022')
    writeFileSync(join(app, 'src/app.ts'), SOURCE.replaceAll('loadUser', 'loadGroup'))
    const later = new Date(Date.now() + 10_000)
    utimesSync(join(app, 'src/app.ts'), later, later)
    const map = new SourceMaps().of(file, null)
    expect(map).toMatchObject({ sources: [join(app, 'src/app.ts')] })
    expect(
      (map as Exclude<typeof map, 'changed' | null>).sourceLine(join(app, 'src/app.ts'), 3),
    ).toBe('')
  })
})

describe('no map', () => {
  const { code, map } = compile('ES2022')
  const good = JSON.parse(map)
  const section = (line: unknown, column: unknown, more = {}) => ({
    offset: { line, column },
    map: { ...good, ...more },
  })
  const nested = (depth: number) => {
    let text = JSON.stringify(good)
    for (let i = 0; i < depth; i++) {
      text = `{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":${text}}]}`
    }
    return text
  }
  const bad: [string, string][] = [
    ['nothing', ''],
    ['no JSON', '{"version":3,'],
    ['a list', '[]'],
    ['null', 'null'],
    ['without mappings', JSON.stringify({ ...good, mappings: undefined })],
    ['mappings of another kind', JSON.stringify({ ...good, mappings: [[[0, 0, 0, 0]]] })],
    ['sources of another kind', JSON.stringify({ ...good, sources: 'app.ts' })],
    ['names of another kind', JSON.stringify({ ...good, names: [1, 2] })],
    ['no sources', JSON.stringify({ ...good, sources: [] })],
    ['more lines than the text', JSON.stringify({ ...good, mappings: `${';'.repeat(500)}AAAA` })],
    ['very many lines', JSON.stringify({ ...good, mappings: ';'.repeat(5_000_000) })],
    ['columns beyond the text', JSON.stringify({ ...good, mappings: 'gggggBAAAA' })],
    ['a negative line', JSON.stringify({ ...good, mappings: 'AADA' })],
    ['a negative source', JSON.stringify({ ...good, mappings: 'ADAA' })],
    ['a source that is not there', JSON.stringify({ ...good, mappings: 'AEAA' })],
    ['a name that is not there', JSON.stringify({ ...good, mappings: 'AAAAE' })],
    ['letters that are no numbers', JSON.stringify({ ...good, mappings: 'ÄÖÜ!?AA~~,\u0000' })],
    ['a number without an end', JSON.stringify({ ...good, mappings: 'g'.repeat(1_000_000) })],
    ['sections of another kind', JSON.stringify({ version: 3, sections: {} })],
    ['a section far away', JSON.stringify({ version: 3, sections: [section(2 ** 30, 0)] })],
    [
      'sections in no order',
      JSON.stringify({ version: 3, sections: [section(3, 0), section(1, 0)] }),
    ],
    ['a section nowhere', JSON.stringify({ version: 3, sections: [section(-1, 'x')] })],
    ['sections in sections', nested(2)],
    ['sections without end', nested(20_000)],
    [
      'very many sections',
      JSON.stringify({ version: 3, sections: Array(20_000).fill(section(0, 0, { mappings: '' })) }),
    ],
  ]
  test.each(bad)('%s', (_name, text) => {
    const app = fresh()
    writeFileSync(join(app, 'app.js'), `${code}\n//# sourceMappingURL=app.js.map\n`)
    writeFileSync(join(app, 'app.js.map'), text)
    expect(new SourceMaps().of(join(app, 'app.js'), null)).toBeNull()
  })

  test.each([
    'https://example.com/app.js.map',
    '//example.com/app.js.map',
    'missing.map',
    '.',
    'pipe',
    '/dev/zero',
    '%E0%A4%A',
    'data:application/json;base64,????',
    'data:',
    'data:application/json,{',
  ])('at %s', (url) => {
    const app = fresh()
    if (process.platform !== 'win32') execFileSync('mkfifo', [join(app, 'pipe')])
    writeFileSync(join(app, 'app.js'), `${code}\n//# sourceMappingURL=${url}\n`)
    expect(new SourceMaps().of(join(app, 'app.js'), null)).toBeNull()
  })

  test('of files that are no text of a program, or of a package', () => {
    const app = fresh()
    const text = `${code}\n//# sourceMappingURL=data:application/json;base64,${btoa(map)}\n`
    mkdirSync(join(app, 'node_modules/p'), { recursive: true })
    for (const name of ['app.txt', 'passwd', 'node_modules/p/app.js', 'app.js']) {
      writeFileSync(join(app, name), text)
    }
    const found = ['app.txt', 'passwd', 'node_modules/p/app.js', 'app.js', 'gone.js', '.'].map(
      (name) => new SourceMaps().of(join(app, name), null) !== null,
    )
    expect(found).toEqual([false, false, false, true, false, false])
    for (const name of ['node:fs', 'app.js', '', 'https://example.com/app.js', 'file://%']) {
      expect(new SourceMaps().of(name, null)).toBeNull()
    }
  })
})

describe('below the roots only', () => {
  const { code, map } = compile('ES2022')
  const inline = `${code}\n//# sourceMappingURL=data:application/json;base64,${btoa(map)}\n`

  test('is a file looked at that a profile names', () => {
    const [app, other] = [fresh(), fresh()]
    for (const at of [app, other]) writeFileSync(join(at, 'app.js'), inline)
    symlinkSync(join(other, 'app.js'), join(app, 'link.js'))
    symlinkSync(other, join(app, 'folder'))
    const found = (name: string) => new SourceMaps([realpathSync(app)]).of(name, null) !== null
    const inside = join(realpathSync(app), 'app.js')
    expect([inside, pathToFileURL(inside).href].map(found)).toEqual([true, true])
    const outside = [
      join(other, 'app.js'),
      pathToFileURL(join(other, 'app.js')).href,
      join(app, '..', other.slice(dir.length + 1), 'app.js'),
      `${app}2/app.js`,
      join(app, 'link.js'),
      join(app, 'folder', 'app.js'),
      '//server/share/app.js',
      '\\\\server\\share\\app.js',
      'file://server/share/app.js',
    ]
    expect(outside.filter(found)).toEqual([])
  })

  test.each([true, false])('is a map looked at that a file names, inside: %s', (isInside) => {
    const [app, other] = [realpathSync(fresh()), realpathSync(fresh())]
    const url = pathToFileURL(join(isInside ? app : other, 'app.js.map'))
    writeFileSync(url, map)
    writeFileSync(join(app, 'app.js'), `${code}\n//# sourceMappingURL=${url}\n`)
    const found = new SourceMaps([app]).of(join(app, 'app.js'), null)
    expect(found !== null).toBe(isInside)
  })

  test.each([true, false])('is a text looked at that a map names, inside: %s', (isInside) => {
    const [app, other] = [realpathSync(fresh()), realpathSync(fresh())]
    const source = join(isInside ? app : other, 'app.ts')
    writeFileSync(source, SOURCE)
    const { sourcesContent: _, ...raw } = { ...JSON.parse(map), sources: [source] }
    const data = btoa(JSON.stringify(raw))
    const compiled = `${code}\n//# sourceMappingURL=data:application/json;base64,${data}\n`
    writeFileSync(join(app, 'app.js'), compiled)
    const found = new SourceMaps([app]).of(join(app, 'app.js'), null)
    if (found === null || found === 'changed') throw new Error('no map')
    expect(found.sourceLine(source, 1)).toBe(isInside ? SOURCE.split('\n')[0] : '')
  })
})

describe('a map', () => {
  const read = (raw: object, url = 'app.js.map') => {
    const app = fresh()
    const { code } = compile('ES2022')
    writeFileSync(join(app, 'app.js'), `${code}\n//# sourceMappingURL=${url}\n// the end\n\n`)
    writeFileSync(join(app, 'app.js.map'), JSON.stringify(raw))
    const map = new SourceMaps().of(join(app, 'app.js'), null)
    if (map === null || map === 'changed') throw new Error('no map')
    return { app, map }
  }
  const good = JSON.parse(compile('ES2022').map)

  test.each([
    [{ sources: ['../x.ts'], sourceRoot: '' }, '../x.ts'],
    [{ sources: ['x.ts'], sourceRoot: 'src' }, 'src/x.ts'],
    [{ sources: ['x.ts'], sourceRoot: 'src/' }, 'src/x.ts'],
    [{ sources: ['a b#%41?.ts'] }, 'a b#%41?.ts'],
    [{ sources: ['/srv/x.ts'], sourceRoot: 'src' }, '/srv/x.ts'],
  ])('finds its sources: %j', (facts, path) => {
    const { app, map } = read({ ...good, ...facts })
    expect(map.sources).toEqual([path.startsWith('/') ? path : join(app, path)])
  })

  test('keeps the names of sources that are no files', () => {
    const { map } = read({ ...good, sources: ['webpack://shop/./src/app.ts'] })
    expect(map.sources).toEqual(['webpack://shop/./src/app.ts'])
    expect(map.mappingAt(6, 16)?.file).toBe('webpack://shop/./src/app.ts')
  })

  test('maps nothing to a source without a name', () => {
    const { map } = read({ ...good, sources: [null] })
    expect(map.mappingAt(6, 16)).toBeNull()
  })

  test('of maps', () => {
    const other = { ...good, sources: ['b.ts'], mappings: 'AAAA' }
    const { app, map } = read({
      version: 3,
      sections: [
        { offset: { line: 0, column: 0 }, map: { ...good, mappings: 'AAAA' } },
        { offset: { line: 5, column: 0 }, map: other },
      ],
    })
    expect(map.mappingAt(1, 3)?.file).toBe(join(app, '../src/app.ts'))
    expect(map.mappingAt(6, 3)).toMatchObject({ file: join(app, 'b.ts'), line: 1, column: 1 })
  })

  test('brings texts along', () => {
    const { map } = read({ ...good, sourcesContent: ['one\ntwo\r\nthree'] })
    expect([1, 2, 3, 4].map((line) => map.sourceLine(map.sources[0]!, line))).toEqual([
      ...['one', 'two', 'three', ''],
    ])
  })

  test('reads no other file for a source', () => {
    const app = fresh()
    writeFileSync(join(app, 'secret'), 'a secret')
    const { map } = read({ ...good, sources: [join(app, 'secret')] })
    expect(map.sourceLine(join(app, 'secret'), 1)).toBe('')
  })
})

// --- internal ---

const isProfile = (name: string) => name.endsWith('.cpuprofile')
const HELPER = /await|async|step|fulfilled|rejected/
/** The functions of SOURCE, with their lines. */
const WRITTEN = [
  ...['loadUser:3', '(anonymous):4', 'burn:20', 'handler:9', '(anonymous):11', 'Store:14'],
  ...['find:15', 'main:25', '(anonymous):1'],
]

function calledBySomebody({ frames, stacks }: Profile): string[] {
  const called = [...stacks.frame].filter((_, i) => stacks.parent[i]! > 0)
  return called.map((frame) => frames[frame]!.name)
}

function callersOf(profile: Profile, name: string): string[] {
  const callers = new Set<string>()
  for (const stack of profile.samples.stack) {
    const path = framesOf(profile, stack)
    path.forEach((frame, i) => {
      if (frame.name === name && i > 0) callers.add(path[i - 1]!.name)
    })
  }
  return [...callers]
}
