import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { buildFunctionTable } from '../../src/analysis/functions.js'
import type { Frame, ProfileInfo, ProfilerOptions } from '../../src/index.js'
import {
  Dumps,
  profview,
  type Running,
  run,
  runScript,
  serve,
  temporaryDir,
} from '../support/app.js'
import { checkDump, dumpsIn, filesIn } from '../support/dump-check.js'

function workForRedaction(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/** A server that burns 30 ms, with a wait in the middle. */
async function burning(options: ProfilerOptions): Promise<Running & { counts: object }> {
  const middleware = profview.profiler(options)
  const running = await serve((request, response) =>
    middleware(request, response, async () => {
      workForRedaction(15)
      await new Promise((resolve) => setTimeout(resolve, 10))
      workForRedaction(15)
      response.end('x')
    }),
  )
  return { ...running, counts: middleware.counts }
}

const TRIGGER = { headers: { 'x-profile': '1' } }

describe('a dump', () => {
  test('is what the contract says, and onProfile is told of it', async () => {
    const dumps = new Dumps()
    const told: ProfileInfo[] = []
    const { get } = await burning(
      dumps.options({
        onProfile(info) {
          told.push(info)
          dumps.add(info)
        },
      }),
    )
    const before = Date.now()
    const answer = await get('/', TRIGGER)
    const { file, meta, names } = await dumps.one()
    expect(told).toEqual([{ id: answer.headers.get('x-profile-id'), file, meta }])
    expect(dirname(file)).toBe(dumps.dir)
    expect(filesIn(dumps.dir)).toEqual([basename(file)])
    expect(meta).toMatchObject({
      id: answer.headers.get('x-profile-id'),
      kind: 'request',
      request: { method: 'GET', route: '', status: 200, aborted: false },
      process: { pid: process.pid, workerId: 0, node: process.version },
      attribution: 'request',
      intervalMicros: 1000,
      labels: {},
    })
    expect(Date.parse(meta.startedAt)).toBeGreaterThanOrEqual(before)
    expect(meta.durationMicros).toBeGreaterThanOrEqual(39_000)
    expect(names).toContain('workForRedaction')
    expect(names).toContain('[await] timer 10 ms')
  })

  test.skipIf(process.platform === 'win32')('is private whatever the umask', async () => {
    const dir = join(temporaryDir(), 'deep', 'profiles')
    const ended = await runScript(`
      process.umask(0)
      import http from 'node:http'
      import { profiler } from 'profview'
      const middleware = profiler({ dir: ${JSON.stringify(dir)} })
      const server = http.createServer((request, response) => middleware(request, response, () => response.end()))
      server.listen(0, '127.0.0.1', async () => {
        await fetch('http://127.0.0.1:' + server.address().port + '?profile=1')
        server.close()
      })
    `)
    expect(ended).toMatchObject({ code: 0, err: '' })
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    expect(dumpsIn(dir)).toHaveLength(1)
  })
})

describe('labels', () => {
  test.each<[string, () => unknown, object]>([
    [
      'are kept',
      () => ({ trace_id: 'abc', n: 5, yes: true }),
      { trace_id: 'abc', n: '5', yes: 'true' },
    ],
    ['are texts', () => ({ a: null, b: {}, c: () => {}, d: 1n, e: Symbol('e') }), {}],
    ['may be missing', () => undefined, {}],
    ['may come too late', async () => ({ a: 'b' }), {}],
    [
      'may throw',
      () => {
        throw new Error('of the app')
      },
      {},
    ],
    [
      'are cut',
      () => ({ ['n'.repeat(200)]: 'v'.repeat(2000) }),
      { ['n'.repeat(100)]: 'v'.repeat(1000) },
    ],
    [
      'keep strange names',
      () => JSON.parse('{"__proto__":"a","constructor":"b"}'),
      JSON.parse('{"__proto__":"a","constructor":"b"}'),
    ],
  ])('%s', async (_name, labels, expected) => {
    const dumps = new Dumps()
    const { get } = await burning(dumps.options({ labels: labels as () => Record<string, string> }))
    expect((await get('/', TRIGGER)).status).toBe(200)
    expect(JSON.stringify((await dumps.one()).meta.labels)).toBe(JSON.stringify(expected))
  })
})

test('redact renames frames, in dumps of others who record at the same time too, and those that were shown before', async () => {
  const [open, strict] = [new Dumps(), new Dumps()]
  const { get } = await burning(open.options())
  await get('/', TRIGGER)
  expect((await open.one()).names).toContain('workForRedaction')

  const seen: Frame[] = []
  const redact = vi.fn((frame: Frame) => {
    seen.push(frame)
    return frame.name === 'workForRedaction'
      ? { ...frame, name: 'HIDDEN', file: '/hidden.js' }
      : frame
  })
  const { get: getStrictly } = await burning(strict.options({ redact }))
  await Promise.all([get('/', TRIGGER), getStrictly('/', TRIGGER)])
  for (const { names, bytes } of [await strict.one(), await open.one()]) {
    expect(names).toContain('HIDDEN')
    expect(bytes).not.toContain('workForRedaction')
  }
  // By the engine's words time is counted.
  expect(seen.filter(({ name, file }) => file === '' && /^[([]/.test(name))).toEqual([])
})

test.each<[string, (frame: Frame) => unknown]>([
  [
    'throws',
    () => {
      throw new Error('of the app')
    },
  ],
  ['gives nothing', () => undefined],
  ['gives an object without a prototype for a name', () => ({ name: Object.create(null) })],
])('redact that %s hides the frame', async (_name, redact) => {
  const dumps = new Dumps()
  const { get } = await burning(dumps.options({ redact: redact as (frame: Frame) => Frame }))
  expect((await get('/', TRIGGER)).status).toBe(200)
  const { names, bytes } = await dumps.one()
  expect(names).toContain('[unknown]')
  expect(bytes).not.toContain(basename(import.meta.url))
})

test('callbacks that throw cost nothing', async () => {
  const fail = () => {
    throw new Error('of the app')
  }
  const dumps = new Dumps()
  const { get } = await burning(
    dumps.options({
      labels: fail,
      logger: { info: fail, warn: fail },
      onProfile(info) {
        dumps.add(info)
        fail()
      },
    }),
  )
  expect((await get('/', TRIGGER)).status).toBe(200)
  await dumps.one()
})

describe('limits', () => {
  test('concurrent: 50 at once, 10 recorded, all served', async () => {
    const dumps = new Dumps()
    const middleware = profview.profiler(dumps.options({ limits: { concurrent: 10 } }))
    const waiting: (() => void)[] = []
    const { get } = await serve((request, response) =>
      middleware(request, response, () => {
        waiting.push(() => response.end('x'))
        if (waiting.length < 50) return
        for (const answer of waiting) answer()
      }),
    )
    const answers = await Promise.all(Array.from({ length: 50 }, () => get('/', TRIGGER)))
    expect(answers.map((answer) => answer.status)).toEqual(Array(50).fill(200))
    expect(middleware.counts).toEqual({ profiled: 10, refused: 0, skipped: 40 })
    expect(answers.filter((answer) => answer.headers.has('x-profile-id'))).toHaveLength(10)
    await dumps.take(10)
    // There is room again.
    await get('/', TRIGGER)
    expect(middleware.counts).toEqual({ profiled: 11, refused: 0, skipped: 40 })
    await dumps.one()
  })

  test.each([
    [
      'where each is asked for',
      '',
      'a request asked to be profiled and was not: the directory has as many',
    ],
    ['where all are chosen', "mode: 'all',", 'not every request or job that was chosen'],
  ])('over perMinute, %s', async (_name, mode, said) => {
    const { dir } = new Dumps()
    // A new process is far from its second minute.
    const ended = await runScript(`
      import http from 'node:http'
      import { profiler } from 'profview'
      const middleware = profiler({ ${mode} dir: ${JSON.stringify(dir)}, limits: { perMinute: 3 } })
      const server = http.createServer((request, response) => middleware(request, response, () => response.end()))
      server.listen(0, '127.0.0.1', async () => {
        const url = 'http://127.0.0.1:' + server.address().port + '?profile=1'
        const ids = []
        for (let i = 0; i < 5; i++) ids.push((await fetch(url)).headers.has('x-profile-id'))
        console.log(JSON.stringify([ids, middleware.counts]))
        server.close()
      })
    `)
    expect(JSON.parse(ended.out)).toEqual([
      [true, true, true, false, false],
      { profiled: 3, refused: 0, skipped: 2 },
    ])
    expect(ended.err.split(said)).toHaveLength(2)
    expect(dumpsIn(dir)).toHaveLength(3)
  })

  test('files', async () => {
    const dumps = new Dumps()
    const { get } = await burning(dumps.options({ limits: { files: 2 } }))
    for (let i = 0; i < 3; i++) await Promise.all([get('/', TRIGGER), get('/', TRIGGER)])
    await dumps.until(() => dumps.files.length === 6)
    expect(filesIn(dumps.dir).length).toBeLessThanOrEqual(2)
    expect(filesIn(dumps.dir)).toContain(basename(dumps.files[5]!))
  })
})

describe('where a dump cannot be written, the response is the same, and one line says so', () => {
  const root = process.getuid?.() === 0

  test.each<[string, (dir: string) => string, RegExp]>([
    [
      'the directory is a file',
      (dir) => {
        writeFileSync(join(dir, 'file'), '')
        return join(dir, 'file')
      },
      /not a directory/,
    ],
    [
      'its parent is a file',
      (dir) => {
        writeFileSync(join(dir, 'file'), '')
        return join(dir, 'file', 'profiles')
      },
      /not a directory/,
    ],
    ['the name is too long', (dir) => join(dir, 'x'.repeat(300)), /too long/],
    ...(root
      ? []
      : [
          [
            'it may not be written',
            (dir: string) => {
              mkdirSync(join(dir, 'closed'))
              chmodSync(join(dir, 'closed'), 0o500)
              return join(dir, 'closed')
            },
            /permission denied/,
          ] as [string, (dir: string) => string, RegExp],
        ]),
  ])('%s', async (_name, prepare, reason) => {
    const dumps = new Dumps()
    const { get } = await burning(dumps.options({ dir: prepare(temporaryDir()) }))
    const answers = await Promise.all([get('/', TRIGGER), get('/', TRIGGER), get('/')])
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['x', 'x', 'x'])
    await dumps.until(() => dumps.warnings.length > 0)
    await get('/', TRIGGER)
    // Another middleware's dump, written after: by then the failures have been told.
    const other = new Dumps()
    await (await burning(other.options())).get('/', TRIGGER)
    await other.one()
    expect(dumps.warnings).toEqual([
      expect.stringMatching(/^profview: a profile was lost: cannot /),
    ])
    expect(dumps.warnings[0]).toMatch(reason)
    expect(dumps.files).toEqual([])
  })
})

test.skipIf(process.platform === 'win32')(
  'where no byte can be written, nothing is left of a dump',
  async () => {
    const { dir } = new Dumps()
    mkdirSync(dir)
    const script = `
    import http from 'node:http'
    import { profiler } from 'profview'
    const warnings = []
    let told = () => {}
    const logger = { info() {}, warn(message) { warnings.push(message); told() } }
    const middleware = profiler({ dir: process.env.PROFVIEW_DIR, logger, authorize: () => true })
    const server = http.createServer((request, response) => middleware(request, response, () => response.end('x')))
    server.listen(0, '127.0.0.1', async () => {
      const warned = new Promise((resolve) => { told = resolve })
      const answer = await fetch('http://127.0.0.1:' + server.address().port + '?profile=1')
      await warned
      console.log(JSON.stringify([await answer.text(), warnings]))
      server.close()
    })
  `
    const node = `exec "$0" --input-type=module -e "$1"`
    const ended = await run('/bin/sh', ['-c', `ulimit -f 0; ${node}`, process.execPath, script], {
      PROFVIEW_DIR: dir,
    })
    expect(ended).toMatchObject({ code: 0, signal: null, err: '' })
    expect(JSON.parse(ended.out)).toEqual(['x', [expect.stringContaining('EFBIG')]])
    expect(filesIn(dir)).toEqual([])
  },
)

test('a profile of a function comes back, and leaves no file', async () => {
  const { value, profile } = await profview.profile(async function importUsers() {
    workForRedaction(20)
    await new Promise((resolve) => setTimeout(resolve, 10))
    return 42
  })
  expect(value).toBe(42)
  const [meta] = profile!.sources
  expect(meta).toMatchObject({ kind: 'function', request: null, attribution: 'request' })
  const sum = Object.values(meta!.ledger).reduce((total, part) => total + part, 0)
  expect(sum).toBe(meta!.durationMicros)
  await expect(
    profview.profile(() => {
      throw new Error('of the app')
    }),
  ).rejects.toThrow('of the app')
})

test('a process is recorded as a whole', async () => {
  const { dir } = new Dumps()
  const ended = await runScript(
    `
    import { profiler } from 'profview'
    profiler()
    profiler()
    function spin() { const end = performance.now() + 300; while (performance.now() < end); }
    spin()
    `,
    { env: { PROFVIEW: 'process', PROFVIEW_DIR: dir } },
  )
  expect(ended).toEqual({ code: 0, signal: null, out: '', err: '' })
  const [dump, ...others] = dumpsIn(dir)
  expect(others).toEqual([])
  const { meta } = checkDump(dump!.file)
  expect(meta).toMatchObject({
    kind: 'process',
    attribution: 'request',
    request: null,
    warnings: [],
  })
  expect(meta.samples).toBeGreaterThan(10)
  const profile = profview.readProfile(dump!.file)
  const spin = profile.frames.findIndex(({ name }) => name === 'spin')
  expect(buildFunctionTable(profile).total[spin]).toBeGreaterThan(meta.ledger.cpu / 2)
})
