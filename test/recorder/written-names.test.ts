/** One program, compiled in many ways: the same functions by the same names, each once. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BuildOptions, buildSync } from 'esbuild'
import ts from 'typescript'
import { expect, test } from 'vitest'
import type { Profile } from '../../src/profile/profile.js'
import { mapProfile } from '../../src/sourcemap/map-profile.js'
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
  const dir = temporaryDir()
  const source = join(dir, 'src', 'app.mts')
  mkdirSync(join(dir, 'src'))
  writeFileSync(source, TEXT)
  const { file, flags = [] } = build(dir, source)
  const dump = join(dir, 'dump.cpuprofile')
  const library = JSON.stringify(pathToFileURL(join(ROOT, 'dist/index.js')).href)
  const start = join(dir, 'start.mjs')
  writeFileSync(
    start,
    `import { profile, writeProfile } from ${library}
    const { default: main } = await import(${JSON.stringify(pathToFileURL(file).href)})
    const recorded = await profile(() => main(), { name: 'names' })
    writeProfile(${JSON.stringify(dump)}, recorded.profile)`,
  )
  const { code, err } = await runNode([...flags, start])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(treeOf(read(dump))).toEqual(WRITTEN)
})

// --- internal ---

/** By the lines of the program; `tick` makes promises, whose executors have no name. */
const WRITTEN = `
default:112
  find:23
    tick:7
      (anonymous):8
  of:28
    Store:20
  get size:32
  open:40
    #hidden:36
  ['by' + 'Name']:44
  all:47
    tick:7
      (anonymous):8
  method:54
  arrow:57
  leaf:61
  two words:65
  shop.load:69
  shop.save:72
    tick:7
      (anonymous):8
  bound:76
  (anonymous):79
  chosen:85
  given:88
    tick:7
      (anonymous):8
  (anonymous):92
  (GET /users/:id):95
    tick:7
      (anonymous):8
  (anonymous):101
  (GET /report):104
  (USE /files):108
  (anonymous):114
  (anonymous):119
  (anonymous):140
    tick:7
      (anonymous):8
`
  .split('\n')
  .filter((line) => line !== '')

/** As the command line reads it. */
function read(file: string): Profile {
  const recorded = readProfileFile(file)
  const maps = new SourceMaps()
  const facts = recordingFactsOf(recorded, Date.now())
  return mapProfile(recorded, (name) => maps.of(name, facts))
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
