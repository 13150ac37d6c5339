/**
 * In company: other profilers, other copies, other threads, preloads, and no native part at all.
 */
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  type ChildOptions,
  Dumps,
  type Ended,
  ROOT,
  runScript,
  temporaryDir,
} from '../support/app.js'
import { type Dump, dumpsIn, filesIn } from '../support/dump-check.js'

/**
 * Serves `requests` triggered requests one after the other, prints what came of them, and ends by
 * itself.
 */
const SERVE = `
  const burn = (ms) => { const end = performance.now() + ms; while (performance.now() < end); }
  globalThis.serve = async (middlewares, requests = 2) => {
    const http = process.getBuiltinModule?.('node:http') ?? (await import('node:http')).default
    const server = http.createServer((request, response) => {
      const rest = [...middlewares]
      const next = () => {
        const use = rest.shift()
        if (use) return use(request, response, next)
        burn(5)
        setTimeout(() => { burn(5); response.end('x') }, 5)
      }
      next()
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    const profiled = []
    for (let i = 0; i < requests; i++) {
      const answer = await fetch('http://127.0.0.1:' + server.address().port + '?profile=1')
      profiled.push(await answer.text() + ' ' + answer.headers.has('x-profile-id'))
    }
    server.close()
    return profiled
  }
`
const PLAIN = `
  import { profiler } from 'profview'
  const middleware = profiler()
  console.log(JSON.stringify([await serve([middleware]), middleware.counts]))
`
const BOTH = [['x true', 'x true'], { profiled: 2, refused: 0, skipped: 0 }]
const NEITHER = [['x false', 'x false'], { profiled: 0, refused: 0, skipped: 2 }]

async function run(
  script: string,
  options: ChildOptions = {},
): Promise<Ended & { dir: string; dumps: Dump[]; result: unknown }> {
  const { dir } = new Dumps()
  const ended = await runScript(SERVE + script, {
    ...options,
    env: { PROFVIEW_DIR: dir, ...options.env },
  })
  return {
    ...ended,
    dir,
    dumps: dumpsIn(dir),
    result: ended.out === '' ? null : JSON.parse(ended.out),
  }
}

/** Lines of ours on the standard error. */
function warningsOf({ err }: Ended): string[] {
  return err.split('\n').filter((line) => line.includes('ProfviewWarning'))
}

/** Runs a module's text before the app. */
const preload = (source: string) => [
  '--import',
  `data:text/javascript,${encodeURIComponent(source)}`,
]

const REPLACE = (replacement: string) => `
  import Module from 'node:module'
  const load = Module._load
  Module._load = function (name, ...rest) {
    if (name.startsWith('@datadog/pprof/')) { ${replacement} }
    return load.call(this, name, ...rest)
  }
`

describe('requests are served unprofiled, with one warning and exit code 0, where', () => {
  test.each<[string, string, RegExp]>([
    [
      'there is no native part',
      `throw new Error('No native build was found')`,
      /no native profiler for this platform/,
    ],
    ['the native part is empty', `return {}`, /requests are served unprofiled/],
    [
      'the profiler does not start',
      `
      const real = load.call(this, name, ...rest)
      return { ...real, TimeProfiler: class { start() { throw new Error('no') } } }
    `,
      /requests are served unprofiled/,
    ],
  ])('%s', async (_name, replacement, warning) => {
    const ended = await run(PLAIN, { flags: preload(REPLACE(replacement)) })
    expect({ code: ended.code, result: ended.result }).toEqual({ code: 0, result: NEITHER })
    expect(warningsOf(ended)).toEqual([expect.stringMatching(warning)])
    expect(ended.dumps).toEqual([])
  })

  test('no thread may be started', async () => {
    const major = Number(process.versions.node.split('.')[0])
    const flags = [
      major >= 24 ? '--permission' : '--experimental-permission',
      '--allow-fs-read=*',
      '--allow-fs-write=*',
      '--allow-addons',
      ...(major >= 25 ? ['--allow-net'] : []),
    ]
    const ended = await run(PLAIN, { flags })
    expect({ code: ended.code, result: ended.result }).toEqual({ code: 0, result: NEITHER })
    expect(warningsOf(ended)).toEqual([expect.stringMatching(/no threads \(--allow-worker\)/)])
    expect(ended.dumps).toEqual([])
  })

  test("somebody else's profiler runs, which is left alone", async () => {
    const ended = await run(`
      import pprof from '@datadog/pprof'
      pprof.time.start({ intervalMicros: 1000, durationMillis: 60000 })
      const { profiler } = await import('profview')
      const middleware = profiler()
      const result = [await serve([middleware]), middleware.counts]
      const samples = pprof.time.stop().sample.length
      console.log(JSON.stringify([...result, samples > 0]))
    `)
    expect({ code: ended.code, result: ended.result }).toEqual({
      code: 0,
      result: [...NEITHER, true],
    })
    expect(warningsOf(ended)).toEqual([
      expect.stringMatching(/another profiler runs in this thread/),
    ])
  })

  test("another copy of the native library's own code profiles", async () => {
    const ended = await run(
      `
      const { createRequire } = await import('node:module')
      const require = createRequire(process.cwd() + '/package.json')
      const first = require('@datadog/pprof')
      first.time.start({ intervalMicros: 1000, durationMillis: 60000 })
      for (const name of Object.keys(require.cache)) if (name.includes('@datadog/pprof') && name.endsWith('.js')) delete require.cache[name]
      const { profiler } = await import('profview')
      const middleware = profiler()
      const result = await serve([middleware])
      first.time.stop()
      console.log(JSON.stringify(result.map((text) => text[0])))
    `,
    )
    expect({ code: ended.code, result: ended.result }).toEqual({ code: 0, result: ['x', 'x'] })
  })
})

describe('profiles are written', () => {
  test.each<[string, ChildOptions, string?]>([
    ['next to --cpu-prof', { flags: ['--cpu-prof', '--cpu-prof-name=v8.cpuprofile'] }],
    ['next to the inspector', { flags: ['--inspect=127.0.0.1:0', '--inspect-publish-uid=http'] }],
    ['after a preloaded ES module', { flags: preload(`globalThis.preloaded = true`) }],
    [
      'with module hooks',
      {
        flags: preload(
          `import { register } from 'node:module'; register('data:text/javascript,export async function resolve(a, b, next) { return next(a, b) }')`,
        ),
      },
    ],
    [
      'by require',
      { type: 'commonjs' },
      `
      const { profiler } = require('profview')
      const middleware = profiler()
      serve([middleware]).then((answers) => console.log(JSON.stringify([answers, middleware.counts])))
    `,
    ],
    [
      'with stack traces that the app has fixed',
      {},
      `
      Object.defineProperty(Error, 'stackTraceLimit', { value: 3, writable: false })
      ${PLAIN}
    `,
    ],
    [
      'with a formatter of stacks of the app',
      {},
      `
      Error.stackTraceLimit = 0
      Error.prepareStackTrace = () => 'of the app'
      ${PLAIN}
    `,
    ],
  ])('%s', async (_name, options, script = PLAIN) => {
    const dir = temporaryDir()
    const flags = options.flags?.map((flag) =>
      flag === '--cpu-prof' ? `--cpu-prof-dir=${dir}` : flag,
    )
    const cpuProf = options.flags?.includes('--cpu-prof') ?? false
    const ended = await run(script, {
      ...options,
      flags: [...(cpuProf ? ['--cpu-prof'] : []), ...(flags ?? [])],
    })
    expect({ code: ended.code, result: ended.result, err: warningsOf(ended) }).toEqual({
      code: 0,
      result: BOTH,
      err: [],
    })
    expect(ended.dumps).toHaveLength(2)
    if (cpuProf) {
      const { samples } = JSON.parse(readFileSync(join(dir, 'v8.cpuprofile'), 'utf8'))
      expect(samples.length).toBeGreaterThan(0)
    }
  })

  test('once, by two copies of this package', async () => {
    const copy = join(temporaryDir(), 'profview')
    mkdirSync(copy)
    for (const name of ['dist', 'package.json'])
      cpSync(join(ROOT, name), join(copy, name), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    const ended = await run(`
      import * as one from 'profview'
      import * as two from ${JSON.stringify(pathToFileURL(join(copy, 'dist/bundle/index.mjs')).href)}
      const middlewares = [one.profiler(), two.profiler()]
      console.log(JSON.stringify([await serve(middlewares), one === two, ...middlewares.map(({ counts }) => counts.profiled)]))
    `)
    expect(ended).toMatchObject({ code: 0, err: '', result: [['x true', 'x true'], false, 2, 0] })
    expect(ended.dumps).toHaveLength(2)
  })

  test("with the app's own asynchronous context intact", async () => {
    const ended = await run(`
      import { AsyncLocalStorage } from 'node:async_hooks'
      import { profiler } from 'profview'
      const storage = new AsyncLocalStorage()
      const seen = []
      const note = (request, response, next) => {
        seen.push(storage.getStore())
        setTimeout(() => { seen.push(storage.getStore()); next() }, 2)
      }
      await serve([(request, response, next) => storage.run('of the app', next), profiler({ authorize: async () => true }), note])
      console.log(JSON.stringify([seen, storage.getStore() ?? null]))
    `)
    expect(ended.result).toEqual([Array(4).fill('of the app'), null])
    expect(ended.dumps).toHaveLength(2)
  })
})

const IN_A_THREAD = `
  import { Worker } from 'node:worker_threads'
  const start = (script) => new Worker(new URL('data:text/javascript,' + encodeURIComponent(script.replaceAll("'profview'", JSON.stringify(import.meta.resolve('profview'))))))
  const ended = (worker) => new Promise((resolve) => { worker.on('error', (error) => resolve(String(error))); worker.on('exit', resolve) })
`

describe('a worker thread', () => {
  test('has its own recorder, next to that of the main thread', async () => {
    const ended = await run(`${IN_A_THREAD}
      import { profiler } from 'profview'
      const worker = start(${JSON.stringify(`${SERVE}
        import { profiler } from 'profview'
        await serve([profiler()])
      `)})
      const [code, answers] = await Promise.all([ended(worker), serve([profiler()])])
      console.log(JSON.stringify([code, answers]))
    `)
    expect(ended).toMatchObject({ code: 0, err: '', result: [0, ['x true', 'x true']] })
    const threads = ended.dumps.map(({ meta }) => meta.process.threadId === 0)
    expect(threads.sort()).toEqual([false, false, true, true])
  })

  test('may end itself in a handler', async () => {
    const ended = await run(`${IN_A_THREAD}
      const worker = start(${JSON.stringify(`${SERVE}
        import { profiler } from 'profview'
        await serve([profiler(), () => process.exit(6)])
      `)})
      console.log(JSON.stringify(await ended(worker)))
    `)
    expect(ended).toMatchObject({ code: 0, err: '', result: 6 })
    expect(ended.dumps.map(({ meta }) => meta.warnings)).toEqual([
      expect.arrayContaining([expect.objectContaining({ code: 'process-ended' })]),
    ])
  })

  test('may be terminated while it records, twenty times', async () => {
    const ended = await run(`${IN_A_THREAD}
      const codes = []
      for (let i = 0; i < 20; i++) {
        const worker = start(${JSON.stringify(`${SERVE}
          import { parentPort } from 'node:worker_threads'
          import { profiler } from 'profview'
          await serve([profiler(), () => { parentPort.postMessage('recording'); setInterval(() => burn(2), 1) }])
        `)})
        await new Promise((resolve) => worker.once('message', resolve))
        codes.push(await worker.terminate())
      }
      console.log(JSON.stringify(codes))
    `)
    expect(ended).toMatchObject({ code: 0, signal: null, err: '', result: Array(20).fill(1) })
    expect(filesIn(ended.dir)).toEqual([])
  })
})
