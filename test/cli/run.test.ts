/** Real programs under `profview run`: what they print, how they end, and what is told of them. */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { buildFunctionTable } from '../../src/analysis/functions.js'
import { sumOfLedger } from '../../src/profile/ledger.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { type Outcome, profview } from '../support/cli.js'
import { dumpsIn, millisIn, SPIN, waitsIn, writtenPrograms } from '../support/run-programs.js'

const BIN = fileURLToPath(new URL('../../bin/profview.js', import.meta.url))
/**
 * One wait of each kind after another, each asked for by a function of its own. It ends by itself:
 * a process that has nothing left to do takes its time on a busy machine, and nobody awaits that.
 */
const AWAITS = `
    import { setTimeout as sleep } from 'node:timers/promises'
    import { readFile } from 'node:fs/promises'
    import { createServer } from 'node:http'
    import { spawn } from 'node:child_process'
    import { Worker } from 'node:worker_threads'
    import { scrypt } from 'node:crypto'
    async function load() { await sleep(60); return readFile(process.execPath) }
    async function call() {
      const server = createServer((_, res) => setTimeout(function answer() { res.end('hi') }, 60))
      server.listen(0)
      await (await fetch('http://localhost:' + server.address().port)).text()
      server.close()
      server.closeAllConnections()
    }
    function child() {
      return new Promise((resolve) => {
        const args = ['-e', 'setTimeout(() => {}, 200)']
        spawn(process.execPath, args, { env: {}, stdio: 'ignore' }).on('exit', resolve)
      })
    }
    function thread() {
      return new Promise((resolve) => {
        new Worker('setTimeout(() => {}, 60)', { eval: true, env: {} }).on('exit', resolve)
      })
    }
    const hash = () => new Promise((resolve) => scrypt('a', 'b', 64, { N: 2 ** 14 }, resolve))
    async function main() {
      await load()
      await call()
      await child()
      await thread()
      await hash()
      console.log('done')
    }`
const PROGRAMS: Readonly<Record<string, string>> = {
  'plain.cjs': `${SPIN}
    function work() { spin(60) }
    work()
    console.log(process.argv.slice(2).join(), require.main === module)
    setTimeout(function later() { spin(40) }, 400)`,
  'module.mjs': `${SPIN}
    import { setTimeout as sleep } from 'node:timers/promises'
    async function work() { spin(60); await sleep(20) }
    await work()`,
  'awaits.cjs': `${AWAITS.replace(/^ *import (.*) from (.*)$/gm, 'const $1 = require($2)').replace(' as ', ': ')}
    main().finally(() => process.exit())`,
  'awaits.mjs': `${AWAITS}
    await main()
    await sleep(60)
    process.exit()`,
  'parent.cjs': `${SPIN}
    const { spawn } = require('node:child_process')
    const { once } = require('node:events')
    function work() { spin(60) }
    async function start() {
      const child = spawn(process.execPath, [__filename, 'child'], { stdio: ['ignore', 'pipe', 2] })
      await once(child.stdout, 'data')
      return child
    }
    async function main() {
      const child = await start()
      child.kill(process.argv[2])
      await new Promise(function ended(resolve) {
        child.on('exit', (code, signal) => { console.log('ended by', signal); resolve() })
      })
    }
    if (process.argv[2] !== 'child') main()
    else { work(); console.log('up'); setTimeout(() => {}, 60_000) }`,
  'throws.cjs': `${SPIN}
    function work() { spin(60) }
    work()
    throw new Error('of the program')`,
  'exits.cjs': `${SPIN}
    function work() { spin(60); process.exit(3) }
    work()`,
  'cluster.cjs': `${SPIN}
    const cluster = require('node:cluster')
    function work() { spin(100) }
    if (cluster.isPrimary) {
      cluster.fork()
      cluster.fork()
    } else {
      work()
      if (process.argv[2] === 'stay') { console.log('ready'); setInterval(() => {}, 1000) }
      else process.disconnect()
    }`,
  'threads.cjs': `${SPIN}
    const { Worker, isMainThread } = require('node:worker_threads')
    function work() { spin(60) }
    function threadWork() { const end = performance.now() + 100; while (performance.now() < end); }
    if (!isMainThread) threadWork()
    else {
      work()
      for (const _ of 'ab') new Worker(__filename)
    }`,
  'stays.cjs': `${SPIN}
    const http = require('node:http')
    function work() { spin(60) }
    if (process.argv[2] === 'handles') process.on('SIGTERM', () => process.exit(5))
    work()
    console.log('ready', http.maxHeaderSize)
    setInterval(() => {}, 1000)`,
  // As if the machine were so busy that the writer has not even started.
  'impatient.cjs': `
    const { wait } = Atomics
    Atomics.wait = (cells, index, value, ms) => wait(cells, index, value, Math.min(1, ms))`,
  'busy.cjs': `console.log('ready'); for (;;);`,
}

const programs = writtenPrograms(PROGRAMS)
const { run, environment } = programs

/** Signals profview, as soon as the program's output holds so many times `ready`. */
function signalled(
  args: readonly string[],
  signals: readonly NodeJS.Signals[],
  ready = 1,
): Promise<Outcome & { signal: NodeJS.Signals | null }> {
  const child = spawn(process.execPath, [BIN, 'run', ...args], {
    cwd: programs.cwd,
    env: { PATH: process.env.PATH, ...environment() },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
    killSignal: 'SIGKILL',
  })
  let out = ''
  let err = ''
  let sent = false
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text
  })
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text
    if (sent || out.split('ready').length <= ready) return
    sent = true
    for (const signal of signals) child.kill(signal)
  })
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
}

describe('a program', () => {
  test('prints what it prints, then comes the tree', () => {
    const { code, out, err } = run(['plain.cjs', '--flat', '-o', 'x'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const [own, title, ...rest] = out.split('\n')
    expect([own, title]).toEqual([
      '--flat,-o,x true',
      expect.stringMatching(/^plain\.cjs {2}[\d.]+ m?s$/),
    ])
    expect(rest.join('\n')).toMatch(/^[|` -]*[\d.]+ m?s {2}work {2}plain\.cjs:5$/m)
    expect(rest.join('\n')).toMatch(/^[|` -]*[\d.]+ m?s {2}later {2}plain\.cjs:8$/m)
    expect(rest.join('\n')).toMatch(/^[|` -]*[\d.]+ m?s {2}\[await\] timer 400 ms$/m)
  })

  test('may be a module', () => {
    const { code, out } = run(['--json', 'module.mjs'])
    expect(code).toBe(0)
    expect(millisIn('work', out)).toBeGreaterThan(20)
  })

  test.each(['awaits.cjs', 'awaits.mjs'])(
    '%s waits below the code that awaits, by name',
    (name) => {
      const { code, out, err } = run(['--json', '--dir', `kept-${name}`, name])
      expect({ code, err }).toEqual({
        code: 0,
        err: `profview: kept-${name}: 1 request one by one\n`,
      })
      expect(out.split('\n')[0]).toBe('done')
      const told = waitsIn(out, 0)
      expect(told).toEqual(
        expect.arrayContaining([
          'main › load › [await] timer 60 ms',
          expect.stringMatching(/^GET › .*\[await\] timer 60 ms$/),
          expect.stringMatching(/^main › child › \[await\] child process/),
          expect.stringMatching(/^main › thread › \[await\] worker/),
          expect.stringMatching(/^main › hash › \[await\] crypto/),
        ]),
      )
      // Of next to nothing there is always some.
      expect(waitsIn(out, 5).filter((wait) => wait.endsWith('[await]'))).toEqual([])
      const kept = dumpsIn(join(programs.cwd, `kept-${name}`))
      const meta = kept.find(({ kind }) => kind === 'process')
      const { awaits, durationMicros, ledger } = meta!
      expect(awaits).toBe(true)
      expect(sumOfLedger(ledger)).toBe(durationMicros)
      expect(ledger.unknown).toBeLessThanOrEqual(durationMicros * 0.03)
    },
  )

  test('that throws fails as without us, and its tree is shown', () => {
    const { code, out, err } = run(['--json', 'throws.cjs'])
    expect(code).toBe(1)
    expect(err).toContain('Error: of the program')
    expect(err).not.toContain('profview:')
    expect(millisIn('work', out)).toBeGreaterThan(20)
  })

  test('that exits in the middle keeps its exit code', () => {
    const { code, out, err } = run(['--json', 'exits.cjs'])
    expect({ code, err }).toEqual({ code: 3, err: '' })
    expect(millisIn('work', out)).toBeGreaterThan(20)
  })

  test('takes options of Node, before and between ours, and from the environment', () => {
    const args = ['-r', 'node:fs', '--flat', '--stack-size=800', '--threshold', '10%', 'plain.cjs']
    const { code, out, err } = run(args, { NODE_OPTIONS: '--no-warnings' })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^ +self +total +pieces +function$/m)
  })
})

describe('its profile', () => {
  test('is that of all its processes, and goes where it is told to', () => {
    const args = ['-o', 'out.pb.gz', '--dir', 'kept', '--interval', '2', 'cluster.cjs']
    const { code, out, err } = run(args)
    expect({ code, out }).toEqual({ code: 0, out: '' })
    expect(err).toMatch(/^profview: out\.pb\.gz: 3 profiles, [\d.]+ m?s\n$/)
    expect(readdirSync(join(programs.cwd, 'kept'))).toHaveLength(3)
    const merged = readProfileFile(join(programs.cwd, 'out.pb.gz'))
    const workers = merged.labelSets.map((labels) => labels.get('worker') ?? '')
    expect(new Set(workers)).toEqual(new Set(['', '1', '2', expect.stringMatching(/^\d{3,}$/)]))
    const work = merged.frames.findIndex(({ name }) => name === 'work')
    expect(buildFunctionTable(merged).total[work]).toBeGreaterThan(100_000)
    const [one] = readdirSync(join(programs.cwd, 'kept'))
    const [meta] = readProfileFile(join(programs.cwd, 'kept', one!)).sources
    expect(meta).toMatchObject({ kind: 'process', kept: 'run', intervalMicros: 2000 })
  })

  test('threads of the program are recorded, too', () => {
    const { code, err } = run(['--dir', 'kept-threads', '-o', 'threads.json', 'threads.cjs'])
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringMatching(/^profview: threads\.json: 3 profiles, /),
    })
    const kept = readdirSync(join(programs.cwd, 'kept-threads')).map((name) =>
      join(programs.cwd, 'kept-threads', name),
    )
    const threads = kept.map((file) => {
      const { sources, frames } = readProfileFile(file)
      const names = ['work', 'threadWork'].filter((name) =>
        frames.some((each) => each.name === name),
      )
      return `${sources[0]!.process.threadId} ${names.join()}`
    })
    expect(threads.sort()).toEqual(['0 work', '1 threadWork', '2 threadWork'])
  })

  test('is waited for, however long the writer takes', () => {
    const { code, out, err } = run(['-r', './impatient.cjs', '--json', 'plain.cjs'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(millisIn('work', out)).toBeGreaterThan(20)
  })

  test('is missing where there is none', () => {
    expect(run(['plain.cjs'], { PROFVIEW: 'off' })).toEqual({
      code: 1,
      out: ' true\n',
      err: 'profview: nothing was recorded\n',
    })
  })
})

describe.skipIf(process.platform === 'win32')('a signal', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s ends the program, and us the same way, after the tree',
    async (name) => {
      const { signal, out } = await signalled(['--json', 'stays.cjs'], [name])
      expect(signal).toBe(name)
      expect(millisIn('work', out)).toBeGreaterThan(20)
    },
  )

  test("is the program's business where it handles it", async () => {
    const { code, signal, out } = await signalled(['--json', 'stays.cjs', 'handles'], ['SIGTERM'])
    expect({ code, signal }).toEqual({ code: 5, signal: null })
    expect(millisIn('work', out)).toBeGreaterThan(20)
  })

  test('to a cluster loses no worker', async () => {
    const { signal, out } = await signalled(['--json', 'cluster.cjs', 'stay'], ['SIGTERM'], 2)
    expect(signal).toBe('SIGTERM')
    expect(millisIn('work', out)).toBeGreaterThan(100)
  })

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    '%s to a child of the program ends the child alone, and is waited for by name',
    (name) => {
      const { code, out, err } = run(['--json', 'parent.cjs', name])
      expect(code).toBe(0)
      expect(err).toMatch(
        name === 'SIGTERM'
          ? /^profview: pid \d+ was ended by SIGTERM\n$/
          : /^profview: pid \d+ was (killed|ended) by SIGKILL: .*\n$/,
      )
      expect(out.split('\n')[0]).toBe(`ended by ${name}`)
      expect(waitsIn(out, 0)).toContainEqual(
        expect.stringMatching(/^main › start › \[await\] child process/),
      )
      // What is killed within its first second may have nothing to tell.
      if (name === 'SIGTERM') expect(millisIn('work', out)).toBeGreaterThan(20)
    },
  )

  test('after another ends a program that does not listen', async () => {
    // Two of one kind may arrive as one.
    const { signal, out, err } = await signalled(['busy.cjs'], ['SIGTERM', 'SIGINT'])
    expect({ signal, out, err }).toEqual({
      signal: 'SIGKILL',
      out: 'ready\n',
      err: expect.stringMatching(
        /^profview: pid \d+ was ended by SIGKILL: nothing was recorded of it\nprofview: nothing was recorded\n$/,
      ),
    })
  })
})

describe('usage', () => {
  test.each([
    [['run'], 2, "missing required argument 'script'; see profview run --help"],
    [['run', '--no-warnings'], 2, "missing required argument 'script'; see profview run --help"],
    [['run', 'gone.js'], 1, 'cannot run gone.js: no such file'],
    [['run', '-o', 'x.xyz', 'plain.cjs'], 2, expect.stringContaining('names no format')],
    [
      ['run', '--interval', '0', 'plain.cjs'],
      2,
      expect.stringContaining('Not between 0.2 and 100'),
    ],
    [['run', '--flat', '--json', 'x'], 2, "option '--flat' cannot be used with option '--json'"],
  ])('%j', (args, code, reason) => {
    const outcome = profview(args, { cwd: programs.cwd, env: environment() })
    expect({ code: outcome.code, out: outcome.out }).toEqual({ code, out: '' })
    expect(outcome.err.trimEnd().split('\n')).toEqual([expect.stringMatching(/^profview: /)])
    expect(outcome.err.trimEnd().slice('profview: '.length)).toEqual(reason)
  })
})
