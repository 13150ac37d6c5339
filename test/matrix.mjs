/**
 * `npm run test:matrix`: what touches V8, on every Node that is supported. The versions come from npm.
 *
 *     npm run test:matrix -- 22 24
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const VERSIONS = ['20', '22', '24', '26']
const TESTS = ['test/sampler', 'test/middleware'].filter((path) => existsSync(join(ROOT, path)))
const LIMIT_MS = 5 * 60_000

const asked = process.argv.slice(2)
const results = (asked.length > 0 ? asked : VERSIONS).map(runOn)

console.log('\nNode        result     tests              time')
for (const { version, result, tests, seconds } of results) {
  const time = `${seconds.toFixed(0)} s`
  console.log(`${version.padEnd(12)}${result.padEnd(11)}${tests.padEnd(19)}${time}`)
}
process.exitCode = results.every(({ result }) => result === 'passed') ? 0 : 1

function runOn(major) {
  const start = performance.now()
  const version = versionOf(major)
  console.log(`\n--- Node ${version ?? major}`)
  const end = (result, tests = '') => ({
    version: version ?? major,
    result,
    tests,
    seconds: (performance.now() - start) / 1000,
  })
  if (version === null) return end('not found')
  const args = ['node_modules/vitest/vitest.mjs', 'run', ...TESTS]
  const { status, stdout } = node(major, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  process.stdout.write(stdout ?? '')
  return end(status === 0 ? 'passed' : 'failed', countsIn(stdout ?? ''))
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

/** From vitest's last lines: `12 passed, 1 skipped`. */
function countsIn(text) {
  const plain = text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g'), '')
  const line = /^\s*Tests\s+(.*?)(?:\s+\(\d+\))?$/m.exec(plain)?.[1] ?? ''
  return line.replaceAll(' | ', ', ')
}
