/** `profview capture`: a running app's workers, all at once, by files in the directory of dumps. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readProfile } from '../../dist/index.js'
import { sumOfLedger } from '../../src/profile/ledger.js'
import type { DumpMeta } from '../../src/profile/profile.js'
import { isJournal } from '../../src/store/dump-name.js'
import { isThere } from '../../src/store/process-identity.js'
import { type Ended, ROOT, run, runScript, temporaryDir } from '../support/app.js'
import { dumpsIn } from '../support/dump-check.js'

const BIN = join(ROOT, 'bin/profview.js')
const APP = join(ROOT, 'test/support/captured-app.cjs')

interface Worker {
  readonly id: number
  readonly pid: number
  readonly port: number
}

interface App {
  readonly dir: string
  readonly workers: readonly Worker[]
}

/** All have said by now that they would answer. */
async function serve(workers: number, env: Readonly<Record<string, string>> = {}): Promise<App> {
  const dir = temporaryDir()
  const child = spawn(process.execPath, [APP], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, PROFVIEW_DIR: dir, WORKERS: String(workers), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const app: App = { dir, workers: await workersOf(child, workers) }
  onTestFinished(() => {
    for (const { pid } of app.workers) kill(pid)
    child.kill('SIGKILL')
  })
  if (env.PROFVIEW !== 'off')
    await expect.poll(() => presentIn(dir), { timeout: 20_000 }).toBe(workers)
  return app
}

function workersOf(child: ChildProcess, count: number): Promise<Worker[]> {
  let text = ''
  return new Promise((resolve) => {
    child.stdout!.setEncoding('utf8').on('data', (more: string) => {
      text += more
      const lines = text.split('\n').slice(0, -1)
      if (lines.length < count) return
      const workers = lines.map((line) => line.split(' ').map(Number) as [number, number, number])
      resolve(workers.map(([id, pid, port]) => ({ id, pid, port })))
    })
  })
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

function presentIn(dir: string): number {
  return namesIn(dir).filter((name) => name.endsWith('.worker')).length
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(join(dir, '.capture'))
  } catch {
    return []
  }
}

function capture(dir: string, ...args: string[]): Promise<Ended> {
  return run(process.execPath, [BIN, 'capture', dir, '--for', '2s', ...args])
}

/** One request after the other, until it is told to stop. */
function load({ port }: Worker): () => Promise<void> {
  let isOn = true
  const done = (async () => {
    while (isOn) {
      await fetch(`http://127.0.0.1:${port}/page`).then((answer) => answer.text())
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  return () => {
    isOn = false
    return done
  }
}

describe('of a running app', { timeout: 90_000 }, () => {
  test('eight workers, one of which hangs: seven in one profile, and the one named', async () => {
    const { dir, workers } = await serve(8)
    const hung = workers[3]!
    await fetch(`http://127.0.0.1:${hung.port}/hang`)
    const stops = workers.filter((worker) => worker !== hung).map(load)
    const file = join(dir, 'all.cpuprofile')
    const ended = await capture(dir, '--timeout', '12s', '-o', file)
    for (const stop of stops) await stop()
    expect(ended.code).toBe(1)
    const lines = ended.err.trim().split('\n')
    expect(lines).toEqual([
      expect.stringMatching(
        new RegExp(`^profview: worker ${hung.id}, pid ${hung.pid} on .*: busy since .*: its loop`),
      ),
    ])
    expect(ended.out).toContain('GET /page')
    expect(ended.out).toContain(`${file}: 7 workers; 1 missing`)
    const { sources } = readProfile(file)
    const others = workers.filter((worker) => worker !== hung)
    expect(sources.map(({ process: { pid } }) => pid).sort()).toEqual(
      others.map(({ pid }) => pid).sort(),
    )
    for (const { kept, kind, labels, ledger, durationMicros } of sources) {
      expect({ kept, kind }).toEqual({ kept: 'capture', kind: 'process' })
      expect(labels.capture).toBe(sources[0]!.labels.capture)
      expect(sumOfLedger(ledger)).toBe(durationMicros)
      expect(durationMicros).toBeGreaterThan(1_900_000)
    }
    // Nothing is left but who would answer.
    expect(namesIn(dir).filter((name) => !name.endsWith('.worker'))).toEqual([])
  })

  test('looks back on what was before anybody asked, where the past is kept', async () => {
    const { dir, workers } = await serve(1, { PROFVIEW_SLOW: '60000' })
    const stop = load(workers[0]!)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await stop()
    const asked = Date.now()
    const file = join(temporaryDir(), 'past.cpuprofile')
    const ended = await run(process.execPath, [BIN, 'capture', dir, '--last', '20s', '-o', file])
    expect(ended).toMatchObject({ code: 0, err: '' })
    expect(ended.out).toMatch(/GET \/page\n(.*\n)*.* render {2}/)
    const [source] = readProfile(file).sources as [DumpMeta]
    expect(sumOfLedger(source.ledger)).toBe(source.durationMicros)
    expect(Date.parse(source.startedAt)).toBeLessThan(asked - 1000)
    // It has not lived for so long.
    expect(source.warnings.map(({ code }) => code)).toContain('forgotten')
  })

  test('cannot look back where nothing of the past is kept, and says so', async () => {
    const { dir, workers } = await serve(1)
    await load(workers[0]!)()
    const file = join(temporaryDir(), 'past.cpuprofile')
    const ended = await run(process.execPath, [BIN, 'capture', dir, '--last', '2s', '-o', file])
    expect(ended.code).toBe(1)
    expect(ended.err).toMatch(
      /^profview: worker 1, pid \d+ on .*: it keeps nothing of the past: only .*PROFVIEW_SLOW.*\n$/,
    )
    expect(existsSync(file)).toBe(false)
  })

  test('one that is killed meanwhile is named, one that was before is not', async () => {
    const { dir, workers } = await serve(3)
    const [before, meanwhile, last] = workers as [Worker, Worker, Worker]
    kill(before.pid)
    await expect.poll(() => isThere(before.pid)).toBe(false)
    const captured = capture(dir, '--json', '-o', join(dir, 'all.cpuprofile'))
    await expect.poll(() => namesIn(dir).some((name) => name.endsWith('.answer'))).toBe(true)
    kill(meanwhile.pid)
    const ended = await captured
    expect(ended.code).toBe(1)
    const { missing, dumps, meta } = JSON.parse(ended.out)
    expect(missing).toEqual([
      expect.objectContaining({
        pid: meanwhile.pid,
        reason: expect.stringMatching(/ended meanwhile|no longer there/),
      }),
    ])
    expect(dumps).toHaveLength(1)
    expect(meta.process.pid).toBe(last.pid)
  })

  test('of one that is killed meanwhile the next capture writes what is left', async () => {
    const { dir, workers } = await serve(2)
    const stops = workers.map(load)
    const [killed] = workers as [Worker, Worker]
    const ofKilled = (name: string) => name.includes(`-${killed.pid}-`)
    const out = join(temporaryDir(), 'all.cpuprofile')
    const first = capture(dir, '--for', '6s', '-o', out)
    const safe = () => readdirSync(dir).some((name) => ofKilled(name) && isJournal(name))
    await expect.poll(safe, { timeout: 20_000 }).toBe(true)
    kill(killed.pid)
    // Its client is refused.
    await stops[0]!().catch(() => {})
    expect((await first).code).toBe(1)
    expect((await capture(dir, '-o', out)).code).toBe(0)
    await stops[1]!()
    expect(readdirSync(dir).filter(isJournal)).toEqual([])
    const left = dumpsIn(dir).filter(({ meta }) => meta.process.pid === killed.pid)
    expect(left.map(({ meta: { kind, kept } }) => ({ kind, kept }))).toEqual([
      { kind: 'process', kept: 'capture' },
    ])
    expect(left[0]!.meta.warnings.map(({ text }) => text)).toEqual([
      expect.stringMatching(/ended without a word/),
    ])
  })

  test.skipIf(process.platform === 'win32')('Ctrl-C leaves no request behind', async () => {
    const { dir } = await serve(1)
    const child = spawn(process.execPath, [BIN, 'capture', dir, '--for', '60s'], {
      stdio: 'ignore',
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const answered = () => namesIn(dir).some((name) => name.endsWith('.answer'))
    await expect.poll(answered, { timeout: 20_000 }).toBe(true)
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    expect(code).toBe(130)
    expect(namesIn(dir).filter((name) => !name.endsWith('.worker'))).toEqual([])
  })

  test('in production, where no trigger opens and nothing is armed, and two at once', async () => {
    const { dir, workers } = await serve(1, { NODE_ENV: 'production' })
    const stop = load(workers[0]!)
    const out = temporaryDir()
    const at = (name: string) => capture(dir, '-o', join(out, name))
    const both = await Promise.all([at('a.cpuprofile'), at('b.cpuprofile')])
    await stop()
    expect(both.map(({ code, err }) => ({ code, err }))).toEqual([
      { code: 0, err: '' },
      { code: 0, err: '' },
    ])
    for (const { out } of both) expect(out).toContain('GET /page')
    const dumps = dumpsIn(dir).filter(({ meta }) => meta.kept === 'capture')
    expect(new Set(dumps.map(({ meta }) => meta.labels.capture)).size).toBe(2)
    // What ran already was compiled anew first, so nothing of it is hidden.
    expect(dumps.flatMap(({ meta }) => meta.warnings.map(({ code }) => code))).not.toContain(
      'late-start',
    )
  })

  test('one that serves nothing, but has jobs, answers by their names, and ends as it would', async () => {
    const dir = temporaryDir()
    const script = `
      import { profile } from 'profview'
      const burn = (ms) => { for (const end = performance.now() + ms; performance.now() < end; ); }
      const [dir, last] = [process.env.PROFVIEW_DIR, Date.now() + 60_000]
      let isAsked = true
      process.once('SIGTERM', () => (isAsked = false))
      console.log('ready')
      while (isAsked && Date.now() < last) {
        await profile(() => burn(5), { name: 'import', dir, share: 0 })
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    `
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, PROFVIEW_DIR: dir },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    await expect.poll(() => presentIn(dir), { timeout: 20_000 }).toBe(1)
    const ended = await capture(dir, '-o', join(dir, 'all.cpuprofile'))
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    expect([ended.code, ended.err, code]).toEqual([0, '', 0])
    expect(ended.out).toMatch(/import\n(.*\n)*.* burn {2}/)
    expect(namesIn(dir)).toEqual([])
  })

  test('none where it is off, and none is told of in one line', async () => {
    const { dir } = await serve(1, { PROFVIEW: 'off' })
    expect(await capture(dir)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^profview: .*: nobody answers: .*\n$/),
    })
    expect(namesIn(dir)).toEqual([])
  })
})

test('a directory that is not there is said to be so', { timeout: 30_000 }, async () => {
  const dir = join(temporaryDir(), 'nowhere')
  const { code, err } = await capture(dir)
  expect(code).toBe(1)
  expect(err).toMatch(/^profview: .*nowhere: there is no such directory; name the one .*\n$/)
})

test('no thread leaves anything where there is no directory, or when it ends', async () => {
  const script = `
    import { existsSync, mkdirSync, readdirSync } from 'node:fs'
    import { profiler } from 'profview'
    const { PROFVIEW_DIR: dir } = process.env
    profiler()
    await new Promise((resolve) => setTimeout(resolve, 1500))
    console.log(existsSync(dir))
    mkdirSync(dir)
    while (!existsSync(dir + '/.capture')) await new Promise((resolve) => setTimeout(resolve, 50))
    process.exit()
  `
  const dir = join(temporaryDir(), 'profiles')
  const ended = await runScript(script, { env: { PROFVIEW_DIR: dir } })
  expect(ended).toEqual({ code: 0, signal: null, out: 'false\n', err: '' })
  expect(namesIn(dir)).toEqual([])
}, 60_000)

test.skipIf(process.platform === 'win32')(
  'what it leaves is private',
  async () => {
    const { dir } = await serve(1)
    const folder = join(dir, '.capture')
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(folder))
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  },
  60_000,
)

test.each([
  ['no JSON', '{'],
  ['for hours', { forMs: 7_200_000 }],
  ['of another name', { id: 'ffffffffffffffff' }],
  ['that is over', { expiresAt: 1 }],
])('a request %s is none', { timeout: 60_000 }, async (_what, changes) => {
  const dir = temporaryDir()
  const folder = join(dir, '.capture')
  mkdirSync(folder)
  const id = '0123456789abcdef'
  const expiresAt = Date.now() + 60_000
  const request = { id, startsAt: 0, forMs: 100, lastMs: 0, expiresAt }
  const text = typeof changes === 'string' ? changes : JSON.stringify({ ...request, ...changes })
  writeFileSync(join(folder, `${id}.request`), text)
  const script = `
    import { profiler } from 'profview'
    profiler()
    setTimeout(() => {}, 3500)
  `
  const ended = await runScript(script, { env: { PROFVIEW_DIR: dir } })
  expect(ended).toMatchObject({ code: 0, err: '' })
  expect(readFileSync(join(folder, `${id}.request`), 'utf8')).toBe(text)
  expect(readdirSync(folder)).toEqual([`${id}.request`])
  expect(dumpsIn(dir)).toEqual([])
})
