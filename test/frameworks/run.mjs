/**
 * `npm run test:frameworks`: every app of the table, asked for every cell, on every Node that is
 * supported. The versions come from npm.
 *
 *     npm run test:frameworks -- 20 24
 *     npm run test:frameworks -- --write   // writes docs/frameworks.md, and runs nothing
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { setup } from './install.mjs'
import { APPS, CELLS, inDocument, MOUNTS } from './table.mjs'

const ROOT = join(import.meta.dirname, '../..')
const VERSIONS = ['20', '22', '24', '26']
const LIMIT_MS = 10 * 60_000

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean' } },
  allowPositionals: true,
})
if (values.write) {
  const file = join(ROOT, 'docs/frameworks.md')
  writeFileSync(file, inDocument(readFileSync(file, 'utf8')))
} else {
  setup()
  const runs = (positionals.length > 0 ? positionals : VERSIONS).map(runOn)
  print(runs)
  process.exitCode = runs.every(({ isPassed }) => isPassed) ? 0 : 1
}

// --- internal ---

function runOn(major) {
  console.log(`\n--- Node ${major}`)
  const dir = mkdtempSync(join(tmpdir(), 'profview-frameworks-'))
  const report = join(dir, 'report.json')
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`]
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const { status } = node(major, [vitest, 'run', '--project', 'frameworks', ...reporters])
  const results = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : []
  rmSync(dir, { recursive: true })
  const tests = results.flatMap(({ assertionResults }) => assertionResults)
  const passed = new Map(
    tests.map(({ ancestorTitles: [app, mount], title, status }) => {
      return [`${app} ${mount} ${title}`, status === 'passed']
    }),
  )
  return { major, isPassed: status === 0, passed }
}

/** Runs a Node of this major: this very one if it is, otherwise npm's. */
function node(major, args) {
  const settings = { cwd: ROOT, timeout: LIMIT_MS, stdio: ['ignore', 'inherit', 'inherit'] }
  if (process.versions.node.startsWith(`${major}.`)) {
    return spawnSync(process.execPath, args, settings)
  }
  const npm = join(dirname(process.execPath), 'npm')
  const isWindows = process.platform === 'win32'
  const exec = ['exec', '--yes', `--package=node@${major}`, '--', 'node', ...args]
  const program = existsSync(npm) && !isWindows ? npm : 'npm'
  return spawnSync(program, exec, { ...settings, shell: isWindows })
}

/** On which Nodes each cell has not passed; `ok` where it has on all, `–` where there is none. */
function print(runs) {
  const rows = APPS.map((app) => [app.name, ...CELLS.map((cell) => textOf(app, cell, runs))])
  const table = [['', ...CELLS.map(({ name }) => name)], ...rows]
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)))
  console.log(`\nNode ${runs.map(({ major }) => major).join(', ')}`)
  for (const row of table) console.log(row.map((text, i) => text.padEnd(widths[i])).join('  '))
}

function textOf(app, { name }, runs) {
  if (app.without?.[name] !== undefined) return '–'
  const failed = runs.flatMap(({ major, passed }) =>
    (app.mounts ?? MOUNTS)
      .filter((mount) => !passed.get(`${app.name} ${mount} ${name}`))
      .map((mount) => `${major} ${mount}`),
  )
  return failed.length === 0 ? 'ok' : `not ${failed.join(', ')}`
}
