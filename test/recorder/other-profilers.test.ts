/**
 * Another profiler in the app's own process, before ours or after it: it gets its profile, requests
 * are served, the process ends as it does without us, and one line says what cannot be had.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ROOT, runNode, runScript, temporaryDir } from '../support/app.js'

const APP = fileURLToPath(new URL('../support/other-profiler-app.mjs', import.meta.url))

interface Seen {
  readonly answers: readonly [number, boolean][]
  readonly said: readonly string[]
  readonly dumps: readonly { warnings: readonly string[]; seen: readonly string[] }[]
  readonly goingOn: readonly string[]
  readonly stopped: readonly string[]
}

/** Another copy of the library, with a native part of its own. */
function copyOfLibrary(): string {
  const dir = mkdtempSync(join(tmpdir(), 'profview-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const modules = join(ROOT, 'node_modules')
  const copy = join(dir, 'node_modules/@datadog/pprof')
  mkdirSync(copy, { recursive: true })
  const native = `prebuilds/${process.platform}-${process.arch}`
  for (const part of ['package.json', 'out', native])
    cpSync(join(modules, '@datadog/pprof', part), join(copy, part), { recursive: true })
  for (const name of ['node-gyp-build', 'pprof-format', 'source-map'])
    symlinkSync(join(modules, name), join(dir, 'node_modules', name))
  return copy
}

async function seenBeside(library: string, order: string): Promise<Seen> {
  const { code, err, out } = await runNode([APP, library, order, temporaryDir()])
  expect(err).toBe('')
  expect(code).toBe(0)
  return JSON.parse(out)
}

const LIBRARIES = {
  'the library that we use': () => '@datadog/pprof',
  'another copy of it': copyOfLibrary,
}

/** Of those of the app's functions that a request ran: while theirs ran there was no dump. */
function expectPoliteness({ answers, said, goingOn, stopped }: Seen, first: number): void {
  expect(goingOn).toEqual([`busy${first}`])
  // Where V8 went on it may have one more sample of what was before.
  expect(stopped).toContain(`busy${first + 1}`)
  const [while1, while2, ...later] = answers.slice(first - 1)
  expect([while1, while2]).toEqual([
    [200, false],
    [200, false],
  ])
  expect(later.at(-1)).toEqual([200, true])
  expect(said).toHaveLength(1)
  expect(said[0]).toMatch(/another profiler runs in this thread/)
}

describe.each(Object.entries(LIBRARIES))('%s', (_name, library) => {
  test('after ours: ours gives way, and comes back', async () => {
    const seen = await seenBeside(library(), 'after')
    expectPoliteness(seen, 2)
    expect(seen.answers[0]).toEqual([200, true])
    const [before, after] = seen.dumps
    expect(before!.seen).toEqual(['busy1'])
    expect(after!.seen).toEqual([`busy${seen.answers.length}`])
    expect(after!.warnings).toContain('restarted')
  })

  test('before ours: ours waits until it has stopped', async () => {
    const seen = await seenBeside(library(), 'before')
    expectPoliteness(seen, 1)
    expect(seen.dumps).toHaveLength(1)
    expect(seen.dumps[0]!.seen).toEqual([`busy${seen.answers.length}`])
  })
})

/** Of two that start in turns one gets no signal, and one that is unloaded ends the process. */
describe('another copy of the library in another thread', () => {
  const COMMON = `
    import { createRequire } from 'node:module'
    import { setTimeout as sleep } from 'node:timers/promises'
    import { Worker } from 'node:worker_threads'
    const load = createRequire(${JSON.stringify(join(ROOT, 'package.json'))})
    const burn = (ms) => { const end = performance.now() + ms; while (performance.now() < end); }
    const start = (code) => new Worker(new URL('data:text/javascript,' + encodeURIComponent(code)))
    const ended = (worker) => new Promise((resolve) => worker.on('exit', resolve))
    const said = []
    process.on('warning', ({ message }) => said.push(message.replace(/^.*: /, '')))
    const samples = () => profile(() => burn(60)).then(({ profile }) => profile?.sources[0].samples ?? 0)
  `
  const quiet = { flags: ['--no-warnings'] }

  test('before ours: ours waits until it has gone', async () => {
    const theirs = `
      import { parentPort } from 'node:worker_threads'
      import { createRequire } from 'node:module'
      const { time } = createRequire('file:///')(${JSON.stringify(copyOfLibrary())})
      const burn = (ms) => { const end = performance.now() + ms; while (performance.now() < end); }
      const weigh = ({ sample }) => sample.length
      time.start({ intervalMicros: 1000, durationMillis: 60000, withContexts: true })
      burn(100)
      parentPort.postMessage(weigh(time.stop(true)))
      parentPort.once('message', () => {
        burn(100)
        parentPort.postMessage(weigh(time.stop(false)))
        parentPort.close()
      })`
    const { code, signal, err, out } = await runScript(
      `${COMMON}
      const { profile } = load('./dist/bundle/index.js')
      const worker = start(${JSON.stringify(theirs)})
      const next = () => new Promise((resolve) => worker.once('message', resolve))
      const first = await next()
      const meanwhile = await samples()
      const [last] = await Promise.all([next(), ended(worker), worker.postMessage('end')])
      let afterwards = 0
      while (afterwards === 0) {
        await sleep(50)
        afterwards = await samples()
      }
      console.log(JSON.stringify([first > 0, meanwhile, last > 0, said]))`,
      quiet,
    )
    expect({ code, signal, err }).toEqual({ code: 0, signal: null, err: '' })
    const line = 'requests are served unprofiled until the other one has gone'
    expect(JSON.parse(out)).toEqual([true, 0, true, [line]])
  })

  test('after ours, whose thread ends then: the process lives', async () => {
    const ours = `
      import { parentPort } from 'node:worker_threads'
      import { createRequire } from 'node:module'
      const { profile } = createRequire('file:///')(${JSON.stringify(join(ROOT, 'dist/bundle/index.js'))})
      const burn = () => { const end = performance.now() + 60; while (performance.now() < end); }
      const samples = () => profile(burn).then(({ profile }) => profile.sources[0].samples)
      parentPort.postMessage(await samples())
      parentPort.once('message', async () => {
        parentPort.postMessage(await samples())
        parentPort.close()
      })`
    const { code, signal, err, out } = await runScript(
      `${COMMON}
      const worker = start(${JSON.stringify(ours)})
      const next = () => new Promise((resolve) => worker.once('message', resolve))
      const first = await next()
      const { time } = load(${JSON.stringify(copyOfLibrary())})
      time.start({ intervalMicros: 1000, durationMillis: 60000, withContexts: true })
      burn(100)
      const theirs = time.stop(true).sample.length
      const [last] = await Promise.all([next(), ended(worker), worker.postMessage('end')])
      for (let i = 0; i < 5; i++) {
        burn(50)
        await sleep(5)
        time.stop(true)
      }
      time.stop(false)
      console.log(JSON.stringify([first > 0, theirs > 0, last > 0]))`,
      quiet,
    )
    expect({ code, signal, err }).toEqual({ code: 0, signal: null, err: '' })
    expect(JSON.parse(out)).toEqual([true, true, true])
  })
})

/** V8 has as many profilers as are wanted. */
describe('the inspector', () => {
  test.each(['before', 'after'])('%s ours: both have their profile', async (order) => {
    const start = `await post('Profiler.enable'); await post('Profiler.start')`
    const { code, err, out } = await runScript(`
      import { Session } from 'node:inspector/promises'
      import { profile } from './dist/bundle/index.mjs'
      const session = new Session()
      session.connect()
      const post = (method) => session.post(method)
      const burn = (name) => {
        const own = new Function(
          'return function ' + name + '(end) { while (performance.now() < end); }',
        )()
        own(performance.now() + 60)
      }
      const names = (nodes, name) => nodes.some((node) => name(node).startsWith('burnt'))
      ${order === 'before' ? start : ''}
      await profile(async () => burn('burntFirst'))
      ${order === 'after' ? start : ''}
      const { profile: ours } = await profile(async () => burn('burnt'))
      const theirs = (await post('Profiler.stop')).profile
      const { profile: afterwards } = await profile(async () => burn('burntLast'))
      console.log(JSON.stringify([
        names(theirs.nodes, ({ callFrame }) => callFrame.functionName),
        ...[ours, afterwards].map(({ frames }) => names(frames, ({ name }) => name)),
      ]))
    `)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toEqual([true, true, true])
  })
})

/** A profiler that has had a label and is collected ends a process of Node 24 or 26. */
describe('a garbage collection ends nothing', () => {
  const AGAIN = `
    for (const path of Object.keys(require.cache))
      if (path.includes('/dist/bundle/')) delete require.cache[path]
    delete globalThis[Symbol.for('profview.recorder.1')]
    mount()`
  test.each([
    ['where ours runs', '', '', 1],
    ['where this package was loaded again and again', '', AGAIN.repeat(5), 1],
    [
      'where ours never starts',
      `require(BINDINGS).TimeProfiler.prototype.start = () => { throw new Error('not here') }`,
      AGAIN.repeat(20),
      1,
    ],
    [
      'where ours has given way',
      '',
      `require('@datadog/pprof').time.start({ intervalMicros: 1000, durationMillis: 10000 })`,
      1,
    ],
  ])('%s', async (_what, before, after, kept) => {
    const script = `
      const BINDINGS = '@datadog/pprof/out/src/time-profiler-bindings.js'
      const dir = ${JSON.stringify(temporaryDir())}
      function mount() {
        const { profiler, profile } = require('./dist/bundle/index.js')
        profiler({ dir, logger: { info() {}, warn() {} } })
        return profile
      }
      ${before}
      const profile = mount()
      profile(() => new Promise((resolve) => setTimeout(resolve, 50))).catch(() => {}).then(() => {
        ${after}
        for (let i = 0; i < 5; i++) gc()
        setTimeout(() => {
          for (let i = 0; i < 5; i++) gc()
          const kept = require(BINDINGS).TimeProfiler[Symbol.for('profview.profilers')]
          console.log(kept.size)
          process.exit(3)
        }, 600)
      })`
    const ended = await runScript(script, { flags: ['--expose-gc'], type: 'commonjs' })
    expect(ended).toEqual({ code: 3, signal: null, err: '', out: `${kept}\n` })
  })
})
