/** The text around a function: shown where it is the one that ran, and no other file's. */
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { decodeProfile } from '../../src/formats/registry.js'
import type { Profile } from '../../src/profile/profile.js'
import { startViewer, type ViewerServer } from '../../src/server/server.js'
import { hashOf } from '../../src/sourcemap/source-file.js'
import { sourceRootOf } from '../../src/sourcemap/source-root.js'
import { writeProfileFile } from '../../src/store/profile-file.js'
import { type SourceAnswer, toSourceQuery, type ViewerIndex } from '../../src/viewer-api/wire.js'
import { compile, SOURCE, writeCompiled } from '../support/compiled.js'
import { dumpOf } from '../support/dumps.js'
import { emptyPage } from '../support/empty-page.js'
import { temporaryDirectory } from '../support/shop.js'
import { formatTree, profileFrom } from '../support/trees.js'

const { dir, remove } = temporaryDirectory()
const page = emptyPage(dir)
const project = join(dir, 'project')
const plain = join(project, 'plain.js')
const PLAIN = Array.from({ length: 100 }, (_, i) => `line ${i + 1}`).join('\n')
const CANARY = 'canary-1f3a77'
const open: ViewerServer[] = []

beforeAll(() => {
  mkdirSync(join(project, '.git'), { recursive: true })
  mkdirSync(join(project, 'packages/a'), { recursive: true })
  writeFileSync(plain, PLAIN)
})
afterEach(async () => {
  for (const viewer of open.splice(0)) await viewer.close()
})
afterAll(remove)

type Ask = (file: string, line: number, more?: string) => Promise<SourceAnswer>

/** A viewer over these profiles, started in a folder of the project. */
async function start(profiles: readonly Profile[], sourceMaps = true) {
  const inputs = profiles.map((profile, i) => {
    const file = join(dir, `${open.length}-${i}.cpuprofile`)
    writeProfileFile(file, profile)
    return file
  })
  const cwd = join(project, 'packages/a')
  const viewer = await startViewer({ inputs, port: 0, page, cwd, sourceMaps })
  open.push(viewer)
  const base = viewer.url.replace(/#.*/, '')
  const ask: Ask = async (file, line, more = '') => {
    const query = toSourceQuery({ by: 'all' }, { file, line })
    return (await (await fetch(`${base}api/source.json?${query}${more}`)).json()) as SourceAnswer
  }
  return { ask, base }
}

const dump = (lines: string, files?: Record<string, string>, id = 'a') =>
  dumpOf(id, lines, { startedAt: '2026-01-02T03:04:05.678Z', ...(files ? { files } : {}) })
const hashOfFile = (file: string) => hashOf(readFileSync(file))
function touch(file: string, time: string) {
  utimesSync(file, new Date(time), new Date(time))
}

describe('a file that runs as it was written', () => {
  test('verified by its hash', async () => {
    const { ask } = await start([dump(`run@${plain}:50:3 5`, { [plain]: hashOfFile(plain) })])
    const lines = PLAIN.split('\n').slice(45, 90)
    expect(await ask(plain, 50)).toEqual({
      ...{ file: plain, line: 50, column: 3, startLine: 46, lines },
      verified: 'hash',
      editor: `vscode://file${plain}:50:3`,
      generated: null,
    })
  })

  test('another hash, or one that was left out', async () => {
    const other = { [plain]: '0123456789abcdef' }
    for (const files of [other, {}]) {
      const { ask } = await start([dump(`run@${plain}:50:3 5`, files)])
      expect(await ask(plain, 50)).toEqual({ reason: `${plain} has changed since the recording` })
    }
  })

  test('several recordings of different texts', async () => {
    const right = dump(`run@${plain}:50:3 5`, { [plain]: hashOfFile(plain) })
    const wrong = dump(`run@${plain}:50:3 5`, { [plain]: '0123456789abcdef' }, 'b')
    const { ask } = await start([right, wrong])
    expect(await ask(plain, 50)).toEqual({ reason: `${plain} has changed since the recording` })
  })

  test.each([
    ['2026-01-01', 'mtime'],
    ['2026-01-03', undefined],
  ])('without a hash, written at %s', async (time, verified) => {
    const file = join(project, 'timed.mjs')
    writeFileSync(file, PLAIN)
    touch(file, time)
    const { ask } = await start([dump(`run@${file}:1:1 5`)])
    expect(await ask(file, 1)).toMatchObject(
      verified ? { verified, startLine: 1 } : { reason: `${file} has changed since the recording` },
    )
  })

  test('of a foreign profile, that is newer than the file', async () => {
    const { ask } = await start([profileFrom(`run@file://${plain}:99:1 5`)])
    const answer = await ask(`file://${plain}`, 99)
    expect(answer).toMatchObject({ verified: 'mtime', lines: PLAIN.split('\n').slice(94) })
  })

  test('in one long line: from the function on', async () => {
    const file = join(project, 'long.js')
    writeFileSync(file, `${'a'.repeat(10_000)}function b(){}${'c'.repeat(10_000)}`)
    const { ask } = await start([dump(`b@${file}:1:10001 5`, { [file]: hashOfFile(file) })])
    expect(await ask(file, 1)).toMatchObject({ lines: [`…function b(){}${'c'.repeat(386)}…`] })
  })
})

describe('a file that was compiled', () => {
  const app = join(project, 'app')
  const original = join(app, 'src', 'app.ts')
  let compiled: string
  let place: { line: number; column: number }
  beforeAll(() => {
    compiled = writeCompiled(app, 'ES2015')
    const lines = readFileSync(compiled, 'utf8').split('\n')
    const line = lines.findIndex((text) => text.startsWith('function burn('))
    place = { line: line + 1, column: 'function burn('.length }
  })
  const recorded = () => {
    const lines = `main;burn@${compiled}:${place.line}:${place.column} 5`
    return dump(lines, { [compiled]: hashOfFile(compiled) })
  }

  test('shows what was written', async () => {
    const { ask, base } = await start([recorded()])
    const answer = await ask(original, 20)
    expect(answer).toEqual({
      ...{ file: original, line: 20, column: 10, startLine: 16 },
      lines: SOURCE.split('\n').slice(15),
      verified: 'mtime',
      editor: `vscode://file${original}:20:10`,
      generated: { file: compiled, ...place },
    })
    const sent = await fetch(`${base}api/selection.cpuprofile?all`)
    const profile = decodeProfile(new Uint8Array(await sent.arrayBuffer()), 'x.cpuprofile')
    expect(formatTree(profile, { places: true })).toEqual([
      'main 5 0',
      `  burn@${original}:20:10 5 5`,
    ])
    expect(profile.sources).toEqual(recorded().sources)
  })

  test('and what was compiled, with maps off', async () => {
    for (const sourceMaps of [true, false]) {
      const { ask, base } = await start([recorded()], sourceMaps)
      const more = sourceMaps ? '&maps=off' : ''
      expect(await ask(original, 20, more)).toEqual({
        reason: 'these profiles name no function there',
      })
      expect(await ask(compiled, place.line, more)).toMatchObject({ verified: 'hash' })
      const sent = await fetch(`${base}api/selection.cpuprofile?all${more}`)
      const bytes = Buffer.from(await sent.arrayBuffer())
      const { entries } = (await (await fetch(`${base}api/index.json`)).json()) as ViewerIndex
      expect(bytes.equals(readFileSync(join(dir, entries[0]!.file)))).toBe(true)
      expect(JSON.stringify(entries)).not.toContain(hashOfFile(compiled))
    }
  })

  test('that was written after it was compiled', async () => {
    const { ask } = await start([recorded()])
    const later = new Date(Date.now() + 60_000)
    utimesSync(original, later, later)
    // The name was known when the map was read.
    expect(await ask(original, 20)).toEqual({
      reason: `${original} was written after it was compiled`,
    })
  })

  test('whose map brings the text along', async () => {
    const { code, map } = compile('ES2015', SOURCE, 'webpack://shop/./src/app.ts')
    const bundle = join(project, 'bundle.js')
    const whole = JSON.stringify({ ...JSON.parse(map), sourcesContent: [SOURCE] })
    const data = Buffer.from(whole).toString('base64')
    writeFileSync(bundle, `${code}\n//# sourceMappingURL=data:application/json;base64,${data}`)
    const lines = `burn@${bundle}:${place.line}:${place.column} 5`
    const { ask } = await start([dump(lines, { [bundle]: hashOfFile(bundle) })])
    expect(await ask('webpack://shop/./src/app.ts', 20)).toMatchObject({
      lines: SOURCE.split('\n').slice(15),
      verified: 'hash',
      editor: '',
    })
  })

  test('whose map names other files', async () => {
    writeFileSync(join(dir, 'outside.ts'), CANARY)
    writeFileSync(join(project, '.env'), CANARY)
    for (const source of ['../../outside.ts', '../.env', '/etc/passwd', '/proc/self/environ']) {
      const app2 = join(project, 'app2')
      const { code, map } = compile('ES2015', SOURCE, source)
      mkdirSync(app2, { recursive: true })
      const file = join(app2, 'app.js')
      writeFileSync(file, `${code}\n//# sourceMappingURL=app.js.map`)
      writeFileSync(`${file}.map`, map)
      const lines = `burn@${file}:${place.line}:${place.column} 5`
      const { ask } = await start([dump(lines, { [file]: hashOfFile(file) })])
      const named = join(app2, source)
      for (const asked of [named, source]) {
        const answer = await ask(asked, 20)
        expect(answer).toEqual({ reason: expect.stringMatching(/^\S[^\n]*$/) })
      }
    }
  })
})

describe('no other file is shown', () => {
  const outside = join(dir, 'outside.js')
  const inside = (name: string) => join(project, name)
  const cases: [string, () => string][] = [
    ['outside of the project', () => outside],
    ['outside, by dots', () => inside('../outside.js')],
    ['outside, by a link', () => inside('link.js')],
    ['outside, by a link of a folder', () => inside('folder/outside.js')],
    ['no text of a program', () => inside('.env')],
    ['without an extension', () => inside('secret')],
    ['a link to one that is not', () => inside('env.js')],
    ['a folder', () => inside('folder.js')],
    ['a FIFO', () => inside('pipe.js')],
    ['a device', () => '/dev/zero'],
    ['of the system', () => '/etc/passwd'],
    ['of the process', () => '/proc/self/environ'],
    ['too large', () => inside('large.js')],
    ['not there', () => inside('gone.js')],
    ['relative', () => 'plain.js'],
    ['a URL', () => 'https://example.com/plain.js'],
    ['a file URL of another host', () => 'file://host/plain.js'],
    ['a broken file URL', () => 'file:///%E0%A4%A.js'],
    ['the root', () => project],
    ['with a NUL', () => `${plain}\0.js`],
  ]
  beforeAll(() => {
    for (const file of [outside, inside('.env'), inside('secret')]) writeFileSync(file, CANARY)
    mkdirSync(inside('folder.js'))
    writeFileSync(inside('large.js'), CANARY + ' '.repeat(5 * 1024 * 1024))
    if (process.platform === 'win32') return
    symlinkSync(outside, inside('link.js'))
    symlinkSync(inside('.env'), inside('env.js'))
    symlinkSync(dirname(outside), inside('folder'))
    execFileSync('mkfifo', [inside('pipe.js')])
  })

  test.each(cases)('%s', async (_name, fileOf) => {
    const file = fileOf()
    const profile = profileFrom('main 1')
    const frames = [...profile.frames, { name: 'a', file, line: 1, column: 1 }]
    const stacks = { frame: Int32Array.of(0, 1, 2), parent: Int32Array.of(-1, 0, 1) }
    const { ask } = await start([{ ...profile, frames, stacks }])
    const answer = await ask(file, 1)
    expect(answer).toEqual({ reason: expect.stringMatching(/^\S[^\n]*$/) })
    expect(JSON.stringify(answer)).not.toContain(CANARY)
  })

  test.each([
    [inside('other.js'), '1'],
    [plain, '51'],
    [plain, '0'],
    [plain, '-1'],
    [plain, '1e9'],
    [plain, 'x'],
    ['', '50'],
  ])('that no frame names: %s:%s', async (file, line) => {
    writeFileSync(inside('other.js'), CANARY)
    const { ask } = await start([profileFrom(`run@${plain}:50:3 5`)])
    expect(await ask(file, line as unknown as number)).toEqual({
      reason: 'these profiles name no function there',
    })
  })

  test('beyond its end', async () => {
    const { ask } = await start([profileFrom(`run@${plain}:500:3 5`)])
    expect(await ask(plain, 500)).toEqual({ reason: `${plain} has only 100 lines` })
  })

  test('of a selection that is not there', async () => {
    const { base } = await start([profileFrom(`run@${plain}:50:3 5`)])
    const answer = await fetch(`${base}api/source.json?ids=nothing&file=${plain}&line=50`)
    expect(answer.status).toBe(422)
  })
})

test('the root is the checkout, else the package, else the folder; never a home', () => {
  const lone = join(dir, 'lone', 'deep')
  mkdirSync(lone, { recursive: true })
  expect(sourceRootOf(join(project, 'packages/a'))).toBe(realpathSync(project))
  expect(sourceRootOf(lone)).toBe(realpathSync(lone))
  writeFileSync(join(dir, 'lone', 'package.json'), '{}')
  expect(sourceRootOf(lone)).toBe(realpathSync(join(dir, 'lone')))
  expect(sourceRootOf(homedir())).toBe(realpathSync(homedir()))
})
