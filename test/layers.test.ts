/** The rooms of src/README.md and of the page, who may import whom, and how long a file may be. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/**
 * What each room may import besides itself, `errors` and, where it may run on Node only, `node:`:
 * the table of src/README.md.
 */
const ROOMS: ReadonlyMap<string, readonly string[]> = new Map(
  [...read('src/README.md').matchAll(/^\| `(?:\.\.\/)?([\w-]+)(?:\/|\.ts)` \|.*\|(.*)\|$/gm)].map(
    ([, room, others]) => [room!, others!.match(/[\w-]+/g) ?? []] as const,
  ),
)
/**
 * What the folders of the page may import of each other, besides the files beside them, which are
 * for all. A view imports no other view.
 */
const PAGE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  data: [],
  parts: [],
  requests: ['data', 'parts'],
  tree: ['data', 'parts'],
  functions: ['data', 'parts'],
  timeline: ['data', 'parts'],
  flame: ['data', 'parts'],
  compare: ['data', 'parts'],
  styles: [],
}
/** Files of the page that put its views together: no folder imports them. */
const PAGE_TOPS = ['main', 'app', 'selection-page']
const MOST_LINES = 250
const MOST_COLUMNS = 100
/** A thread of its own: what it loads is not loaded into the app's. */
const WRITER_WORKER = 'src/recorder/writer/writer-worker.ts'
/** The browser runs these, and whatever else the page imports. */
const WITHOUT_NODE = [
  'printable',
  'errors',
  'profile',
  'transform',
  'analysis',
  'formats',
  'viewer-api',
]
/** Packages that only these files may load. */
const ONLY_IN: Readonly<Record<string, RegExp>> = {
  '@datadog/pprof': /^src\/sampler\/native\.ts$/,
  '@jridgewell/trace-mapping': /^src\/sourcemap\/source-map-file\.ts$/,
  express: /^src\/server\//,
  commander: /^src\/cli\//,
  preact: /^viewer\//,
}

/** Every room may import them. */
const FOR_ALL = ['errors', 'printable']

interface Import {
  /** Both from the root, with `/`; a package or `node:` module as it is written. */
  readonly from: string
  readonly to: string
  /** Erased by the compiler. */
  readonly isType: boolean
  /** `import()`: loaded when it is called. */
  readonly isLate: boolean
}

const files = [...sourceFiles('src'), ...sourceFiles('viewer/src')]
const imports = files.flatMap(importsOf)

test('arrows between rooms point down', () => {
  const up = imports.filter(({ from, to, isLate }) => {
    const [room, other] = [roomOf(from), roomOf(to)]
    if (other === null || other === room || FOR_ALL.includes(other)) return false
    if (from === WRITER_WORKER && other === 'render' && isLate) return false
    return !ROOMS.get(room!)?.includes(other)
  })
  expect(up.map(show)).toEqual([])
})

test('no room may import what it does not', () => {
  const used = new Set(imports.map(({ from, to }) => `${roomOf(from)} -> ${roomOf(to)}`))
  const needless = [...ROOMS].flatMap(([room, others]) =>
    others.map((other) => `${room} -> ${other}`).filter((arrow) => !used.has(arrow)),
  )
  expect(needless).toEqual([])
})

test('src/README.md names the rooms that there are', () => {
  const there = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
    .filter(({ name }) => name !== 'README.md')
    .map(({ name }) => name.replace(/\.ts$/, ''))
  expect([...ROOMS.keys()].sort()).toEqual([...there, 'viewer'].sort())
  // Down is up in the table: a room imports only those above it.
  const rooms = [...ROOMS.keys()]
  for (const [room, others] of ROOMS) {
    const above = rooms.slice(0, rooms.indexOf(room))
    expect(others.filter((other) => !above.includes(other))).toEqual([])
  }
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

test('the app’s thread loads what records, and of the rest a few files', () => {
  const loaded = reachable(
    ['src/index.ts'],
    imports.filter(({ isLate }) => !isLate),
  )
  const others = [...loaded].filter(
    (file) => !['sampler', 'recorder', 'middleware', 'profile', null].includes(roomOf(file)),
  )
  expect(others.sort()).toEqual([
    'src/errors.ts',
    'src/index.ts',
    'src/printable.ts',
    'src/sourcemap/loaded-maps.ts',
    'src/store/capture-files.ts',
    'src/store/claims.ts',
    'src/store/dump-name.ts',
    'src/store/lazy-node-modules.ts',
    'src/store/process-identity.ts',
    'src/store/retention.ts',
    'src/token.ts',
  ])
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

test('commands do not import each other', () => {
  const wrong = imports.filter(({ from, to }) =>
    [from, to].every((file) => file.startsWith('src/cli/commands/')),
  )
  expect(wrong.map(show)).toEqual([])
})

test('no file imports itself in a circle, not even for a type', () => {
  expect(findCircle(nextOf(imports.filter(({ isLate }) => !isLate)))).toEqual([])
})

test('the views of the page import parts and data, not each other', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [room, other] = [pageRoomOf(from), pageRoomOf(to)]
    if (room === null || other === null || room === other || !(room in PAGE_ROOMS)) return false
    return other in PAGE_ROOMS ? !PAGE_ROOMS[room]!.includes(other) : PAGE_TOPS.includes(other)
  })
  expect(wrong.map(show)).toEqual([])
})

test('every folder of the page is known', () => {
  const there = readdirSync(join(ROOT, 'viewer/src'), { withFileTypes: true })
  const rooms = there.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  expect(rooms.sort()).toEqual(Object.keys(PAGE_ROOMS).sort())
})

test('folders of the page do not import each other in a circle', () => {
  const between = imports.flatMap(({ from, to }) => {
    const [room, other] = [pageRoomOf(from), pageRoomOf(to)]
    return room !== null && other !== null && room !== other ? [{ from: room, to: other }] : []
  })
  expect(findCircle(nextOf(between))).toEqual([])
})

test(`no file is longer than ${MOST_LINES} lines`, () => {
  expect(files.filter((file) => linesOf(file).length > MOST_LINES)).toEqual([])
})

test(`no comment is wider than ${MOST_COLUMNS} columns`, () => {
  const all = [...files, ...sourceFiles('test'), ...sourceFiles('bench'), ...sourceFiles('demo')]
  const wide = all.flatMap((file) =>
    linesOf(file).flatMap((line, at) =>
      [...line].length > MOST_COLUMNS &&
      !line.includes('biome-ignore') &&
      /^\s*(\/[/*]|\*)|\s\/\/ /.test(line)
        ? [`${file}:${at + 1}`]
        : [],
    ),
  )
  expect(wide).toEqual([])
})

// --- internal ---

function sourceFiles(dir: string): string[] {
  return readdirSync(join(ROOT, dir), { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.includes('node_modules'))
    .map((name) => `${dir}/${name.split(sep).join('/')}`)
    .filter((name) => /\.(tsx?|m[jt]s)$/.test(name) && !name.endsWith('.d.ts'))
}

function linesOf(file: string): string[] {
  return read(file).trimEnd().split('\n')
}

function importsOf(file: string): Import[] {
  const text = read(file)
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

/** A folder of the page, or the name of a file beside them; null elsewhere. */
function pageRoomOf(path: string): string | null {
  const [, room] = /^viewer\/src\/([\w-]+)/.exec(path) ?? []
  return room ?? null
}

function nextOf(arrows: readonly Pick<Import, 'from' | 'to'>[]): Map<string, string[]> {
  const next = new Map<string, string[]>()
  for (const { from, to } of arrows) next.set(from, [...(next.get(from) ?? []), to])
  return next
}

/** The files that loading these loads, themselves included. */
function reachable(start: readonly string[], arrows = imports): Set<string> {
  const found = new Set(start)
  for (const file of found) {
    for (const { from, to, isType } of arrows) if (from === file && !isType) found.add(to)
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

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}
