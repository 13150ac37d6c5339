import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { decodeProfile, encodeProfile } from '../../src/formats/registry.js'
import { readDumpHead } from '../../src/formats/shared/dump-meta.js'
import type { Frame } from '../../src/profile/profile.js'
import { FileHashes } from '../../src/sourcemap/file-hashes.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { dumpOf } from '../support/dumps.js'
import { refusal } from '../support/formats.js'
import { temporaryDirectory } from '../support/shop.js'

const { dir, remove } = temporaryDirectory()
afterAll(remove)

const at = (name: string) => join(dir, name)
const frameOf = (file: string): Frame => ({ name: 'f', file, line: 1, column: 1 })
const sha = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

function write(name: string, text = name, time = '2026-01-01'): string {
  writeFileSync(at(name), text)
  utimesSync(at(name), new Date(time), new Date(time))
  return at(name)
}

describe('the hashes of a profile', () => {
  const started = Date.parse('2026-01-02')

  test('are those of the app and of texts that were there when the process started', () => {
    mkdirSync(at('node_modules/p'), { recursive: true })
    mkdirSync(at('folder.js'))
    if (process.platform !== 'win32') execFileSync('mkfifo', [at('pipe.js')])
    const mine = [write('a.js'), write('b.mts'), pathToFileURL(write('c d.mjs')).href]
    const others = [
      write('node_modules/p/index.js'),
      write('late.js', 'late', '2026-01-03'),
      write('notes.txt'),
      ...[at('gone.js'), at('folder.js'), at('pipe.js'), 'relative.js', 'node:fs', '', '__proto__'],
      ...['https://example.com/a.js', 'file://%', '/proc/self/environ'],
    ]
    const hashes = new FileHashes(started).of([...mine, ...others, ...mine].map(frameOf))
    expect(hashes).toEqual(
      Object.fromEntries(mine.map((file, i) => [file, sha(['a.js', 'b.mts', 'c d.mjs'][i]!)])),
    )
  })

  test('are of the text that a link leads to', () => {
    write('target.js')
    if (process.platform !== 'win32') symlinkSync(at('target.js'), at('link.js'))
    const file = process.platform === 'win32' ? at('target.js') : at('link.js')
    expect(new FileHashes(started).of([frameOf(file)])).toEqual({ [file]: sha('target.js') })
  })

  test('are gone once the file has been written anew', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const file = write('rewritten.js')
    const hashes = new FileHashes(started)
    expect(Object.keys(hashes.of([frameOf(file)]))).toEqual([file])
    write('rewritten.js', 'rewritten.js', '2026-01-03')
    vi.advanceTimersByTime(1_100)
    expect(hashes.of([frameOf(file)])).toEqual({})
  })

  test('are at most 200', () => {
    const files = Array.from({ length: 300 }, (_, i) => frameOf(write(`many${i}.js`)))
    expect(Object.keys(new FileHashes(started).of(files))).toHaveLength(200)
  })
})

describe('a dump with hashes', () => {
  const files = { '/app/a.js': '0123456789abcdef', __proto__x: 'fedcba9876543210' }
  const dump = dumpOf('a', 'main 3', { files })
  const bytes = encodeProfile(dump, 'cpuprofile')

  test('is read back', () => {
    expect(decodeProfile(bytes, 'a.cpuprofile').sources).toEqual(dump.sources)
  })

  test('is listed without them', () => {
    expect(readDumpHead(bytes)).toMatchObject({ meta: dumpOf('a', 'main 3').sources[0] })
  })

  test('loses them when it is merged into a file', () => {
    const merged = mergeProfiles([dump, dumpOf('b', 'main 4', { files })])
    expect(merged.sources.map((source) => source.files)).toEqual([files, files])
    const back = decodeProfile(encodeProfile(merged, 'cpuprofile'), 'm.cpuprofile')
    expect(back.sources.map((source) => 'files' in source)).toEqual([false, false])
  })

  test.each(['null', '[]', '"x"', '{"/a.js":1}'])('of another kind is refused: %s', (value) => {
    const text = new TextDecoder().decode(bytes).replace(JSON.stringify(files), value)
    expect(refusal(text)).toMatch(/^BAD_INPUT: \$profview\.files/)
  })
})
