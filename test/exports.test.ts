/**
 * What `import 'profview'` gives, and what it costs: the built package, in processes of their own.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/**
 * An expression: the files of this package and of others that are loaded. What parts of a build
 * have in common is one or many, called after some module of theirs.
 */
const LOADED = `[...new Set(Object.keys(process.getBuiltinModule('node:module')._cache).map((file) =>
  file.slice(process.cwd().length + 1).replaceAll('\\\\', '/').replace(/\\.[\\w-]+\\.js/, '.*.js')))]`
const OF_THE_APP = ['dist/bundle/index.js', 'dist/bundle/app.*.js']

test('the values that the package exports', () => {
  const names = evaluate(`import * as all from 'profview'; print(Object.keys(all).sort())`)
  expect(names).toMatchInlineSnapshot(`
    [
      "ProfviewError",
      "annotate",
      "currentProfileId",
      "diffProfiles",
      "mergeProfiles",
      "profile",
      "profiler",
      "readProfile",
      "renderHtml",
      "renderText",
      "writeProfile",
    ]
  `)
})

test('the viewer is a module of its own', () => {
  expect(
    evaluate(`import * as all from 'profview/viewer'; print(Object.keys(all).sort())`),
  ).toEqual(['viewer'])
})

test.each(['fastify', 'koa', 'hono'])('for %s there is a profiler of its own', (name) => {
  expect(
    evaluate(`
      import * as all from 'profview/${name}'
      import { createRequire } from 'node:module'
      const required = createRequire(import.meta.url)('profview/${name}')
      print([Object.keys(all), all.profiler === required.profiler, ${LOADED}])`),
  ).toEqual([['profiler'], true, [`dist/bundle/${name}.js`, 'dist/bundle/app.*.js']])
})

test('the register gives no names, and loads one file', () => {
  expect(
    evaluate(`import * as all from 'profview/register'; print([Object.keys(all), ${LOADED}])`),
  ).toEqual([[], ['dist/bundle/register.js']])
})

test('the types that the package exports', () => {
  const text = readFileSync(join(ROOT, 'src/index.ts'), 'utf8')
  const groups = [...text.matchAll(/export (type )?\{([^}]*)\}/g)]
  const names = groups.flatMap(([, isType, list]) =>
    list!
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '' && (isType || item.startsWith('type ')))
      .map((item) => item.replace(/^type /, '')),
  )
  expect(names.sort()).toMatchInlineSnapshot(`
    [
      "Annotation",
      "Changes",
      "DiffSide",
      "DumpMeta",
      "ErrorCode",
      "ExpressOptions as ProfilerOptions",
      "ExpressRequest",
      "Frame",
      "FunctionOptions",
      "Labels",
      "Ledger",
      "Limits",
      "Logger",
      "Mode",
      "ProcessMeta",
      "Profile",
      "ProfileDiff",
      "ProfileInfo",
      "ProfilerCounts",
      "ProfilerMiddleware",
      "ReadLimits",
      "RequestMeta",
      "SampleTable",
      "StackTable",
      "StoreLimits",
      "TextOptions",
      "Unit",
    ]
  `)
})

test('an app that mounts it loads what records, and no reader, renderer, server or writer', () => {
  expect(
    evaluate(`
      import { profiler } from 'profview'
      const atImport = ${LOADED}
      profiler({ dir: 'unused' })
      print([atImport, ${LOADED}])`),
  ).toEqual([
    OF_THE_APP,
    [
      ...OF_THE_APP,
      'node_modules/@datadog/pprof/out/src/time-profiler-bindings.js',
      'node_modules/node-gyp-build/index.js',
      'node_modules/node-gyp-build/node-gyp-build.js',
      'node_modules/@datadog/pprof/package.json',
      expect.stringMatching(/^node_modules\/@datadog\/pprof\/prebuilds\/.*\.node$/),
    ],
  ])
})

test('of Node it loads three small modules that Express has not loaded', () => {
  // Those of Node that are not internal, as Node lists them.
  const builtins = `process.moduleLoadList.flatMap((name) => /^NativeModule (?!internal)(.*)/.exec(name)?.[1] ?? [])`
  expect(
    evaluate(`
      import 'express'
      const before = new Set(${builtins})
      const { profiler } = await import('profview')
      profiler({ dir: 'unused' })
      print(${builtins}.filter((name) => !before.has(name)).sort())`),
  ).toEqual(['module', 'os', 'perf_hooks', 'worker_threads'])
})

test('what reads and shows profiles is loaded when it is called', () => {
  expect(
    evaluate(`
      import { mergeProfiles } from 'profview'
      const atImport = ${LOADED}
      mergeProfiles([])
      print(${LOADED}.filter((name) => !atImport.includes(name)))`),
  ).toEqual(['dist/bundle/tools.js', 'node_modules/pprof-format/dist/commonjs/index.js'])
})

test('its errors are of one class, whatever was loaded to find them', () => {
  expect(
    evaluate(`
      import { ProfviewError, profiler, readProfile } from 'profview'
      import { viewer } from 'profview/viewer'
      import { profiler as ofFastify } from 'profview/fastify'
      import { profiler as ofKoa } from 'profview/koa'
      import { profiler as ofHono } from 'profview/hono'
      import { createRequire } from 'node:module'
      const required = createRequire(import.meta.url)('profview')
      const classes = [
        () => readProfile('missing'), () => required.readProfile('missing'),
        () => profiler({ dir: 7 }), () => viewer({ dir: 7 }),
        () => ofKoa({ dir: 7 }), () => ofHono({ dir: 7 }),
        () => ofFastify({}, { dir: 7 }, (error) => { if (error) throw error }),
      ].map((fails) => {
        try { fails() } catch (error) { return error instanceof ProfviewError && error.code }
      })
      print(classes)`),
  ).toEqual(['IO', 'IO', ...Array(5).fill('BAD_OPTION')])
})

test('importing it starts nothing', () => {
  // `CloseReq` is the file of a module that was just read.
  const handles = evaluate(`import 'profview'; print(process.getActiveResourcesInfo())`) as string[]
  expect(handles.filter((name) => name !== 'CloseReq')).toEqual([])
})

test('required or imported, it is the same, and Node warns of nothing', () => {
  const script = `import('profview').then((all) => {
    const required = require('profview')
    console.log(Object.keys(all).every((name) => all[name] === required[name]))
  })`
  const child = spawnSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' })
  expect(child).toMatchObject({ stdout: 'true\n', stderr: '' })
})

test('its package.json can be read through it', () => {
  const version = evaluate(`
    import { createRequire } from 'node:module'
    print(createRequire(import.meta.url)('profview/package.json').version)`)
  expect(version).toMatch(/^\d+\.\d+\.\d+/)
})

test.skipIf(process.platform === 'win32')('the command is executable, also through a link', () => {
  const bin = join(ROOT, 'bin/profview.js')
  expect(() => accessSync(bin, constants.X_OK)).not.toThrow()
  const dir = mkdtempSync(join(tmpdir(), 'profview-link-'))
  try {
    const link = join(dir, 'profview')
    symlinkSync(bin, link)
    const { stdout, status } = spawnSync(link, ['--version'], { encoding: 'utf8' })
    expect({ stdout, status }).toEqual({ stdout: expect.stringMatching(/^\d+\.\d+/), status: 0 })
  } finally {
    rmSync(dir, { recursive: true })
  }
})

// --- internal ---

/** Runs a module inside the package, which finds itself by its own name. */
function evaluate(script: string): unknown {
  const code = `const print = (value) => process._rawDebug('RESULT' + JSON.stringify(value));${script}`
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  const line = child.stderr.split('\n').find((text) => text.startsWith('RESULT'))
  if (line === undefined) throw new Error(child.stderr)
  return JSON.parse(line.slice('RESULT'.length))
}
