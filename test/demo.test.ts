/** The demo is what people see first: it says what it should, and leaves nothing behind. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { textOf, useBrowser, useViewer } from './support/browser.js'

const DEMO = join(import.meta.dirname, '../demo/run.mjs')

let dir: string
let out: string
let code: number | null

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'profview-demo-'))
  const child = spawn(process.execPath, [DEMO, '--no-serve'], {
    cwd: dir,
    env: { ...process.env, NODE_ENV: 'development', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  out = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      out += text
    })
  }
  code = await new Promise((resolve) => child.once('close', resolve))
}, 180_000)

afterAll(() => rmSync(dir, { recursive: true, force: true }))

const browser = useBrowser()
const viewer = useViewer(() => ({ inputs: [join(dir, 'profiles')] }))

test('it ends well', () => {
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('profiles') })
})

test('both workers wrote dumps, whose accounts add up', () => {
  const workers = new Set<number>()
  for (const { $profview: meta } of dumps()) {
    workers.add(meta.process.workerId)
    const accounts = Object.values<number>(meta.ledger)
    expect(accounts.reduce((sum, micros) => sum + micros, 0)).toBe(meta.durationMicros)
  }
  expect([...workers].sort()).toEqual([1, 2])
})

test('the tree is that of a request of its own', () => {
  const tree = out.slice(out.indexOf('profview.js show'), out.indexOf('profview.js list'))
  expect(tree).toMatch(/GET \/orders\/:id\/invoice -> 200/)
  expect(tree).toMatch(/getInvoice .*routes\.mjs/)
  expect(tree).toMatch(/\[await\] /)
})

test('the dumps show what was waited for and who was in the way', () => {
  const names = new Set(
    dumps().flatMap(({ nodes }) =>
      nodes.map((node: { callFrame: { functionName: string } }) => node.callFrame.functionName),
    ),
  )
  expect([...names].some((name) => /^\[await\] TCP 127\.0\.0\.1:\d+$/.test(name))).toBe(true)
  expect([...names]).toEqual(
    expect.arrayContaining(['[blocked]', 'GET /report', 'GET /users/:id', 'buildReport']),
  )
})

test('it lists, merges and tells the workers apart', () => {
  expect(out).toMatch(/when +request +status +(queued +)?duration/)
  expect(out).toMatch(/shop\.pb\.gz: \d+ profiles/)
  expect(out).toMatch(/\n +1 +\d+ +\d+ .*\n +2 +\d+ +\d+ /)
})

test('no process is left', async () => {
  const pids = new Set(dumps().map(({ $profview }) => $profview.process.pid as number))
  expect(pids.size).toBe(2)
  for (const pid of pids) {
    await expect.poll(() => isAlive(pid)).toBe(false)
  }
})

test.each(['light', 'dark'] as const)(
  'every view of its dumps, %s',
  async (colorScheme) => {
    const page = await browser.open({ colorScheme })
    await page.goto(viewer.url)
    await page.waitForSelector('tbody .request-row')
    const held = page.locator('tbody .request-row', { hasText: '/orders/:id/invoice' }).first()
    await held.getByRole('link').click()
    await page.locator('tbody .tree-row .name', { hasText: 'getInvoice' }).first().waitFor()
    for (const [view, what] of VIEWS) {
      await page.getByRole('link', { name: view }).click()
      await page.locator(what).first().waitFor()
    }
    await page.goto(viewer.at('#/compare?route=GET%20%2Fusers%2F%3Aid&with=halves'))
    await page.locator('.compare-table tbody tr').first().waitFor()
    await expect.poll(() => textOf(page.locator('h1'))).toMatch(/ms per request$/)
  },
  120_000,
)

test('speedscope shows waits as named frames', async () => {
  const page = await browser.open()
  await page.goto(viewer.at('#/flame?route=GET%20%2Forders%2F%3Aid%2Finvoice'))
  const speedscope = page.frameLocator('iframe')
  await speedscope.getByText('Sandwich').click()
  await speedscope.getByText(/^\[await\] TCP 127\.0\.0\.1:\d+$/).waitFor()
}, 120_000)

// --- internal ---

const VIEWS = [
  ['Timeline', '.timeline-stage canvas'],
  ['Functions', 'tbody .function-row'],
  ['Call tree', 'tbody .tree-row'],
] as const

function dumps() {
  const folder = join(dir, 'profiles')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
