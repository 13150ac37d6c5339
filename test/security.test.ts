/** What SECURITY.md promises is proven by the tests that it names: they exist. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const DOCUMENT = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')

test('each promise names a test', () => {
  const rows = rowsOf(DOCUMENT)
  expect(rows.length).toBeGreaterThan(30)
  expect(rows.filter(({ proofs }) => proofs.length === 0)).toEqual([])
})

test('the tests exist, by these names', () => {
  expect(missingOf(rowsOf(DOCUMENT))).toEqual([])
})

test('one that does not exist is found', () => {
  const row = (proof: string) => `| a hazard | a promise | ${proof} |`
  const text = [
    row('`test/security.test.ts`: “each promise names a test”, “nothing of this name”'),
    row('`test/nowhere.test.ts`: “each promise names a test”'),
    row('`test/security.test.ts`'),
    row('“each promise names a test”'),
  ].join('\n')
  expect(missingOf(rowsOf(text))).toEqual([
    'test/security.test.ts: nothing of this name',
    'test/nowhere.test.ts: each promise names a test',
  ])
  expect(rowsOf(text).filter(({ proofs }) => proofs.length === 0)).toHaveLength(2)
})

// --- internal ---

interface Row {
  readonly promise: string
  readonly proofs: readonly { readonly file: string; readonly name: string }[]
}

/** The rows of all tables: the last cell has files, each with the names of its tests. */
function rowsOf(text: string): Row[] {
  const rows = [...text.matchAll(/^\| (?!-)(.+) \| (.+) \| (.+) \|$/gm)]
  return rows
    .filter(([, , , last]) => /test\/|“/.test(last!))
    .map(([, , promise, last]) => ({
      promise: promise!,
      proofs: [...last!.matchAll(/`(test\/[^`]+)`((?:[,: ]*“[^”]+”)*)/g)].flatMap(
        ([, file, names]) =>
          [...names!.matchAll(/“([^”]+)”/g)].map(([, name]) => ({ file: file!, name: name! })),
      ),
    }))
}

function missingOf(rows: readonly Row[]): string[] {
  const known = new Map<string, ReadonlySet<string>>()
  return rows.flatMap(({ proofs }) =>
    proofs
      .filter(({ file, name }) => {
        const names = known.get(file) ?? namesIn(file)
        known.set(file, names)
        return !names.has(name)
      })
      .map(({ file, name }) => `${file}: ${name}`),
  )
}

/** What `test`, `describe` and what is made of them are called with first. */
function namesIn(path: string): Set<string> {
  const names = new Set<string>()
  if (!existsSync(join(ROOT, path))) return names
  const source = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest)
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(test|describe)\b/.test(calleeOf(node))) {
      const [first] = node.arguments
      if (first && ts.isStringLiteralLike(first)) names.add(first.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return names
}

function calleeOf(node: ts.Expression): string {
  if (ts.isCallExpression(node)) return calleeOf(node.expression)
  if (ts.isPropertyAccessExpression(node)) return calleeOf(node.expression)
  return ts.isIdentifier(node) ? node.text : ''
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}
