/**
 * `npm run test:matrix`: what touches V8, on every Node that is supported. The versions come from
 * npm.
 *
 *     npm run test:matrix -- 22 24
 *     npm run test:truth -- 24
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { failuresOf, runAgain } from './again.mjs'

const ROOT = join(import.meta.dirname, '..')
const VERSIONS = ['20', '22', '24', '26']
const { values, positionals } = parseArgs({
  options: { project: { type: 'string' } },
  allowPositionals: true,
})
const ROOMS = ['sampler', 'assembler', 'recorder', 'middleware', 'soak']
/** They are about arithmetic, texts, files and processes, the same on every Node. */
const NOT_OF_THE_ENGINE = [
  ...['any-options', 'budgets', 'capture', 'counterfactual', 'gate-properties'],
  ...['option-variables', 'options', 'redact', 'refusing-disk', 'schedule', 'signed', 'triggers'],
]
const REGISTERED = 'test/truth/registered.test.ts'
const TESTS = values.project
  ? ['--project', values.project]
  : [...ROOMS.flatMap(testsIn), REGISTERED, '--project', 'all', '--project', 'measured']
const LIMIT_MS = 15 * 60_000
const WORK = mkdtempSync(join(tmpdir(), 'profview-matrix-'))

const results = (positionals.length > 0 ? positionals : VERSIONS).map(runOn)

console.log('\nNode        result     tests                   time')
for (const { version, result, tests, seconds } of results) {
  const time = `${seconds.toFixed(0)} s`
  console.log(`${version.padEnd(12)}${result.padEnd(11)}${tests.padEnd(24)}${time}`)
}
for (const { version, failures } of results) {
  for (const { name, message } of failures) console.log(`\nNode ${version}: ${name}\n${message}`)
}
rmSync(WORK, { recursive: true })
process.exitCode = results.every(({ result }) => result === 'passed') ? 0 : 1

function testsIn(room) {
  return readdirSync(join(ROOT, 'test', room))
    .filter((name) => name.endsWith('.test.ts'))
    .filter((name) => !NOT_OF_THE_ENGINE.includes(name.replace('.test.ts', '')))
    .map((name) => `test/${room}/${name}`)
}

function runOn(major) {
  const start = performance.now()
  const version = versionOf(major)
  console.log(`\n--- Node ${version ?? major}`)
  const end = (result, { tests, failures } = { tests: '', failures: [] }) => ({
    version: version ?? major,
    result,
    tests,
    failures,
    seconds: (performance.now() - start) / 1000,
  })
  if (version === null) return end('not found')
  const report = join(WORK, `${major}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const args = ['node_modules/vitest/vitest.mjs', 'run', ...TESTS, ...reporters]
  const runNode = (args) => node(major, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status
  const passed = runNode(args) === 0 || (!values.project && runAgain(report, runNode))
  return end(passed ? 'passed' : 'failed', readReport(report))
}

/** `24.21.0`, or null where it cannot be had. */
function versionOf(major) {
  const { status, stdout } = node(major, ['--version'])
  const version = String(stdout).trim().replace(/^v/, '')
  return status === 0 && version.startsWith(`${major}.`) ? version : null
}

/** Runs a Node of this major: this very one if it is, otherwise npm's. */
function node(major, args, options = {}) {
  const settings = { cwd: ROOT, encoding: 'utf8', timeout: LIMIT_MS, ...options }
  if (process.versions.node.startsWith(`${major}.`)) {
    return spawnSync(process.execPath, args, settings)
  }
  const npm = join(dirname(process.execPath), 'npm')
  const exec = ['exec', '--yes', `--package=node@${major}`, '--', 'node', ...args]
  const isWindows = process.platform === 'win32'
  return spawnSync(existsSync(npm) && !isWindows ? npm : 'npm', exec, {
    ...settings,
    shell: isWindows,
  })
}

/** `12 passed, 0 failed`, and why those failed, from vitest's own report. */
function readReport(report) {
  if (!existsSync(report)) return { tests: 'no report', failures: [] }
  const results = JSON.parse(readFileSync(report, 'utf8'))
  const failures = failuresOf(results).map(({ file, name, message }) => ({
    name: `${relative(ROOT, file)}: ${name}`,
    message,
  }))
  return { tests: `${results.numPassedTests} passed, ${results.numFailedTests} failed`, failures }
}
