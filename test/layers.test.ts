/** The rooms of src/README.md: who may import whom. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/**
 * What each room may import besides itself, `errors` and, where it may run on Node only, `node:`.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  profile: [],
  transform: ['profile'],
  analysis: ['profile', 'transform'],
  formats: ['profile'],
  'viewer-api': ['profile', 'formats'],
  render: ['profile', 'formats', 'transform', 'analysis', 'viewer-api'],
  store: ['profile', 'formats'],
  sourcemap: ['profile', 'transform', 'store'],
  recorder: ['profile', 'sampler', 'store', 'assembler', 'sourcemap'],
  sampler: ['profile'],
  assembler: ['profile', 'sampler'],
  middleware: ['profile', 'sampler', 'recorder'],
  server: [
    'profile',
    'formats',
    'transform',
    'render',
    'store',
    'analysis',
    'sourcemap',
    'viewer-api',
  ],
  cli: ['profile', 'formats', 'transform', 'render', 'store', 'server', 'analysis', 'sourcemap'],
  viewer: ['profile', 'transform', 'formats', 'render', 'analysis', 'viewer-api'],
  index: [
    'profile',
    'formats',
    'transform',
    'render',
    'store',
    'middleware',
    'analysis',
    'recorder',
  ],
}
/** A thread of its own: what it loads is not loaded into the app's. */
const WRITER_WORKER = 'src/recorder/writer/writer-worker.ts'
/** The browser runs these, and whatever else the page imports. */
const WITHOUT_NODE = ['errors', 'profile', 'transform', 'analysis', 'formats', 'viewer-api']
/** Packages that only these files may load. */
const ONLY_IN: Readonly<Record<string, RegExp>> = {
  '@datadog/pprof': /^src\/sampler\/native\.ts$/,
  '@jridgewell/trace-mapping': /^src\/sourcemap\/source-map-file\.ts$/,
  express: /^src\/server\//,
  commander: /^src\/cli\//,
  preact: /^viewer\//,
}

interface Import {
  /** Both from the root, with `/`; a package or `node:` module as it is written. */
  readonly from: string
  readonly to: string
  /** Erased by the compiler. */
  readonly isType: boolean
  /** `import()`: loaded when it is called. */
  readonly isLate: boolean
}

const imports = [...sourceFiles('src'), ...sourceFiles('viewer')].flatMap(importsOf)

test('arrows between rooms point down', () => {
  const up = imports.filter(({ from, to, isLate }) => {
    const [room, other] = [roomOf(from), roomOf(to)]
    if (other === null || other === room || other === 'errors') return false
    if (from === WRITER_WORKER && other === 'render' && isLate) return false
    return !ROOMS[room!]!.includes(other)
  })
  expect(up.map(show)).toEqual([])
})

test('src/README.md names the rooms that there are', () => {
  const readme = readFileSync(join(ROOT, 'src/README.md'), 'utf8')
  const named = [...readme.matchAll(/^\| `(?:\.\.\/)?([\w-]+)(?:\/|\.ts)` \|/gm)].map(
    ([, name]) => name,
  )
  const known = Object.keys(ROOMS).filter((room) => room !== 'index')
  expect(named.sort()).toEqual(known.sort())
  const there = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
  const rooms = there.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  expect(rooms.filter((name) => !(name in ROOMS))).toEqual([])
})

test('what the browser runs uses nothing of Node', () => {
  const start = imports
    .map(({ from }) => from)
    .filter((from) => WITHOUT_NODE.includes(roomOf(from)!) || from.startsWith('viewer/src/'))
  const browser = reachable(start)
  const wrong = imports.filter(
    ({ from, to, isType }) => !isType && browser.has(from) && to.startsWith('node:'),
  )
  expect(wrong.map(show)).toEqual([])
})

test('the middleware loads nothing of the page into the app’s thread', () => {
  const loaded = [...reachable(['src/middleware/express.ts'])].map(roomOf)
  expect(loaded).not.toContain('render')
  expect(imports.filter(({ to }) => to === WRITER_WORKER)).toEqual([])
})

test('packages stay in their rooms', () => {
  const wrong = imports.filter(({ from, to, isType }) => {
    const owner =
      ONLY_IN[
        to
          .split('/')
          .slice(0, to.startsWith('@') ? 2 : 1)
          .join('/')
      ]
    return owner !== undefined && !isType && !owner.test(from)
  })
  expect(wrong.map(show)).toEqual([])
})

test('no file imports itself in a circle', () => {
  const next = new Map<string, string[]>()
  for (const { from, to, isType, isLate } of imports) {
    if (!isType && !isLate) next.set(from, [...(next.get(from) ?? []), to])
  }
  expect(findCircle(next)).toEqual([])
})

// --- internal ---

function sourceFiles(dir: string): string[] {
  return readdirSync(join(ROOT, dir), { recursive: true, encoding: 'utf8' })
    .map((name) => `${dir}/${name.split(sep).join('/')}`)
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found: Import[] = []
  const add = (specifier: ts.Node | undefined, isType: boolean, isLate: boolean) => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return
    found.push({ from: file, to: resolve(file, specifier.text), isType, isLate })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.isTypeOnly === true, false)
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly, false)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true, false)
    } else if (ts.isCallExpression(node) && isLoad(node.expression)) {
      add(node.arguments[0], false, true)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function isLoad(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true
  return ts.isIdentifier(callee) && callee.text === 'require'
}

function resolve(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier
  const path = relative(ROOT, join(ROOT, dirname(file), specifier))
    .split(sep)
    .join('/')
  return path.replace(/\.js$/, '.ts').replace(/\.jsx$/, '.tsx')
}

/** Null for a package. */
function roomOf(path: string): string | null {
  const [top, next] = path.split('/')
  if (top === 'viewer') return 'viewer'
  return top === 'src' ? next!.replace(/\.ts$/, '') : null
}

/** The files that loading these loads, themselves included. */
function reachable(start: readonly string[]): Set<string> {
  const found = new Set(start)
  for (const file of found) {
    for (const { from, to, isType } of imports) if (from === file && !isType) found.add(to)
  }
  return found
}

/** The files of a circle, or []. */
function findCircle(next: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const search = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    for (const other of next.get(file) ?? []) {
      const circle = search(other, [...path, file])
      if (circle.length > 0) return circle
    }
    done.add(file)
    return []
  }
  for (const file of next.keys()) {
    const circle = search(file, [])
    if (circle.length > 0) return circle
  }
  return []
}

function show({ from, to }: Import): string {
  return `${from} -> ${to}`
}
