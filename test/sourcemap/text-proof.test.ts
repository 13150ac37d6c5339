/** Foreign profiles beside maps that are theirs, or those of another build. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { totalWeight } from '../../src/profile/calltree.js'
import type { Frame } from '../../src/profile/profile.js'
import { SourceMaps } from '../../src/sourcemap/source-maps.js'
import { TextProof } from '../../src/sourcemap/text-proof.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { COMPILERS, SOURCE, writeCompiled } from '../support/compiled.js'
import { temporaryDirectory } from '../support/shop.js'

const { dir, remove } = temporaryDirectory()
afterAll(remove)

const NO_HASHES = { files: null }
const TAIL = '\nmodule.exports.main()'

/** Another version: what is below has moved, or is called something else. */
const OTHERS: Readonly<Record<string, string>> = {
  'a function more at its top': `export function extra(): number {\n  return 1\n}\n\n${SOURCE}`,
  'other names': SOURCE.replaceAll('loadUser', 'loadGroup').replaceAll('burn', 'melt'),
}

describe.each(COMPILERS)('what %s made, recorded by V8', (by) => {
  const app = join(dir, by)
  mkdirSync(app)
  const file = writeCompiled(app, by, { tail: TAIL })
  execFileSync(process.execPath, [
    '--cpu-prof',
    '--cpu-prof-interval=200',
    '--cpu-prof-dir',
    app,
    file,
  ])
  const name = readdirSync(app).find((each) => each.endsWith('.cpuprofile'))!
  const recorded = readProfileFile(join(app, name))
  const filesOf = (frames: readonly Frame[]) =>
    new Set(frames.map((frame) => frame.file).filter((each) => each.includes(app)))

  test('its map, though the file has been written again since', () => {
    const later = new Date(Date.now() + 10_000)
    writeCompiled(app, by, { tail: TAIL })
    utimesSync(file, later, later)
    const mapped = new SourceMaps().apply(recorded, NO_HASHES)
    expect([...filesOf(mapped.frames)]).toContain(join(app, 'src/app.ts'))
    expect(mapped.warnings).toEqual([])
  })

  test.each(Object.entries(OTHERS))('not that of another version: %s', (_, text) => {
    writeCompiled(app, by, { tail: TAIL, text })
    const mapped = new SourceMaps().apply(recorded, NO_HASHES)
    expect(filesOf(mapped.frames)).toEqual(filesOf(recorded.frames))
    expect(totalWeight(mapped)).toBe(totalWeight(recorded))
    expect(mapped.warnings).toEqual([
      `${recordedFile(recorded.frames)} is another text than the one that was recorded: its source map is not used`,
    ])
  })
})

describe('a text is the one that ran', () => {
  const LINES = [
    'const load = async (id) => {', //           20
    'class Store { constructor(a) { } }', //     26
    '  run(() => 1, (x) => x, () => 2)', //      7, 16, 26
    'exports.find = function find(a) {', //      29
  ]
  const frame = (name: string, line: number, column: number): Frame => ({
    ...{ name, file: '/a.js', line, column },
  })
  const verdict = (...frames: Frame[]) => new TextProof({ frames }).of('/a.js', LINES)
  const load = frame('load', 1, 20)

  test('by a name at its place', () => {
    expect(verdict(load)).toBe('same')
    expect(verdict(frame('exports.find', 4, 29))).toBe('same')
    expect(verdict(load, frame('Store', 2, 26))).toBe('same')
    expect(verdict(load, frame('<instance_members_initializer>', 2, 1))).toBe('same')
    expect(verdict(frame('load', 1, 0))).toBe('same')
  })

  test('by many functions without one', () => {
    const nameless = [7, 16, 26].map((column) => frame('(anonymous)', 3, column))
    expect(verdict(...nameless)).toBe('same')
    expect(verdict(...nameless.slice(0, 2))).toBe('unproven')
    expect(verdict(...nameless, frame('(anonymous)', 3, 9))).toBe('other')
  })

  test('not by what any text has', () => {
    expect(verdict(frame('(anonymous)', 1, 1))).toBe('unproven')
    expect(verdict(frame('Store', 2, 26))).toBe('unproven')
  })

  test('not where something speaks against it', () => {
    expect(verdict(frame('save', 1, 20))).toBe('other')
    expect(verdict(load, frame('save', 4, 29))).toBe('other')
    expect(verdict(load, frame('load', 99, 1))).toBe('other')
    expect(verdict(load, frame('save', 1, 0))).toBe('other')
  })

  test('where of twenty and more only one does', () => {
    const many = Array.from({ length: 19 }, () => load)
    const save = frame('save', 4, 29)
    expect(verdict(...many, save)).toBe('other')
    const frames = [...many, load, save]
    const proof = new TextProof({ frames })
    expect(proof.of('/a.js', LINES)).toBe('same')
    // And that one is not looked up.
    expect([...proof.absent]).toEqual([save])
  })
})

// --- internal ---

function recordedFile(frames: readonly Frame[]): string {
  return frames.find(({ file }) => file.endsWith('app.js'))!.file
}
