/** Which files of a directory are profiles: one answer, whichever command is asked. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeProfile, type FormatName } from '../../src/formats/registry.js'
import type { ViewerIndex } from '../../src/viewer-api/wire.js'
import { profview } from '../support/cli.js'
import { dumpOf } from '../support/dumps.js'
import { profileFrom } from '../support/trees.js'

const BIN = fileURLToPath(new URL('../../bin/profview.js', import.meta.url))

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-directories-'))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const NO_TIMES = { unit: 'samples', timeline: false } as const

const FOREIGN: Readonly<Record<string, FormatName>> = {
  'B.CPUPROFILE': 'cpuprofile',
  'a.cpuprofile': 'cpuprofile',
  'c.cpuprofile.gz': 'cpuprofile',
  'd.pb': 'pprof',
  'e.pb.gz': 'pprof',
  'f.pprof': 'pprof',
  'g.prof': 'pprof',
  'h.prof.gz': 'pprof',
  'i.json': 'speedscope',
  'j.json.gz': 'cpuprofile',
  'k.speedscope.json': 'speedscope',
  'l.collapsed': 'collapsed',
  'm.folded': 'collapsed',
  'n.folded.gz': 'collapsed',
  'o.txt': 'collapsed',
}

test('knows all that can be read, and sums what it lists', async () => {
  const dir = join(cwd, 'foreign')
  mkdirSync(join(dir, 'folder.cpuprofile'), { recursive: true })
  const profile = profileFrom('main;a 3\nmain;b 4', NO_TIMES)
  for (const [i, [name, format]] of Object.entries(FOREIGN).entries()) {
    // Equal ones would count once.
    const own = profileFrom(`main;a 3\nmain;b 4\nmain;c 1\nmain;f${i} ${i}`, NO_TIMES)
    const bytes = encodeProfile(own, format)
    writeFileSync(join(dir, name), name.endsWith('.gz') ? gzipSync(bytes) : bytes)
  }
  writeFileSync(join(dir, '.hidden.cpuprofile'), encodeProfile(profile, 'cpuprofile'))
  writeFileSync(join(dir, 'x.firefox.json'), encodeProfile(profile, 'firefox'))
  writeFileSync(join(dir, 'package.json'), '{"name":"app"}')
  writeFileSync(join(dir, 'README.md'), 'main 1\n')
  symlinkSync(join(dir, 'a.cpuprofile'), join(dir, 'link.cpuprofile'))

  const names = Object.keys(FOREIGN).sort()
  const sum = 8 * names.length + (names.length * (names.length - 1)) / 2
  expect((await indexOf('foreign')).entries).toEqual(names)
  expect(profview(['merge', 'foreign', '-o', 'sum.cpuprofile'], { cwd })).toEqual({
    code: 0,
    out: `sum.cpuprofile: ${names.length} profiles, ${sum} samples\n`,
    err: '',
  })
  expect(profview(['show', 'foreign'], { cwd })).toMatchObject({
    code: 0,
    out: expect.stringContaining(`\n${sum} samples  main\n`),
  })
  expect(profview(['list', 'foreign', '--json'], { cwd }).out).toBe('[]\n')
  expect(profview(['list', 'foreign'], { cwd })).toEqual({
    code: 0,
    out: '',
    // Those whose names other files have as well are not counted.
    err: 'profview: no dumps in foreign, but 10 other profiles: profview open foreign\n',
  })
})

test('is not upset by what lies beside its profiles', async () => {
  const dir = join(cwd, 'beside')
  mkdirSync(dir)
  const profile = profileFrom('main;a 3\nmain;b 4')
  writeFileSync(join(dir, 'a.cpuprofile'), encodeProfile(profile, 'cpuprofile'))
  const alone = profview(['show', 'beside'], { cwd })
  expect(alone).toMatchObject({ code: 0, err: '' })
  const beside = {
    'todo.txt': '',
    'x.json': '',
    'requirements.txt': 'foo 12\n',
    'list.json': '{"profiles":[]}',
    'trace.json': '[{"ph":"X"}]',
    'graph.json': '{"nodes":[],"links":[]}',
  }
  for (const [name, text] of Object.entries(beside)) writeFileSync(join(dir, name), text)
  expect(profview(['show', 'beside'], { cwd })).toEqual(alone)
  expect(profview(['merge', 'beside', '-o', 'beside.cpuprofile'], { cwd })).toMatchObject({
    code: 0,
    err: '',
  })
})

test.each([
  ['a sure one', 'a.cpuprofile', 'b.cpuprofile'],
  ['a guess', 'a.json', 'b.json'],
])('is opened although its first profile is broken: %s', async (_what, broken, whole) => {
  const name = `broken-${broken}`
  mkdirSync(join(cwd, name))
  writeFileSync(join(cwd, name, broken), '{"nodes":[{"id":1')
  const profile = profileFrom('main;a 3')
  writeFileSync(join(cwd, name, whole), encodeProfile(profile, 'cpuprofile'))
  const { entries, refusals } = await indexOf(name)
  expect([entries, refusals.map((line) => line.split(':')[0])]).toEqual([[whole], [broken]])
})

test('sums the dumps alone where there are any, and lists the rest beside them', async () => {
  const dir = join(cwd, 'dumps')
  mkdirSync(dir)
  for (const name of ['a.cpuprofile', 'B.CPUPROFILE']) {
    writeFileSync(join(dir, name), encodeProfile(dumpOf(name, 'main 5000'), 'cpuprofile'))
  }
  writeFileSync(join(dir, 'cut.cpuprofile'), '{"$profview":{"version":1')
  expect(profview(['merge', 'dumps', '-o', 'dumps/sum.pb.gz'], { cwd })).toMatchObject({
    code: 1,
    out: 'dumps/sum.pb.gz: 2 profiles, 10.0 ms\n',
    err: 'profview: dumps/cut.cpuprofile: the file is not complete\n',
  })
  const again = profview(['show', 'dumps'], { cwd })
  expect([again.code, again.out]).toEqual([1, expect.stringContaining('\n10.0 ms  main\n')])
  expect(listed('dumps')).toEqual(['B.CPUPROFILE', 'a.cpuprofile'])
  expect(await indexOf('dumps')).toEqual({
    entries: ['B.CPUPROFILE', 'a.cpuprofile', 'sum.pb.gz'],
    refusals: ['cut.cpuprofile: the file is not complete'],
  })
})

test('is opened whatever was recorded in it', async () => {
  mkdirSync(join(cwd, 'processes'))
  const dump = dumpOf('p', 'main 5000', { kind: 'process', request: null })
  writeFileSync(join(cwd, 'processes', 'p.cpuprofile'), encodeProfile(dump, 'cpuprofile'))
  expect(await indexOf('processes')).toEqual({ entries: ['p.cpuprofile'], refusals: [] })
})

test('says once that a file cannot be read, and that there is none', () => {
  const dir = join(cwd, 'bad')
  mkdirSync(dir)
  writeFileSync(join(dir, 'cut.cpuprofile'), '{"$profview":{"version":1')
  expect(profview(['show', 'bad'], { cwd })).toEqual({
    code: 1,
    out: '',
    err: 'profview: bad/cut.cpuprofile: the file is not complete\n',
  })
  mkdirSync(join(cwd, 'none'))
  const none = { code: 1, out: '', err: 'profview: none: no profiles in this directory\n' }
  expect(profview(['show', 'none'], { cwd })).toEqual(none)
  writeFileSync(join(cwd, 'none', 'package.json'), '{"name":"app"}')
  expect(profview(['show', 'none'], { cwd })).toEqual(none)
  expect(profview(['open', '--no-open', 'none'], { cwd })).toEqual(none)
})

// --- internal ---

function listed(dir: string): string[] {
  const dumps = JSON.parse(profview(['list', dir, '--json'], { cwd }).out) as { file: string }[]
  return dumps.map(({ file }) => basename(file)).sort()
}

/** What `open` shows of a directory, once it has found the time to look into every file. */
async function indexOf(dir: string): Promise<{ entries: string[]; refusals: string[] }> {
  const child = spawn(process.execPath, [BIN, 'open', '--no-open', '--port', '0', dir], { cwd })
  try {
    for await (const line of createInterface(child.stdout)) {
      const url = line.slice('profview: '.length).replace(/#.*/, '')
      let index: ViewerIndex
      do index = (await (await fetch(`${url}api/index.json`)).json()) as ViewerIndex
      while (index.entries.some(({ weight }) => weight === null))
      return {
        entries: index.entries.map(({ file }) => file).sort(),
        refusals: index.refusals.map(({ file, reason }) => `${file}: ${reason}`),
      }
    }
    throw new Error('it did not start')
  } finally {
    child.kill()
  }
}
