/**
 * The documents name what there is: every option, variable and command, and no file that is
 * missing; the README is short, and leads to all of them.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { inDocument } from './frameworks/table.mjs'

const ROOT = join(import.meta.dirname, '..')
const readme = read('README.md')
const DOCS = readdirSync(join(ROOT, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'src/README.md',
  'examples/README.md',
  ...DOCS,
]

test('every option is in the table', () => {
  const options = bodyOf('ProfilerOptions').filter((name) => name !== 'limits')
  const limits = bodyOf('Limits').map((name) => `limits.${name}`)
  const documented = [
    ...read('docs/options.md').matchAll(/^\| `([a-zA-Z.]+)` \|.*\|.*\|.*\|$/gm),
  ].map(([, name]) => name!)
  expect(documented.sort()).toEqual([...options, ...limits].sort())
})

test('every environment variable is named', () => {
  const used = new Set(read('src/recorder/options.ts').match(/\bPROFVIEW(_[A-Z]+)?\b/g))
  const named = new Set(read('docs/options.md').match(/\bPROFVIEW(_[A-Z]+)?\b/g))
  expect(named).toEqual(used)
})

test('every command is in the table', () => {
  const commands = readdirSync(join(ROOT, 'src/cli/commands')).map((file) => file.slice(0, -3))
  const table = read('docs/commands.md')
  const documented = [...table.matchAll(/^\| `([a-z]+) [[<]/gm)].map(([, name]) => name)
  expect(documented.sort()).toEqual(commands.sort())
})

test('and each is in the README', () => {
  const commands = readdirSync(join(ROOT, 'src/cli/commands')).map((file) => file.slice(0, -3))
  const [, list] = /^\[All commands\].*?: (.*)\. They/ms.exec(readme) ?? []
  expect([...list!.matchAll(/`([a-z]+)`/g)].map(([, name]) => name).sort()).toEqual(commands.sort())
})

test('the table of frameworks is the one that is tested', () => {
  const text = read('docs/frameworks.md')
  expect(inDocument(text)).toBe(text)
})

test('the README is short, and answers on its first screen', () => {
  const lines = readme.split('\n')
  expect(lines.length).toBeLessThanOrEqual(200)
  const first = lines.slice(0, 25).join('\n')
  for (const text of ['npm install', 'profiler()', '?profile=html']) expect(first).toContain(text)
})

test('the README leads to every document', () => {
  const linked = new Set([...linksOf('README.md')].map(({ path }) => path))
  for (const document of DOCS) expect(linked, document).toContain(document)
})

test.each(DOCUMENTS)('every file and chapter that %s links to is there', (document) => {
  for (const { path, chapter } of linksOf(document)) {
    const there = existsSync(join(ROOT, path))
    expect(there, path).toBe(true)
    if (path.endsWith('.png')) expect(statSync(join(ROOT, path)).size).toBeLessThan(300_000)
    if (chapter !== undefined) expect(chaptersOf(path), path).toContain(chapter)
  }
})

// --- internal ---

/** What a document links to, by paths from the root. */
function* linksOf(document: string) {
  for (const [, link] of read(document).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
    const [path, chapter] = link!.split('#')
    yield { path: path === '' ? document : join(dirname(document), path!), chapter }
  }
}

/** As addresses call them. */
function chaptersOf(document: string): string[] {
  return [...read(document).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  )
}

/** The members of an interface of the options. */
function bodyOf(name: string): string[] {
  const [, body] = new RegExp(`interface ${name}[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(
    read('src/recorder/options.ts'),
  )!
  return [...body!.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, member]) => member!)
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}
