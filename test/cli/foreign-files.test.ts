/** Several profiles of other tools as one: which file each part is of, and each of them once. */
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeProfile } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import { FILE_LABEL, WORKER_LABEL } from '../../src/profile/labels.js'
import type { Profile } from '../../src/profile/profile.js'
import { workerOfName } from '../../src/store/foreign-files.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { profview } from '../support/cli.js'
import { profileFrom } from '../support/trees.js'

let top: string
beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'profview-foreign-'))
})
afterAll(() => rmSync(top, { recursive: true, force: true }))

const MAIN = 'CPU.20261120.140102.4711.0.001.cpuprofile'
const THREAD = 'CPU.20261120.140102.4711.2.002.cpuprofile'
const OTHER = 'CPU.20261120.140102.4712.0.001.cpuprofile'

/** 100, 200 and 400 ms. */
function madeDir(name: string): string {
  const cwd = join(top, name)
  mkdirSync(cwd)
  for (const [file, text] of [
    [MAIN, 'main;a 100000'],
    [THREAD, 'main;a 150000\nmain;b 50000'],
    [OTHER, 'main;c 400000'],
  ] as const) {
    writeFileSync(join(cwd, file), encodeProfile(profileFrom(text), 'cpuprofile'))
  }
  return cwd
}

test('a merge says of each part which file, process and thread it is of', () => {
  const cwd = madeDir('kept')
  for (const output of ['all.cpuprofile', 'all.pb.gz']) {
    expect(profview(['merge', MAIN, THREAD, OTHER, '-o', output], { cwd })).toEqual({
      code: 0,
      out: `${output}: 3 profiles, 700 ms\n`,
      err: '',
    })
    const merged = readProfileFile(join(cwd, output))
    expect(sumsBy(merged, FILE_LABEL)).toEqual({ [MAIN]: 1e5, [THREAD]: 2e5, [OTHER]: 4e5 })
    expect(sumsBy(merged, WORKER_LABEL)).toEqual({ 4711: 1e5, '4711.2': 2e5, 4712: 4e5 })
    const shown = profview(['show', output], { cwd }).out
    expect(shown).toMatch(/\nfile +worker +busy +share\n.*4712 +400 ms +57 %\n.*4711\.2 +200 ms/)
    expect(totalOf(['show', output, '--worker', '4711.2'], cwd)).toBe(200)
    expect(totalOf(['show', output, '--worker', '4711'], cwd)).toBe(300)
    expect(totalOf(['show', output, '--worker', OTHER], cwd)).toBe(400)
  }
  expect(totalOf(['show', MAIN, THREAD, OTHER, '--worker', '4712'], cwd)).toBe(400)
  expect(profview(['show', '.', '--worker', '9'], { cwd }).err).toContain('there are: 4711, 4711.2')
  profview(['merge', MAIN, OTHER, '-o', 'x.speedscope.json'], { cwd })
  expect(profview(['show', 'x.speedscope.json'], { cwd }).out).toContain(`${OTHER} · worker 4712`)
})

test('no output is read as an input, however often and however it is named', () => {
  const cwd = madeDir('again')
  const all = ['merge', '.', '-o', 'all.cpuprofile']
  const glob = () => readdirSync(cwd).filter((name) => name.endsWith('.cpuprofile'))
  expect(profview(all, { cwd }).out).toContain('3 profiles, 700 ms')
  const bytes = readFileSync(join(cwd, 'all.cpuprofile'))
  const note = 'all.cpuprofile: left out, because it is what is written\n'
  for (const paths of [['.'], glob()]) {
    const again = profview(['merge', ...paths, '-o', 'all.cpuprofile'], { cwd })
    expect(again).toEqual({
      code: 0,
      out: 'all.cpuprofile: 3 profiles, 700 ms\n',
      err: `profview: ${note}`,
    })
    expect(readFileSync(join(cwd, 'all.cpuprofile')).equals(bytes)).toBe(true)
  }
  // Beside its parts it is their sum, for other outputs as well, and from above.
  expect(profview(['merge', '.', '-o', 'x.pb.gz'], { cwd })).toMatchObject({
    out: 'x.pb.gz: 3 profiles, 700 ms\n',
    err: expect.stringContaining('all.cpuprofile: is the sum of files that are read as well'),
  })
})

test('what somebody recorded is not replaced by the sum of the others', () => {
  const cwd = madeDir('replaced')
  // As V8 writes it.
  const { $profview: _ours, ...recorded } = JSON.parse(readFileSync(join(cwd, MAIN), 'utf8'))
  writeFileSync(join(cwd, MAIN), JSON.stringify(recorded))
  const bytes = readFileSync(join(cwd, MAIN))
  expect(profview(['merge', '.', '-o', MAIN], { cwd })).toMatchObject({
    code: 2,
    err: expect.stringContaining('it is one of the inputs'),
  })
  expect(readFileSync(join(cwd, MAIN)).equals(bytes)).toBe(true)
  const go = encodeProfile(profileFrom('main;go 9000', { timeline: false }), 'pprof')
  writeFileSync(join(cwd, 'go.pb.gz'), gzipSync(go))
  expect(profview(['merge', '.', '-o', 'go.pb.gz'], { cwd }).code).toBe(2)
  for (const output of ['sum.pb.gz', 'sum.speedscope.json']) {
    const times = [1, 2].map(() => profview(['merge', MAIN, OTHER, '-o', output], { cwd }).out)
    expect(profview(['merge', MAIN, OTHER, output, '-o', output], { cwd }).out).toBe(times[1])
  }
  expect(profview(['convert', MAIN, '-o', MAIN], { cwd })).toMatchObject({ code: 0, err: '' })
  expect(totalWeight(readProfileFile(join(cwd, MAIN)))).toBe(1e5)
})

test('a file counts once: by another path, copied, or packed', () => {
  const cwd = madeDir('once')
  copyFileSync(join(cwd, MAIN), join(cwd, 'z-copy.cpuprofile'))
  writeFileSync(join(cwd, 'z.cpuprofile.gz'), gzipSync(readFileSync(join(cwd, OTHER))))
  linkSync(join(cwd, THREAD), join(cwd, 'z-link.cpuprofile'))
  const { out, err } = profview(['merge', '.', `./${MAIN}`, '-o', 'x.json'], { cwd })
  expect(out).toBe('x.json: 3 profiles, 700 ms\n')
  expect(err.trimEnd().split('\n').sort()).toEqual([
    `profview: ./${MAIN}: is ${MAIN} once more, and counts once`,
    `profview: z-copy.cpuprofile: holds what ${MAIN} does, and counts once`,
    `profview: z-link.cpuprofile: is ${THREAD} once more, and counts once`,
    `profview: z.cpuprofile.gz: holds what ${OTHER} does, and counts once`,
  ])
})

test('files of equal names are told apart by their folders', () => {
  const cwd = join(top, 'folders')
  for (const [dir, text] of [
    ['a', 'main;a 1000'],
    ['b', 'main;b 3000'],
  ] as const) {
    mkdirSync(join(cwd, dir), { recursive: true })
    writeFileSync(join(cwd, dir, 'x.cpuprofile'), encodeProfile(profileFrom(text), 'cpuprofile'))
  }
  profview(['merge', 'a', 'b', '-o', 'all.cpuprofile'], { cwd })
  const merged = readProfileFile(join(cwd, 'all.cpuprofile'))
  expect(sumsBy(merged, FILE_LABEL)).toEqual({ 'a/x.cpuprofile': 1000, 'b/x.cpuprofile': 3000 })
})

test('what Node names its profiles says process and thread', () => {
  const cwd = join(top, 'node')
  mkdirSync(cwd)
  const app = `const { Worker } = require('node:worker_threads')
    new Worker('for (let i = 0; i < 1e7; i++);', { eval: true })`
  const { pid } = spawnSync(process.execPath, ['--cpu-prof', '-e', app], { cwd })
  const names = readdirSync(cwd)
  expect(names.map(workerOfName).sort()).toEqual([`${pid}`, `${pid}.1`])
  const parts = names.map((name) => totalWeight(readProfileFile(join(cwd, name))))
  profview(['merge', '.', '-o', 'all.cpuprofile'], { cwd })
  const merged = readProfileFile(join(cwd, 'all.cpuprofile'))
  expect(totalWeight(merged)).toBe(parts.reduce((sum, part) => sum + part, 0))
  expect(Object.values(sumsBy(merged, FILE_LABEL)).sort()).toEqual(parts.sort())
})

function sumsBy({ labelSets, samples }: Profile, label: string): Record<string, number> {
  const sums: Record<string, number> = {}
  samples.labelSet.forEach((set, i) => {
    const key = labelSets[set]!.get(label) ?? ''
    sums[key] = (sums[key] ?? 0) + samples.weight[i]!
  })
  return sums
}

/** In ms. */
function totalOf(args: string[], cwd: string): number {
  const { out } = profview(args, { cwd })
  return Number(/ {2}(\d+) ms\n/.exec(out)?.[1])
}
