/** One program, compiled in many ways: the same functions by the same names, each once. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BuildOptions, buildSync } from 'esbuild'
import ts from 'typescript'
import { expect, test } from 'vitest'
import type { Profile } from '../../src/profile/profile.js'
import { recordingFactsOf, SourceMaps } from '../../src/sourcemap/source-maps.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { ROOT, runNode, temporaryDir } from '../support/app.js'

const TEXT = readFileSync(join(ROOT, 'test/support/named-app.mjs'), 'utf8')
const LOADER = pathToFileURL(join(ROOT, 'test/support/esbuild-loader.mjs')).href

type Build = (dir: string, source: string) => { file: string; flags?: string[] }

const bundled =
  (options: BuildOptions): Build =>
  (dir, source) => {
    const file = join(dir, 'dist', 'app.mjs')
    buildSync({
      entryPoints: [source],
      outfile: file,
      format: 'esm',
      target: 'es2022',
      sourcemap: true,
      ...options,
    })
    return { file }
  }
const BUILDS: Record<string, Build> = {
  'plain JavaScript': (dir, source) => {
    const file = join(dir, 'src', 'app.mjs')
    copyFileSync(source, file)
    return { file }
  },
  tsc: (dir, source) => {
    const file = join(dir, 'dist', 'app.mjs')
    const { outputText, sourceMapText } = ts.transpileModule(readFileSync(source, 'utf8'), {
      fileName: source,
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        sourceMap: true,
      },
    })
    mkdirSync(join(dir, 'dist'))
    const map = JSON.stringify({ ...JSON.parse(sourceMapText!), sources: ['../src/app.mts'] })
    writeFileSync(`${file}.map`, map)
    writeFileSync(file, outputText.replace(/sourceMappingURL=.*/, 'sourceMappingURL=app.mjs.map'))
    return { file }
  },
  'esbuild, keepNames': bundled({ bundle: true, keepNames: true }),
  'esbuild, minified': bundled({ bundle: true, minify: true }),
  'a loader in the process, as tsx': (_dir, source) => ({
    file: source,
    flags: ['--import', LOADER],
  }),
}

test.each(Object.entries(BUILDS))('%s', async (_name, build) => {
  expect(treeOf(read(await record(build)))).toEqual(WRITTEN)
})

test('what the app itself calls a function has the last word', async () => {
  const row = WRITTEN.find((each) => each.includes('(GET /users/:id)'))!
  const line = Number(row.split(':').at(-1))
  const hide = `(frame) => frame.line === ${line} ? { ...frame, name: 'HIDDEN' } : frame`
  const prepare = `threadRecorder(resolveOptions({ redact: ${hide} }))`
  const rows = treeOf(read(await record(BUILDS['plain JavaScript']!, prepare)))
  expect(rows).toContain(row.replace('(GET /users/:id)', 'HIDDEN'))
  expect(rows).not.toContain(row)
})

// --- internal ---

/**
 * Runs the program, and profiles what it exports; `prepare`: code that runs before. V8 may lose a
 * window's samples; where the dump says so, another one is made.
 */
async function record(build: Build, prepare = ''): Promise<string> {
  for (let runs = 1; ; runs++) {
    const dump = await recordOnce(build, prepare)
    const { warnings } = readProfileFile(dump).sources[0]!
    if (runs === 3 || !warnings.some(({ code }) => code === 'unsampled')) return dump
  }
}

async function recordOnce(build: Build, prepare: string): Promise<string> {
  const dir = temporaryDir()
  const source = join(dir, 'src', 'app.mts')
  mkdirSync(join(dir, 'src'))
  writeFileSync(source, TEXT)
  const { file, flags = [] } = build(dir, source)
  const dump = join(dir, 'dump.cpuprofile')
  const built = (name: string) => JSON.stringify(pathToFileURL(join(ROOT, 'dist', name)).href)
  const library = built('index.js')
  const start = join(dir, 'start.mjs')
  writeFileSync(
    start,
    `import { createRequire } from 'node:module'
    import { profile, writeProfile } from ${library}
    import { resolveOptions } from ${built('recorder/resolve-options.js')}
    import { threadRecorder } from ${built('recorder/thread-recorder.js')}
    const bindings = '@datadog/pprof/out/src/time-profiler-bindings.js'
    const { TimeProfiler, constants } = createRequire(${library})(bindings)
    const { start } = TimeProfiler.prototype
    TimeProfiler.prototype.start = function () {
      globalThis.samplesTaken = () => this.state[constants.kSampleCount]
      return start.call(this)
    }
    ${prepare}
    const { default: main } = await import(${JSON.stringify(pathToFileURL(file).href)})
    const recorded = await profile(() => main(), { name: 'names' })
    writeProfile(${JSON.stringify(dump)}, recorded.profile)`,
  )
  const { code, err } = await runNode([...flags, start])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return dump
}

/** By the lines of the program; `tick` makes promises, whose executors have no name. */
const WRITTEN = `
default:116
  find:27
    tick:11
      (anonymous):12
  of:32
    Store:24
  get size:36
  open:44
    #hidden:40
  ['by' + 'Name']:48
  all:51
    tick:11
      (anonymous):12
  method:58
  arrow:61
  leaf:65
  two words:69
  shop.load:73
  shop.save:76
    tick:11
      (anonymous):12
  bound:80
  (anonymous):83
  chosen:89
  given:92
    tick:11
      (anonymous):12
  (anonymous):96
  (GET /users/:id):99
    tick:11
      (anonymous):12
  (anonymous):105
  (GET /report):108
  (USE /files):112
  (anonymous):118
  (anonymous):123
  (anonymous):144
    tick:11
      (anonymous):12
`
  .split('\n')
  .filter((line) => line !== '')

/** As the command line reads it. */
function read(file: string): Profile {
  const recorded = readProfileFile(file)
  const maps = new SourceMaps()
  const facts = recordingFactsOf(recorded, Date.now())
  return maps.apply(recorded, facts)
}

/** The app's functions below the one that was profiled, in the order of their lines. */
function treeOf({ frames, stacks, samples }: Profile): string[] {
  const root: Tree = { text: '', line: 0, below: new Map() }
  for (const stack of samples.stack) {
    const path: number[] = []
    for (let at = stack; at > 0; at = stacks.parent[at]!) path.unshift(stacks.frame[at]!)
    let level = root
    for (const index of path) {
      const { name, file, line } = frames[index]!
      if (!/[\\/]src[\\/]app\.m[jt]s$/.test(file)) continue
      let next = level.below.get(index)
      if (next === undefined) {
        next = { text: `${name}:${line}`, line, below: new Map() }
        level.below.set(index, next)
      }
      level = next
    }
  }
  const lines: string[] = []
  const print = ({ below }: Tree, indent: string) => {
    for (const next of [...below.values()].sort((a, b) => a.line - b.line)) {
      if (next.text.startsWith('work:')) continue
      lines.push(`${indent}${next.text}`)
      print(next, `${indent}  `)
    }
  }
  print(root, '')
  return lines
}

interface Tree {
  readonly text: string
  readonly line: number
  readonly below: Map<number, Tree>
}
