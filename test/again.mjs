/**
 * The files whose tests failed, once more and by themselves: what only fails beside others is
 * told, and does not count.
 *
 *     node test/again.mjs report.json
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '..')
/** More of them have not failed by chance. */
const MOST_FILES = 6

/**
 * Runs what failed of vitest's JSON report again, with `runNode(args)`, which returns the exit
 * code. The report then holds the new results. True where all of it passed.
 */
export function runAgain(report, runNode) {
  if (!existsSync(report)) return false
  const first = JSON.parse(readFileSync(report, 'utf8'))
  const failed = first.testResults.filter(({ status }) => status === 'failed')
  if (failed.length === 0 || failed.length > MOST_FILES) return false
  for (const { file, name, message } of failuresOf(first)) {
    console.log(`\nonce more, by itself: ${file}: ${name}\n${message}`)
  }
  const second = `${report}.again.json`
  const files = failed.map(({ name }) => name)
  const projects = ['--project', 'all', '--project', 'measured', '--maxWorkers=1']
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${second}`]
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...projects, ...reporters]
  const status = runNode([...vitest, ...files])
  if (!existsSync(second)) return false
  const rest = first.testResults.filter((result) => !failed.includes(result))
  const { testResults } = JSON.parse(readFileSync(second, 'utf8'))
  writeFileSync(report, JSON.stringify(counted([...rest, ...testResults])))
  return status === 0
}

/** Each test that failed: its file, its name and why. */
export function failuresOf({ testResults }) {
  return testResults.flatMap(({ name: file, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    const each = failed.map((test) => ({
      file,
      name: test.fullName,
      message: test.failureMessages[0] ?? '',
    }))
    return each.length > 0 || !message ? each : [{ file, name: 'the whole file', message }]
  })
}

function counted(testResults) {
  const of = (...wanted) =>
    testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => wanted.includes(status)).length
  return {
    numPassedTests: of('passed'),
    numFailedTests: of('failed'),
    numPendingTests: of('skipped', 'pending'),
    numTodoTests: of('todo'),
    testResults,
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const options = { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] }
  const runNode = (args) => spawnSync(process.execPath, args, options).status
  process.exitCode = runAgain(process.argv[2], runNode) ? 0 : 1
}
