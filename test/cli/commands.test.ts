import { spawn } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isGzip } from '../../src/formats/registry.js'
import { emptyLedger } from '../../src/profile/ledger.js'
import { openStore } from '../../src/store/dump-store.js'
import { readProfileFile, writeProfileFile } from '../../src/store/profile-file.js'
import { profview } from '../support/cli.js'
import { dumpOf } from '../support/meta.js'
import { formatTree, profileFrom } from '../support/trees.js'

const OLD = fileURLToPath(
  new URL('../../fixtures/profiles/cpuprofile/blocked-v1.cpuprofile', import.meta.url),
)
const BIN = fileURLToPath(new URL('../../bin/profview.js', import.meta.url))

let cwd: string
const files: string[] = []
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-cli-'))
  const limits = { files: Infinity, bytes: Infinity, ageMs: Infinity }
  const store = openStore({ dir: join(cwd, 'profiles'), limits })
  const x = { method: 'POST', route: '/x', status: 500, aborted: false }
  const dumps = [
    dumpOf('main@/a/x.js:1;f@/a/x.js:2 60000\nmain@/a/x.js:1;[await] timer 40000'),
    dumpOf('main@/a/x.js:1;g@/a/x.js:9 100000', {
      id: 'b2',
      startedAt: '2026-11-20T14:01:03.000Z',
      request: x,
      process: { pid: 99, workerId: 1, threadId: 0, host: '', node: 'v24.1.0' },
      ledger: { ...emptyLedger(), cpu: 100_000 },
    }),
  ]
  for (const dump of dumps) files.push(store.write(dump).slice(cwd.length + 1))
  writeFileSync(join(cwd, 'bad.cpuprofile'), '{"nodes":')
  writeFileSync(join(cwd, 'empty.pb.gz'), '')
  mkdirSync(join(cwd, 'nothing'))
  writeProfileFile(join(cwd, 'a.collapsed.txt'), profileFrom('main;a 3', { unit: 'samples' }))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe('list', () => {
  test('shows the newest first, in columns', () => {
    expect(profview(['list'], { cwd })).toEqual({
      code: 0,
      out: `\
id  when                     request         status  duration    cpu  await  blocked  worker  file
b2  2026-11-20 14:01:03 UTC  POST /x            500    100 ms  100 %    0 %      0 %       1  ${files[1]}
a1  2026-11-20 14:01:02 UTC  GET /users/:id     200    100 ms   60 %   40 %      0 %       2  ${files[0]}
`,
      err: '',
    })
  })

  test('is data with --json', () => {
    const entries = JSON.parse(profview(['list', 'profiles', '--json'], { cwd }).out)
    expect(entries).toMatchObject([
      { version: 2, id: 'b2', file: files[1], request: { route: '/x' } },
      { version: 2, id: 'a1', file: files[0], ledger: { await: 40_000 } },
    ])
    expect(profview(['list', 'nothing', '--json'], { cwd })).toEqual({
      code: 0,
      out: '[]\n',
      err: '',
    })
  })

  test('as data says what each dump says of itself, in its own version', () => {
    const dir = join(cwd, 'versions')
    mkdirSync(dir)
    copyFileSync(OLD, join(dir, 'old.cpuprofile'))
    const dump = dumpOf('f;[await] db 5\nf;[await] db 7', { files: { '/a/x.js': 'f00' } })
    const waits = [
      { stack: dump.samples.stack[0]!, labelSet: 0, count: 2, totalMicros: 12, longestMicros: 7 },
    ]
    writeProfileFile(join(dir, 'new.cpuprofile'), { ...dump, waits })
    const keyOf = (file: string) => JSON.parse(readFileSync(file, 'utf8')).$profview
    const listed = JSON.parse(profview(['list', 'versions', '--json'], { cwd }).out)
    const { files: _, ...old } = keyOf(OLD)
    const { files: _files, ...own } = keyOf(join(dir, 'new.cpuprofile'))
    expect(listed).toEqual([
      { ...old, file: join('versions', 'old.cpuprofile') },
      { ...own, file: join('versions', 'new.cpuprofile') },
    ])
    expect(own.waits).toEqual([{ node: 3, count: 2, totalMicros: 12, longestMicros: 7 }])
  })

  test('has columns for what was queued, off the CPU and our own where something was', () => {
    const dir = join(cwd, 'queued')
    const store = openStore({ dir, limits: { files: Infinity, bytes: Infinity, ageMs: Infinity } })
    const queued = { minMicros: 0, maxMicros: 258_000, othersKeptOut: 0, by: [] }
    const ledger = { ...emptyLedger(), offcpu: 20_000, blocked: 75_000, profiler: 5000 }
    store.write(dumpOf('main@/a/x.js:1 100000', { ledger, queued, blockedUpToMicros: 75_000 }))
    store.write(
      dumpOf('main@/a/x.js:1 100000', { id: 'b2', startedAt: '2026-11-20T14:01:01.000Z' }),
    )
    const lines = profview(['list', 'queued'], { cwd }).out.split('\n')
    expect(lines.map((line) => line.replace(/ *\S*$/, ''))).toEqual([
      'id  when                     request         status        queued  duration   cpu  offcpu  await     blocked  profiler  worker',
      'a1  2026-11-20 14:01:02 UTC  GET /users/:id     200  up to 258 ms    100 ms   0 %    20 %    0 %  up to 75 %     5.0 %       2',
      'b2  2026-11-20 14:01:01 UTC  GET /users/:id     200                  100 ms  60 %     0 %   40 %         0 %       0 %       2',
      '',
    ])
  })

  test('says how a request ended as show does', () => {
    const dir = join(cwd, 'ended')
    const store = openStore({ dir, limits: { files: Infinity, bytes: Infinity, ageMs: Infinity } })
    const ends = [
      [404, true],
      [0, true],
      [0, false],
    ] as const
    ends.forEach(([status, aborted], i) => {
      const request = { method: 'GET', route: '/x', status, aborted }
      store.write(
        dumpOf('f 1000', { id: `e${i}`, startedAt: `2026-11-20T14:01:0${i}.000Z`, request }),
      )
    })
    const listed = profview(['list', 'ended'], { cwd }).out.split('\n').slice(1, -1)
    const statuses = listed.map((line) => /GET \/x\s+(.*?)\s*100 ms/.exec(line)![1])
    expect(statuses).toEqual(['', 'aborted', '404 aborted'])
    const heads = listed.map((line) => {
      return profview(['show', line.split(' ').at(-1)!], { cwd }).out.split('\n')[0]
    })
    expect(heads).toEqual(statuses.map((s) => `GET /x${s === '' ? '' : ` -> ${s}`}  1.00 ms`))
  })

  test('says what is missing', () => {
    expect(profview(['list', 'nothing'], { cwd })).toEqual({
      code: 0,
      out: '',
      err: 'profview: no dumps in nothing\n',
    })
    expect(profview(['list', 'gone'], { cwd })).toEqual({
      code: 1,
      out: '',
      err: 'profview: cannot list gone: no such file or directory (ENOENT)\n',
    })
  })
})

describe('show', () => {
  test('shows one request', () => {
    expect(profview(['show', files[0]!], { cwd })).toEqual({
      code: 0,
      out: `\
GET /users/:id -> 200  100 ms
2026-11-20 14:01:02 UTC - worker 2, pid 4711 - Node 24.1.0 - 100 samples, one every 1 ms - own samples only
cpu 60.0 ms (60 %) - await 40.0 ms (40 %)

CPU: 100 % of 60.0 ms in f (x.js:2); 100 samples, +- 4 %.
Waiting: 40.0 of 100 ms on timer, from main (x.js:1).

100 ms  main  x.js:1
|- 60.0 ms  f  x.js:2
\`- 40.0 ms  [await] timer
`,
      err: '',
    })
  })

  test('merges a directory, and selects from it', () => {
    const tree = (args: string[]) => profview(['show', ...args], { cwd }).out.split('\n\n')[2]
    expect(tree(['profiles'])).toBe(
      '200 ms  main  x.js:1\n|- 100 ms  g  x.js:9\n|- 60.0 ms  f  x.js:2\n`- 40.0 ms  [await] timer\n',
    )
    const g = '100 ms  main  x.js:1\n`- 100 ms  g  x.js:9\n'
    expect(tree(['profiles', '--route', 'POST /x'])).toBe(g)
    expect(tree(['profiles', '--worker', '1'])).toBe(g)
    expect(tree([...files, '--worker', '99'])).toBe(g)
    expect(profview(['merge', ...files, '-o', 'm.pb.gz'], { cwd })).toEqual({
      code: 0,
      out: 'm.pb.gz: 2 profiles, 200 ms\n',
      err: '',
    })
    expect(tree(['m.pb.gz', '--route', 'POST /x'])).toBe(g)
    expect(profview(['show', 'profiles', '--route', 'GET /y'], { cwd })).toEqual({
      code: 1,
      out: '',
      err: "profview: nothing matches --route 'GET /y'; there are: GET /users/:id, POST /x\n",
    })
  })

  test('goes on after a bad input, unless it is told to be strict', () => {
    const args = ['show', 'bad.cpuprofile', files[0]!, 'empty.pb.gz', 'gone', 'a.collapsed.txt']
    const { code, out, err } = profview(args, { cwd })
    expect(code).toBe(1)
    expect(out).toMatch(/^GET \/users\/:id -> 200 {2}100 ms\n/)
    expect(err.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^profview: bad\.cpuprofile: /),
      'profview: empty.pb.gz: the file is empty',
      'profview: cannot read gone: no such file or directory (ENOENT)',
      'profview: a.collapsed.txt: counts samples, the files before it microseconds; they cannot be merged',
    ])
    const odd = ['loop.cpuprofile', `${files[0]}/x.pb`, `${'y'.repeat(300)}.pb`]
    symlinkSync('loop.cpuprofile', join(cwd, 'loop.cpuprofile'))
    const among = profview(['show', ...odd, files[0]!], { cwd })
    expect([among.code, among.out]).toEqual([1, out])
    expect(among.err.trimEnd().split('\n')).toEqual([
      'profview: cannot read loop.cpuprofile: too many symbolic links (ELOOP)',
      expect.stringMatching(/^profview: cannot read .*: a part of the path is not a directory/),
      expect.stringMatching(/^profview: cannot read y+\.pb: the name is too long/),
    ])
    for (const path of odd) {
      const written = profview(['convert', files[0]!, '-o', path], { cwd })
      expect(written).toMatchObject({ code: 1, err: expect.stringMatching(/^profview: cannot w/) })
    }
    const strict = profview([...args, '--strict'], { cwd })
    expect([strict.code, strict.out, strict.err.split('\n').length]).toEqual([1, '', 2])
  })

  test('reads the standard input', () => {
    const { code, out } = profview(['show', '-'], { cwd, input: 'main;a 3\nmain;b 1\n' })
    expect([code, out]).toEqual([
      0,
      '<stdin>  4 samples\n\n4 samples  main\n|- 3 samples  a\n`- 1 sample  b\n',
    ])
  })

  test('gives programs everything, and people Markdown', () => {
    const { meta, tree } = JSON.parse(profview(['show', files[0]!, '--json'], { cwd }).out)
    expect([meta.id, tree.totalMicros, tree.children[0].children[1].kind]).toEqual([
      'a1',
      100_000,
      'await',
    ])
    const md = profview(['show', files[0]!, '--md'], { cwd }).out
    expect(md).toMatch(/^### `GET \/users\/:id` → 200, 100 ms\n/)
    expect(profview(['show', files[0]!, '--flat', '--invert'], { cwd })).toEqual({
      code: 2,
      out: '',
      err: "profview: option '--flat' cannot be used with option '--invert'\n",
    })
  })

  test('refuses a timeline of a merged profile', () => {
    expect(profview(['show', 'profiles', '--timeline'], { cwd })).toEqual({
      code: 2,
      out: '',
      err: 'profview: --timeline: these samples have no order in time (merged profiles keep none)\n',
    })
    expect(profview(['show', files[0]!, '--timeline'], { cwd }).code).toBe(0)
  })

  test('paints when it is told to', () => {
    const env = { FORCE_COLOR: '1' }
    expect(profview(['show', files[0]!], { cwd, env }).out).toContain('\x1b[1mmain\x1b[0m')
    const none = { FORCE_COLOR: '1', NO_COLOR: '1' }
    expect(profview(['show', files[0]!], { cwd, env: none }).out).not.toContain('\x1b')
  })

  test('is quiet when the reader leaves', async () => {
    writeFileSync(
      join(cwd, 'wide.txt'),
      Array.from({ length: 50_000 }, (_, i) => `main;function_number_${i} 1`).join('\n'),
    )
    const child = spawn(process.execPath, [BIN, 'show', '--all', 'wide.txt'], { cwd })
    let err = ''
    child.stderr.on('data', (data) => {
      err += data
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect([code, err]).toEqual([0, ''])
  })
})

describe('convert and merge', () => {
  test.each(['cpuprofile', 'pb.gz', 'speedscope.json', 'collapsed.txt'])(
    'to .%s and back',
    (type) => {
      const out = `out.${type}`
      expect(profview(['convert', files[0]!, '-o', out], { cwd })).toEqual({
        code: 0,
        out: '',
        err: '',
      })
      const wanted = formatTree(readProfileFile(join(cwd, files[0]!)))
      expect(formatTree(readProfileFile(join(cwd, out)))).toEqual(wanted)
    },
  )

  test.each(['cpuprofile.gz', 'pprof.gz', 'speedscope.json.gz', 'folded.gz', 'CPUPROFILE.GZ'])(
    'to .%s, in gzip, and back',
    (type) => {
      const out = `packed.${type}`
      expect(profview(['convert', files[0]!, '-o', out], { cwd }).err).toBe('')
      expect(isGzip(readFileSync(join(cwd, out)))).toBe(true)
      const wanted = formatTree(readProfileFile(join(cwd, files[0]!)))
      expect(formatTree(readProfileFile(join(cwd, out)))).toEqual(wanted)
    },
  )

  test.each(['json', 'md', 'html', 'firefox.json'])(
    'to .%s in gzip is the same, packed',
    (type) => {
      for (const name of [`plain.${type}`, `plain.${type}.gz`]) {
        expect(profview(['convert', files[0]!, '-o', name], { cwd }).err).toBe('')
      }
      const [plain, packed] = [type, `${type}.gz`].map((end) =>
        readFileSync(join(cwd, `plain.${end}`)),
      )
      // A page says when it was made.
      const stable = (bytes: Buffer) => bytes.toString().replace(/(id="profview-index">).*/, '$1')
      expect(stable(gunzipSync(packed!))).toBe(stable(plain!))
    },
  )

  test('writes for the Firefox Profiler, and does not take that for an input', () => {
    const dir = join(cwd, 'foreign')
    mkdirSync(dir)
    expect(profview(['convert', 'a.collapsed.txt', '-o', 'foreign/a.folded'], { cwd }).code).toBe(0)
    expect(profview(['merge', ...files, '-o', 'foreign/x.firefox.json'], { cwd }).out).toBe(
      'foreign/x.firefox.json: 2 profiles, 200 ms\n',
    )
    const { threads } = JSON.parse(readFileSync(join(dir, 'x.firefox.json'), 'utf8'))
    expect(threads.map(({ name }: { name: string }) => name)).toEqual(['worker 2', 'worker 1'])
    expect(profview(['show', 'foreign'], { cwd })).toMatchObject({ code: 0, err: '' })
  })

  test('writes reports', () => {
    expect(profview(['convert', files[0]!, '-o', 'r.md'], { cwd }).code).toBe(0)
    expect(profview(['convert', files[0]!, '-o', 'r.json'], { cwd }).code).toBe(0)
    expect(readFileSync(join(cwd, 'r.md'), 'utf8')).toMatch(/^### `GET/)
    expect(JSON.parse(readFileSync(join(cwd, 'r.json'), 'utf8')).meta.id).toBe('a1')
  })

  test('to .html: the viewer, with the profiles of a directory side by side, or merged into one', () => {
    expect(profview(['convert', 'profiles', '-o', 'two.html'], { cwd })).toEqual({
      code: 0,
      out: '',
      err: '',
    })
    expect(profview(['merge', 'profiles', '-o', 'merged.html'], { cwd }).code).toBe(0)
    const embedded = (name: string) =>
      readFileSync(join(cwd, name), 'utf8').match(/ id="profview-profile-\d+">/g)
    expect(embedded('two.html')).toHaveLength(2)
    expect(embedded('merged.html')).toHaveLength(1)
    expect(profview(['convert', 'bad.cpuprofile', '-o', 'bad.html'], { cwd }).code).toBe(1)
    expect(existsSync(join(cwd, 'bad.html'))).toBe(false)
  })

  test('refuses an extension that it does not know before it reads', () => {
    const known = '.cpuprofile .pb.gz .speedscope.json .collapsed.txt .firefox.json .html .md .json'
    expect(profview(['convert', 'gone', '-o', 'x.xyz'], { cwd })).toEqual({
      code: 2,
      out: '',
      err: `profview: the extension of x.xyz names no format; use ${known}, or one of them with .gz\n`,
    })
  })

  test('writes nothing where there is nothing to write', () => {
    expect(profview(['merge', 'bad.cpuprofile', '-o', 'none.cpuprofile'], { cwd }).code).toBe(1)
    expect(existsSync(join(cwd, 'none.cpuprofile'))).toBe(false)
  })
})

describe('prune', () => {
  test('removes the oldest', () => {
    const dir = join(cwd, 'old')
    const limits = { files: Infinity, bytes: Infinity, ageMs: Infinity }
    const store = openStore({ dir, limits })
    for (let i = 0; i < 5; i++) store.write(dumpOf('main 5'))
    const { code, out } = profview(['prune', 'old', '--files', '2'], { cwd })
    expect(code).toBe(0)
    expect(out).toMatch(/^old: removed 3 dumps \(\d\.\d kB\), kept 2 dumps \(\d\.\d kB\)\n$/)
    expect(profview(['prune', 'old', '--age', '7d'], { cwd }).out).toMatch(
      /removed 0 dumps \(0 B\)/,
    )
  })

  test.each([
    ['--files', '-1'],
    ['--bytes', '5 apples'],
    ['--age', '7'],
  ])('%s %s is no use', (flag, value) => {
    const { code, err } = profview(['prune', 'old', flag, value], { cwd })
    expect([code, err.split('\n').length]).toEqual([2, 2])
  })
})

describe('usage', () => {
  test('helps, and says which version it is', () => {
    const help = profview([])
    expect(help.code).toBe(0)
    for (const name of ['open', 'list', 'show', 'merge', 'convert', 'prune']) {
      expect(help.out).toMatch(new RegExp(`^  ${name} `, 'm'))
    }
    expect(profview(['--version']).out).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(profview(['show', '--help']).out).toContain('--threshold <share>')
    const helpOf = (name: string) => profview([name, '--help']).out.replace(/\s+/g, ' ')
    for (const name of ['merge', 'convert', 'run'])
      expect(helpOf(name)).toMatch(/format: .*\.pb\.gz/)
    expect(helpOf('token')).toContain('(default: 60s)')
    expect(helpOf('prune')).toContain('keeps: 1000 dumps, 1.0 GB, 7 days')
  })

  test.each([
    [['shwo'], "unknown command 'shwo' (Did you mean show?)"],
    [['shwo', 'profiles', '--flat'], "unknown command 'shwo' (Did you mean show?)"],
    [['frobnicate'], "unknown command 'frobnicate'; see profview --help"],
    [['--hlep'], "unknown option '--hlep' (Did you mean --help?)"],
    [['list', '--srot', 'cpu'], "unknown option '--srot' (Did you mean --sort?)"],
    [['list', '--frob'], "unknown option '--frob'; see profview --help"],
    [['--flat', 'profiles'], "unknown option '--flat'; see profview --help"],
    [['\x1B[31mx'], "unknown command '\\x1b[31mx'; see profview --help"],
    [
      ['a.cpuprofile'],
      "unknown command 'a.cpuprofile'; to look at a file: profview open a.cpuprofile",
    ],
    [['get'], "missing required argument 'url'; see profview get --help"],
    [['show', '--jsn', 'x'], "unknown option '--jsn' (Did you mean --json?)"],
    [
      ['merge', 'x'],
      "required option '-o, --output <file>' not specified; see profview merge --help",
    ],
    [
      ['assert', '--p95', '200'],
      "option '--p95 <time>' argument '200' is invalid. Not a time with its unit: 200ms, 1.5s and 1m are.",
    ],
    [
      ['assert', '--cpu', 'soon'],
      "option '--cpu <time or share>' argument 'soon' is invalid. Not a time: 200ms, 1.5s and 1m are.",
    ],
    [
      ['prune', 'x', '--age', '7'],
      "option '--age <time>' argument '7' is invalid. Not a time with its unit: 7d, 12h, 30m and 90s are.",
    ],
  ])('%j', (args, reason) => {
    expect(profview(args)).toEqual({ code: 2, out: '', err: `profview: ${reason}\n` })
  })
})
