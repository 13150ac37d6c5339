/** Small files that mean very much: refused before they cost it, in a process of their own. */
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeProfile } from '../../src/formats/registry.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { profview } from '../support/cli.js'
import { join as concat, locationOf, pprofTables, sampleOf } from '../support/protobuf.js'

const MOST_MEGABYTES = 512
const REFUSED = 'takes more than 512 MB of memory to read; more is allowed with --max-memory'
const MUCH_WORK = 'takes far more work than its size to read; more is allowed with --max-memory'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'profview-budget-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** What `show` says in one line, and the most memory that it had, in MB. */
function show(name: string, bytes: Uint8Array | string | null, ...args: string[]) {
  if (bytes !== null) writeFileSync(join(dir, name), bytes)
  return measured('show', join(dir, name), ...args)
}

function measured(...args: string[]) {
  writeFileSync(join(dir, 'usage.cjs'), USAGE)
  const env = { NODE_OPTIONS: `--require=${join(dir, 'usage.cjs')}` }
  const { code, err } = profview(args, { cwd: dir, env })
  const [said, usage] = err.trimEnd().split('\n').slice(-2)
  const text = usage === undefined ? '' : said!
  return { code, text, megabytes: Number((usage ?? said)!.replace('KB ', '')) / 1024 }
}

const USAGE = `process.on('exit', () => {
  require('fs').writeSync(2, 'KB ' + process.resourceUsage().maxRSS + '\\n')
})`

const one = sampleOf([1], 1)
const repeated = (part: Uint8Array, count: number) => Buffer.alloc(part.length * count, part)

describe('a small file of large work', () => {
  test.each<[string, () => Uint8Array | string, RegExp]>([
    [
      'calls inlined 3,000 times, 8,000 of them in each other, in 29 KB',
      () => concat(pprofTables(), locationOf(1, 3000), sampleOf(new Array(8000).fill(1), 1)),
      /takes (far more work than its size|more than 512 MB of memory) to read; .*--max-memory$/,
    ],
    [
      'the same stack of inlined calls 3,000 times',
      () =>
        concat(
          pprofTables(),
          locationOf(1, 3000),
          repeated(sampleOf(new Array(100).fill(1), 1), 3000),
        ),
      /takes far more work than its size to read/,
    ],
    [
      'samples without end, in 100 KB of gzip',
      () => gzipSync(concat(pprofTables(), locationOf(1, 1), repeated(one, 7_900_000))),
      new RegExp(MUCH_WORK),
    ],
    [
      'strings without end, in 30 KB of gzip',
      () => {
        const strings = repeated(Uint8Array.from([0x32, 1, 0x61]), 10_000_000)
        return gzipSync(concat(pprofTables(), locationOf(1, 1), one, strings))
      },
      new RegExp(MUCH_WORK),
    ],
    [
      'fields that nobody knows without end, in 60 KB of gzip',
      () => {
        const unknown = repeated(Uint8Array.from([0x78, 1]), 31_000_000)
        return gzipSync(concat(pprofTables(), locationOf(1, 1), one, unknown))
      },
      new RegExp(MUCH_WORK),
    ],
    [
      'a folded stack without end, in 700 KB of gzip',
      () => gzipSync(Buffer.alloc(480_000_000, 'a;b;c 1\n')),
      new RegExp(REFUSED),
    ],
    [
      'the same, as far as it would fit into memory',
      () => gzipSync(Buffer.alloc(300_000_000, 'a;b;c 1\n')),
      new RegExp(MUCH_WORK),
    ],
    [
      'lines without end, in 90 KB of gzip',
      () => gzipSync(Buffer.alloc(63_000_000, 'a;b;c 1\n')),
      new RegExp(MUCH_WORK),
    ],
    [
      'frames without end',
      () => gzipSync(Array.from({ length: 2_500_000 }, (_, i) => `a;x${i} 1\n`).join('')),
      new RegExp(REFUSED),
    ],
  ])('%s', (name, make, reason) => {
    const { code, text, megabytes } = show(`${name.slice(0, 12)}.bin`, make())
    expect(text).toMatch(reason)
    expect(code).toBe(1)
    expect(megabytes).toBeLessThan(MOST_MEGABYTES)
  })

  test.each(['x.cpuprofile', 'x.speedscope.json', 'x.json'])(
    '600 MB broken at byte 17: %s',
    (name) => {
      const fd = openSync(join(dir, name), 'w')
      writeFileSync(fd, '{"$schema":"abc",!')
      ftruncateSync(fd, 600e6)
      closeSync(fd)
      const { code, text, megabytes } = show(name, null)
      expect(text).toMatch(name === 'x.json' ? /not a profile/ : /the JSON is broken at byte 17$/)
      expect(code).toBe(1)
      expect(megabytes).toBeLessThan(128)
    },
  )

  test('a member of 300 MB that nobody knows is never held', () => {
    const fd = openSync(join(dir, 'member.cpuprofile'), 'w')
    writeFileSync(fd, '{"events":[')
    for (let i = 0; i < 30; i++) writeFileSync(fd, '{"a":"\\"]}","b":[1.5]},\n'.repeat(450_000))
    const profile = encodeProfile(readProfileFile(writeSmall()), 'cpuprofile')
    writeFileSync(fd, `{}],${new TextDecoder().decode(profile).slice(1)}`)
    closeSync(fd)
    const { code, megabytes } = show('member.cpuprofile', null)
    expect(code).toBe(0)
    expect(megabytes).toBeLessThan(128)
  })

  test('many of them at once are refused together', () => {
    const names = Array.from({ length: 6 }, (_, i) => `part${i}.folded`)
    names.forEach((name, at) => {
      const lines = Array.from({ length: 40_000 }, (_, i) => `${at}x${i} 1\n`).join('')
      writeFileSync(join(dir, name), lines)
    })
    const others = names.slice(1).map((name) => join(dir, name))
    const limit = ['--max-memory', '200MB']
    const { code, text, megabytes } = show(names[0]!, null, ...others, ...limit)
    expect(text).toMatch(/part\d\.folded: takes more than 200 MB of memory to read/)
    expect(code).toBe(1)
    expect(megabytes).toBeLessThan(250)
    expect(show(names[0]!, null, ...limit)).toMatchObject({ code: 0, text: '' })
  })

  test('more memory can be allowed, and less', () => {
    const lines = Array.from({ length: 1_600_000 }, (_, i) => `a;b;c ${(i * 7919) % 99_991}\n`)
    const bytes = gzipSync(lines.join(''))
    expect(show('large.folded', bytes, '--max-memory', '140MB')).toMatchObject({
      code: 1,
      text: expect.stringContaining('takes more than 140 MB of memory to read'),
    })
    expect(show('large.folded', bytes)).toMatchObject({ code: 0, text: '' })
    expect(profview(['show', 'x', '--max-memory', '1MB'], { cwd: dir })).toMatchObject({
      code: 2,
      err: expect.stringContaining('Node alone takes 128MB'),
    })
    expect(() => readProfileFile(join(dir, 'large.folded'), { memory: 140e6 })).toThrow('140 MB')
  })

  function writeSmall(): string {
    const file = join(dir, 'small.folded')
    writeFileSync(file, 'main;a 3\n')
    return file
  }
})

describe('linear in the file', () => {
  test('thirty thousand profiles of one name', () => {
    const part = { type: 'sampled', name: 'x', unit: 'none', samples: [[0]], weights: [1] }
    const profiles = new Array(30_000).fill(part)
    const file = join(dir, 'names.speedscope.json')
    writeFileSync(file, JSON.stringify({ shared: { frames: [{ name: 'f' }] }, profiles }))
    const profile = readProfileFile(file)
    expect(profile.labelSets).toHaveLength(30_001)
    expect(profile.labelSets.at(-1)!.get('profile')).toBe('x (30000)')
  })

  test('a million calls in each other, as JSON', () => {
    writeFileSync(join(dir, 'million.folded'), `${'a;'.repeat(999_999)}a 1\n`)
    const { code, text, megabytes } = measured('convert', 'million.folded', '-o', 'million.json')
    expect({ code, text }).toEqual({ code: 0, text: '' })
    expect(statSync(join(dir, 'million.json')).size).toBeGreaterThan(100e6)
    expect(megabytes).toBeLessThan(MOST_MEGABYTES)
  })

  test('two hundred thousand calls in each other', () => {
    const file = join(dir, 'deep.folded')
    writeFileSync(file, `${'a;'.repeat(199_999)}a 1\n`)
    const profile = readProfileFile(file)
    expect(profile.stacks.frame).toHaveLength(200_001)
    expect(encodeProfile(profile, 'cpuprofile').length).toBeGreaterThan(400_000)
    expect(encodeProfile(profile, 'collapsed').length).toBe(400_002)
    expect(encodeProfile(profile, 'speedscope').length).toBeGreaterThan(400_000)
    // With time in each of them every format that writes whole stacks would take the square.
    const { stacks, samples } = profile
    const all = {
      stack: Int32Array.from(stacks.frame, (_, i) => i),
      weight: new Float64Array(stacks.frame.length).fill(1),
      labelSet: new Int32Array(stacks.frame.length),
    }
    expect(samples.stack).toHaveLength(1)
    for (const format of ['collapsed', 'speedscope', 'pprof'] as const) {
      expect(() => encodeProfile({ ...profile, samples: all }, format)).toThrow(
        /its deep stacks would take \d+ MB in this format; write it as \.cpuprofile/,
      )
    }
  })
})

test('the standard input, which may have no end, is read as far as it may be', () => {
  const root = JSON.stringify(join(import.meta.dirname, '../..'))
  const program = `require(${root}).readProfile("-", { memory: 200e6 })`
  const child = () =>
    execFileSync('bash', ['-c', `cat /dev/zero | "$0" -e '${program}'`, process.execPath], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  expect(child).toThrow('bytes or more are over the limit of 100000000')
})
