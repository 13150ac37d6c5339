/** Who loads what the sampling signal harms is told, once, while samples are taken. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runScript, temporaryDir } from '../support/app.js'

const { path: bindingPath } = createRequire(import.meta.url)('node-gyp-build') as {
  path: (dir: string) => string
}

/** Some add-on, under the name of that. */
function betterSqlite(): string {
  const dir = mkdtempSync(join(tmpdir(), 'profview-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const folder = join(dir, 'node_modules/better-sqlite3/build/Release')
  mkdirSync(folder, { recursive: true })
  const addon = join(folder, 'better_sqlite3.node')
  const library = createRequire(import.meta.url).resolve('@datadog/pprof/package.json')
  copyFileSync(bindingPath(join(library, '..')), addon)
  return addon
}

async function said(before: string, after: string, arm = 'start'): Promise<string[]> {
  const { code, err, out } = await runScript(`
    import { createRequire } from 'node:module'
    import { setTimeout as sleep } from 'node:timers/promises'
    import { profiler } from './dist/bundle/index.mjs'
    const require = createRequire(import.meta.url)
    const said = []
    process.removeAllListeners('warning')
    ${before}
    const logger = { info() {}, warn: (message) => said.push(message) }
    profiler({ dir: ${JSON.stringify(temporaryDir())}, arm: ${JSON.stringify(arm)}, logger })
    ${after}
    await sleep(900)
    console.log(JSON.stringify(said))
  `)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out)
}

const OF_BETTER = [expect.stringMatching(/^profview: the signal .* wakes better-sqlite3 while/)]
const OF_NODE = [expect.stringMatching(/^profview: the signal .* wakes node:sqlite while/)]
const hasSqlite = process.getBuiltinModule?.('node:sqlite') !== undefined

test('better-sqlite3, loaded before or after', async () => {
  const load = `require(${JSON.stringify(betterSqlite())})`
  expect(await said(load, '')).toEqual(OF_BETTER)
  expect(await said('', load)).toEqual(OF_BETTER)
})

test.skipIf(!hasSqlite)('node:sqlite, loaded before or after', async () => {
  const load = `require('node:sqlite')`
  expect(await said(load, '')).toEqual(OF_NODE)
  expect(await said('', load)).toEqual(OF_NODE)
})

test('nobody is told of what is not loaded, nor where nothing is sampled', async () => {
  expect(await said('', '')).toEqual([])
  expect(await said('', `require(${JSON.stringify(betterSqlite())})`, 'trigger')).toEqual([])
})
