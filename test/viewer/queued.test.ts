/** What was before a request's first instant, and what is only an upper bound, on every view. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeProfile } from '../../src/formats/registry.js'
import { emptyLedger } from '../../src/profile/ledger.js'
import { textOf, useBrowser, useViewer } from '../support/browser.js'
import { dumpOf } from '../support/dumps.js'

const QUEUED = {
  minMicros: 120_000,
  maxMicros: 258_000,
  othersKeptOut: 0,
  by: [
    { title: 'GET /report', name: 'add', file: '/srv/report.js', line: 12, micros: 200_000 },
    { title: '[unknown]', name: 'sum', file: '/srv/sum.js', line: 3, micros: 57_000 },
    { title: '[unknown]', name: '[profiler]', file: '', line: 0, micros: 1000 },
  ],
}
const LINES = `
main@/srv/app.js:1 3000
main@/srv/app.js:1;[await] db:5432 4000
main@/srv/app.js:1;[await] db:5432;[blocked];GET /report;add@/srv/report.js:12 6000 {blocked=up to}
`
const browser = useBrowser()
const viewer = useViewer((dir) => {
  const ledger = { ...emptyLedger(), cpu: 3000, await: 4000, blocked: 6000 }
  const dump = dumpOf('a1', LINES, { ledger, queued: QUEUED, blockedUpToMicros: 6000 })
  writeFileSync(join(dir, 'a1.cpuprofile'), encodeProfile(dump, 'cpuprofile'))
  const other = dumpOf('b2', 'main@/srv/app.js:1 3000')
  writeFileSync(join(dir, 'b2.cpuprofile'), encodeProfile(other, 'cpuprofile'))
  return { inputs: [dir] }
})

async function visit(hash: string, row: string) {
  const page = await browser.open()
  await page.goto(viewer.url + hash)
  await page.waitForSelector(row)
  return page
}

const BEFORE = 'Before 0: queued 120 to 258 ms'
/** The last one has no room for its text. */
const BARS = ['GET /report, add (report.js:12)', 'sum (sum.js:3)', '']

test('the tree says how long it queued, behind whom, and what may not have been blocked', async () => {
  const page = await visit('#/requests', 'tbody .row')
  await page.getByRole('row', { name: '13.0' }).getByRole('link').click()
  await page.waitForSelector('tbody .tree-row')
  expect(await textOf(page.locator('.queued-head'))).toBe(BEFORE)
  const bars = page.locator('.queued-bar li')
  expect(await bars.allInnerTexts()).toEqual(BARS)
  expect(await bars.last().getAttribute('title')).toBe("profview's own work: 1.00 ms")
  expect(await textOf(page.locator('.ledger dl > div', { hasText: 'blocked' }))).toMatch(
    /6\.0 ms\s*46 % \(up to\)$/,
  )
  expect(await textOf(page.locator('.blame summary').first())).toBe(
    'Perhaps blocked by GET /report',
  )
  const row = page.locator('.tree-row', { hasText: '[blocked]' })
  expect(await textOf(row.locator('.note'))).toBe(' (up to)')
})

test('the timeline shows it before zero', async () => {
  const page = await visit('#/requests', 'tbody .row')
  await page.getByRole('row', { name: '13.0' }).getByRole('link').click()
  await page.waitForSelector('tbody .tree-row')
  await page.getByRole('link', { name: 'Timeline' }).click()
  await page.waitForSelector('canvas')
  expect(await textOf(page.locator('.queued-head'))).toBe(BEFORE)
  // What may have been less is not said as if it were sure.
  expect(await textOf(page.locator('.account-legend li', { hasText: 'blocked' }))).toMatch(
    /^blocked\s*6\.0+ ms\s*\(up to\)$/,
  )
})

test.each([1200, 360])(
  'the list says so on a page of %i pixels, and cuts no account',
  async (width) => {
    const page = await browser.open({ viewport: { width, height: 800 } })
    await page.goto(viewer.url)
    await page.waitForSelector('tbody .row')
    const cell = page.locator('tbody .cell-queued', { hasText: '258.0' })
    expect(await cell.isVisible()).toBe(true)
    const cut = await page.locator('th.cell-bar').evaluate((head) => {
      const { right, bottom } = head.getBoundingClientRect()
      const items = [...head.querySelectorAll('.legend > span')].map((item) =>
        item.getBoundingClientRect(),
      )
      return items.filter((item) => item.right > right + 0.5 || item.bottom > bottom + 0.5).length
    })
    expect(cut).toBe(0)
  },
)

test('the list has a column of it where anybody queued', async () => {
  const page = await visit('', 'tbody .row')
  expect(await page.locator('tbody .cell-queued').allInnerTexts()).toEqual(
    expect.arrayContaining(['120.0 to 258.0', '']),
  )
})
