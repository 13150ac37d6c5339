/** Every function of this package's source, by the compiler's syntax tree and by the scanner. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { writtenAt } from '../../src/sourcemap/written-name.js'
import { ROOT } from '../support/app.js'

const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(ROOT, 'src', name))

test('none is called what the compiler does not call it', () => {
  const wrong: string[] = []
  let named = 0
  for (const file of SOURCES) {
    const text = readFileSync(file, 'utf8')
    const lines = text.split('\n')
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
    const visit = (node: ts.Node) => {
      ts.forEachChild(node, visit)
      if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) return
      const name = nameOf(node)
      if (name === null) return
      const at = source.getLineAndCharacterOfPosition(node.getStart())
      const place = { line: at.line + 1, column: at.character + 1 }
      const found = writtenAt((line) => lines[line - 1] ?? '', place).name
      const isRoute = name === '' && found?.startsWith('(GET /')
      if (found === name || isRoute) named++
      // What the scanner does not understand keeps the name that V8 has for it.
      else if (found !== null) wrong.push(`${file}:${place.line} ${name}, not ${found}`)
    }
    visit(source)
  }
  expect(wrong).toEqual([])
  expect(named).toBeGreaterThan(2_000)
})

// --- internal ---

/** '' for what has no name, null for what this test does not judge. */
function nameOf(node: ts.SignatureDeclaration): string | null {
  const { parent } = node
  if (ts.isConstructorDeclaration(node)) return (parent as ts.ClassDeclaration).name?.text ?? null
  if (node.name) return accessor(node) + keyOf(node.name)
  if (ts.isVariableDeclaration(parent) || ts.isPropertyDeclaration(parent)) {
    return keyOf(parent.name)
  }
  if (ts.isPropertyAssignment(parent) && !ts.isComputedPropertyName(parent.name)) {
    return keyOf(parent.name)
  }
  const isArgument = ts.isCallExpression(parent) && parent.expression !== node
  const isNone = [ts.isNewExpression, ts.isReturnStatement, ts.isArrowFunction]
  const isElement = ts.isArrayLiteralExpression(parent)
  return isArgument || isElement || isNone.some((is) => is(parent)) ? '' : null
}

function accessor(node: ts.Node): string {
  if (ts.isGetAccessor(node)) return 'get '
  return ts.isSetAccessor(node) ? 'set ' : ''
}

function keyOf(name: ts.PropertyName | ts.BindingName): string {
  if (ts.isComputedPropertyName(name)) return name.getText()
  return 'text' in name ? name.text : ''
}
