/**
 * A promise that nobody waits for hides its error. Biome's own rule does not follow an import into
 * another file, so TypeScript is asked.
 */
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { expect, test, vi } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

vi.setConfig({ testTimeout: 180_000 })

test.for(['tsconfig.json', 'viewer/tsconfig.json', 'test/viewer/tsconfig.json'])(
  '%s: every promise is awaited, returned or marked with void',
  (config) => {
    const { fileNames, options } = readConfig(config)
    expect(floatingIn(ts.createProgram(fileNames, options), fileNames)).toEqual([])
  },
)

test('one that floats is found', () => {
  const text = `
    import { setTimeout as wait } from 'node:timers/promises'
    import { profile } from './src/recorder/jobs/profile-function.js'
    declare const server: { close?(): Promise<void> }
    wait(1)
    void wait(2)
    profile(() => 1).finally(() => {})
    profile(() => 1).catch(() => {})
    server.close?.()
    wait(3).then(() => {}, () => {})
    const last = async () => { await wait(4) }
    let kept
    kept = last(); last()`
  const file = join(ROOT, 'floating.ts')
  const { options } = readConfig('tsconfig.json')
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = (name) => name === file || fileExists(name)
  host.getSourceFile = (name, target, ...rest) =>
    name === file ? ts.createSourceFile(name, text, target) : getSourceFile(name, target, ...rest)
  expect(floatingIn(ts.createProgram([file], options, host), [file])).toEqual([
    'floating.ts:5: wait(1)',
    'floating.ts:7: profile(() => 1).finally(() => {})',
    'floating.ts:9: server.close?.()',
    'floating.ts:13: last()',
  ])
})

// --- internal ---

function readConfig(path: string): ts.ParsedCommandLine {
  const file = join(ROOT, path)
  const { config } = ts.readConfigFile(file, ts.sys.readFile)
  return ts.parseJsonConfigFileContent(config, ts.sys, dirname(file))
}

function floatingIn(program: ts.Program, names: readonly string[]): string[] {
  const checker = program.getTypeChecker()
  const found: string[] = []
  const visit = (source: ts.SourceFile, node: ts.Node): void => {
    if (
      ts.isExpressionStatement(node) &&
      isPromise(checker, node.expression) &&
      !isCaught(node.expression)
    ) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
      const [text] = node.getText(source).split('\n')
      found.push(`${relative(ROOT, source.fileName)}:${line + 1}: ${text}`)
    }
    ts.forEachChild(node, (child) => visit(source, child))
  }
  for (const name of names) {
    const source = program.getSourceFile(name)!
    visit(source, source)
  }
  return found
}

function isPromise(checker: ts.TypeChecker, node: ts.Expression): boolean {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    return false
  }
  const type = checker.getTypeAtLocation(node)
  const parts = type.isUnion() ? type.types : [type]
  return parts.some((part) => part.getProperty('then') !== undefined)
}

/** `.catch(…)`, or `.then(…, …)`. */
function isCaught(node: ts.Expression): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false
  const { text } = node.expression.name
  return text === 'catch' || (text === 'then' && node.arguments.length === 2)
}
