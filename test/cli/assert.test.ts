/** `profview assert`, and the workflow of the docs, whose commands are run here. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { emptyLedger } from '../../src/profile/ledger.js'
import { writeProfileFile } from '../../src/store/profile-file.js'
import { profview } from '../support/cli.js'
import { dumpOf } from '../support/meta.js'

const ROOT = join(import.meta.dirname, '../..')
let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-assert-'))
  mkdirSync(join(cwd, 'profiles'))
  for (let i = 0; i < 8; i++) {
    const cpu = 30_000 + i * 100
    const waited = 70_000 + i * 10
    const dump = dumpOf(`main;f ${cpu}\nmain;[await] timer ${waited}`, {
      id: `id${i}`,
      durationMicros: cpu + waited,
      samples: 30,
      ledger: { ...emptyLedger(), cpu, await: waited },
    })
    writeProfileFile(join(cwd, 'profiles', `${i}.cpuprofile`), dump)
  }
  writeFileSync(join(cwd, 'bad.cpuprofile'), '{}')
  writeFileSync(join(cwd, 'foreign.txt'), 'main;f 3\n')
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const assert = (...args: string[]) => profview(['assert', ...args], { cwd })
const ROUTE = ['--route', 'GET /users/:id']

test('budgets that are kept', () => {
  const { code, out, err } = assert(...ROUTE, '--p95', '200ms', '--cpu', '40ms', '--blocked', '10%')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out.split('\n').slice(0, 2)).toEqual([
    'GET /users/:id, 8 requests',
    expect.stringMatching(/^budget +measured +allowed +95 % +verdict$/),
  ])
  expect(out).toMatch(/^p95 +101 ms +200 ms .* ok$/m)
  expect(out).toMatch(/^blocked +0 % +10 % .* ok$/m)
})

test('a broken one: exit 3, one line on stderr for each', () => {
  const { code, out, err } = assert('profiles', ...ROUTE, '--p50', '50ms', '--await', '10%')
  expect(code).toBe(3)
  expect(out).toMatch(/^p50 .* BROKEN$/m)
  expect(err.trimEnd().split('\n')).toEqual([
    'profview: GET /users/:id: p50 is 100 ms, over 50.0 ms',
    'profview: GET /users/:id: await is 70 %, over 10 %',
  ])
})

test('what may be chance is within noise, and exits 0', () => {
  const { code, out } = assert('profiles', ...ROUTE, '--cpu', '30.2ms')
  expect(code).toBe(0)
  expect(out).toMatch(/^cpu .* within noise$/m)
})

test('for a pull request, and as data', () => {
  const markdown = assert('profiles', ...ROUTE, '--p50', '50ms', '--md')
  expect(markdown.code).toBe(3)
  expect(markdown.out).toMatch(/^### `GET \/users\/:id`: 1 budget broken\n/)
  expect(markdown.out).toMatch(/^\| p50 \| 100 ms \| 50.0 ms \| .* \| BROKEN \|$/m)
  const { out } = assert('profiles', '--p99', '1s', '--json')
  expect(JSON.parse(out)).toEqual({
    route: null,
    requests: 8,
    budgets: [
      {
        name: 'p99',
        unit: 'micros',
        allowed: 1_000_000,
        measured: 100_770,
        low: expect.any(Number),
        high: null,
        verdict: 'kept',
      },
    ],
  })
})

test('a dump that comes twice counts once', () => {
  const { out } = assert('profiles', 'profiles/1.cpuprofile', '--max', '1s')
  expect(out).toMatch(/^all requests, 8 requests/)
})

describe('nothing matched, or bad input: exit 1', () => {
  test.each([
    [['profiles', '--route', 'GET /x', '--p95', '1s'], /nothing matches --route 'GET \/x'/],
    [['gone', '--p95', '1s'], /gone/],
    [['foreign.txt', '--p95', '1s'], /no requests of profview|nothing matches/],
    [['bad.cpuprofile', 'profiles', '--p95', '1s'], /bad\.cpuprofile/],
  ])('%j', (args, message) => {
    const { code, err } = assert(...args)
    expect(code).toBe(1)
    expect(err).toMatch(message)
  })
})

test.each([
  [['profiles']],
  [['profiles', '--p95', '200']],
  [['profiles', '--p95', '-1ms']],
  [['profiles', '--p95', '10%']],
  [['profiles', '--blocked', '110%']],
  [['profiles', '--p95', '1s', '--md', '--json']],
])('bad usage: exit 2: %j', (args) => {
  const { code, out, err } = assert(...args)
  expect([code, out, err.trimEnd().split('\n').length]).toEqual([2, '', 1])
})

test('the workflow of the docs does what it says', async () => {
  const workflow = parse(readFileSync(join(ROOT, 'docs/github-workflow.yml'), 'utf8'))
  const steps: { run?: string }[] = workflow.jobs.budgets.steps
  const port = await freePort()
  const home = mkdtempSync(join(tmpdir(), 'profview-workflow-'))
  const bin = join(home, 'bin')
  mkdirSync(bin)
  writeFileSync(join(home, 'app.cjs'), APP)
  program(join(bin, 'npx'), `shift; exec "${process.execPath}" "${ROOT}/bin/profview.js" "$@"`)
  program(join(bin, 'npm'), `[ "$1" = start ] && exec "${process.execPath}" app.cjs; exit 0`)
  const summary = join(home, 'summary.md')
  const env = { PATH: `${bin}:${process.env.PATH}`, HOME: home, GITHUB_STEP_SUMMARY: summary }
  const outputs = steps.flatMap(({ run }) => {
    if (run === undefined) return []
    const script = run.replaceAll('3000', String(port)).replaceAll('-n 40', '-n 8')
    const ended = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', script], {
      cwd: home,
      env,
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect({ script, code: ended.status, err: ended.stderr }).toMatchObject({ code: 0, err: '' })
    return [ended.stdout]
  })
  expect(outputs.join('')).toMatch(/^GET \/hello, 8 times: median /m)
  expect(readFileSync(summary, 'utf8')).toMatch(/^### `GET \/hello`: budgets kept/)
  rmSync(home, { recursive: true, force: true })
})

const APP = `
  const express = require(${JSON.stringify(join(ROOT, 'node_modules/express'))})
  const { profiler } = require(${JSON.stringify(join(ROOT, 'dist/bundle/index.js'))})
  const app = express()
  app.use(profiler())
  app.get('/hello', (request, response) => response.send('hello'))
  app.listen(Number(process.env.PORT), '127.0.0.1')
`

function program(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o700)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
