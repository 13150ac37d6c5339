/**
 * What `import 'profview'` gives, and what it costs: the built package, in processes of their own.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

test('the values that the package exports', () => {
  const names = evaluate(`import * as all from 'profview'; print(Object.keys(all).sort())`)
  expect(names).toMatchInlineSnapshot(`
    [
      "ProfviewError",
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

test('importing it loads no package', () => {
  const loaded = evaluate(`
    import 'profview'
    import { createRequire } from 'node:module'
    print(Object.keys(createRequire(import.meta.url).cache))`)
  expect(loaded).toEqual([])
})

test('importing it starts nothing', () => {
  // `CloseReq` is the file of a module that was just read.
  const handles = evaluate(`import 'profview'; print(process.getActiveResourcesInfo())`) as string[]
  expect(handles.filter((name) => name !== 'CloseReq')).toEqual([])
})

test('it can be required', () => {
  const script = `console.log(JSON.stringify(typeof require('profview').profiler))`
  const out = execFileSync(process.execPath, ['--no-warnings', '-e', script], { cwd: ROOT })
  expect(JSON.parse(String(out))).toBe('function')
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
