import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ACCOUNTS } from '../../src/profile/accounts.js'
import { textOf, useBrowser, useViewer } from '../support/browser.js'
import { writeOneDump } from '../support/shop.js'

const browser = useBrowser()
const viewer = useViewer((dir) => ({ inputs: [join(dir, writeOneDump(dir))] }))

async function visit(settings = '', width = 1280) {
  const page = await browser.open({ viewport: { width, height: 900 } })
  await page.goto(viewer.url + settings)
  await page.waitForSelector('tbody .tree-row')
  return page
}

/** The rows as text: indentation, total, self, name and place. */
async function treeText(): Promise<string[]> {
  const rows = await browser.now.locator('tbody .tree-row').all()
  return Promise.all(
    rows.map(async (row) => {
      const depth = Number(await row.getAttribute('aria-level')) - 1
      const cells = ['.cell-total', '.cell-self', '.name', '.location']
      const texts = await Promise.all(cells.map((cell) => textOf(row.locator(cell))))
      return `${'  '.repeat(depth)}${texts[2]} ${texts[0]} ${texts[1] || '-'} ${texts[3]}`.trimEnd()
    }),
  )
}

const activeName = () => textOf(browser.now.locator('[data-active] .name'))

test('a single file opens on its call tree', async () => {
  const page = await visit()
  await expect.poll(() => textOf(page.locator('h1'))).toBe('GET /users/:id')
  expect(await treeText()).toEqual([
    'parserOnIncoming 175.4 - node:_http_server:1021',
    '  [4 frames hidden] compression, node, express, router 175.4 1.6',
    '    handleRequest 173.8 - router/lib/layer.js:130',
    '      getUser 161.9 - src/routes/users.ts:42',
    '        loadUser 123.6 - src/users/load-user.ts:65',
    '          query 123.6 - src/db/pool.ts:31',
    '            [blocked] 65.5 -',
    '              GET /report 62.3 -',
    '                renderPdf 62.3 - src/routes/report.ts:88',
    '                  layoutTable 62.3 9.9 src/report/layout.ts:140',
    '                    measureText 52.4 52.4 src/report/measure.ts:22',
    '              (garbage collector) 3.2 3.2',
    '            [await] TCP 127.0.0.1:5432 41.7 41.7',
    '            query 16.4 3.1 pg/lib/client.js:526',
    '              [2 frames hidden] pg-types, pg 13.3 13.3',
    '        renderUser 35.5 - src/views/user.ts:12',
    '          JSON.stringify 16.2 16.2',
    '          toSummary 11.4 11.4 src/views/user.ts:30',
    '          ret 7.9 7.9 handlebars/dist/cjs/handlebars/runtime.js:187',
    '        [await] response written 2.8 2.8',
    '      session 11.9 - src/middleware/session.ts:18',
    '        readGrant 11.9 2.6 src/middleware/session.ts:41',
    '          [await] TCP 127.0.0.1:6379 9.3 9.3',
    '(garbage collector) 6.1 6.1',
    '[unknown] 1.4 1.4',
    '[profiler] 1.1 1.1',
  ])
})

test('the accounts add up to the duration, to the last digit shown', async () => {
  const page = await visit()
  const accounts = await page.locator('.ledger dd b').allInnerTexts()
  const sum = accounts.reduce((total, text) => total + Math.round(Number(text) * 10), 0)
  expect(`${(sum / 10).toFixed(1)} ms`).toBe(await textOf(page.locator('.headline .duration')))
})

test('each account has a colour of its own, in the bar as in the legend', async () => {
  const page = await visit()
  const colours = (selector: string) =>
    page
      .locator(selector)
      .evaluateAll((all) => all.map((each) => getComputedStyle(each).background))
  const legend = await colours('.ledger .swatch')
  expect(new Set(legend).size).toBe(ACCOUNTS.length)
  expect(legend.filter((colour) => colour.startsWith('rgba(0, 0, 0, 0) none'))).toEqual([])
  // This request was never off the CPU.
  const present = legend.filter((_, i) => ACCOUNTS[i] !== 'offcpu')
  expect(await colours('.ledger .account-bar i')).toEqual(present)
})

test('without a mouse: enter, leave, close, open the subtree', async () => {
  const page = await visit()
  await page.keyboard.press('Home')
  expect(await activeName()).toBe('parserOnIncoming')
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight')
  expect(await activeName()).toBe('query')
  await page.keyboard.press('ArrowLeft')
  await expect.poll(() => page.locator('[data-active]').getAttribute('aria-expanded')).toBe('false')
  await page.keyboard.press('ArrowLeft')
  expect(await activeName()).toBe('loadUser')
  await page.keyboard.press('Alt+ArrowLeft')
  await page.keyboard.press('ArrowRight')
  const query = page.locator('[aria-level="6"]', { hasText: 'db/pool.ts' })
  await expect.poll(() => query.getAttribute('aria-expanded')).toBe('false')
  await page.keyboard.press('Alt+ArrowRight')
  await expect.poll(() => query.getAttribute('aria-expanded')).toBe('true')
  await page.keyboard.press('End')
  expect(await activeName()).toBe('[profiler]')
})

test('h goes down the heaviest calls, % shows shares', async () => {
  const page = await visit()
  await page.keyboard.press('h')
  expect(await activeName()).toBe('measureText')
  await page.keyboard.press('%')
  await expect.poll(() => textOf(page.locator('[data-active] .cell-total'))).toBe('28.5')
  await expect.poll(() => page.url()).toContain('unit=percent')
})

test('search finds by name and file, counts the time once, and steps', async () => {
  const page = await visit()
  await page.keyboard.press('/')
  await page.keyboard.type('pg')
  await expect.poll(() => textOf(page.locator('.found'))).toContain('1 of 2 calls')
  await expect.poll(() => page.locator('[data-match]').count()).toBe(2)
  await page.keyboard.press('Enter')
  expect(await activeName()).toBe('[2 frames hidden] pg-types, pg')
  await page.keyboard.press('Escape')
  await page.keyboard.press('n')
  expect(await activeName()).toBe('query')
})

test('a link shows what its sender saw', async () => {
  const first = await visit()
  await first.keyboard.press('End')
  await first.keyboard.press('%')
  await first.getByRole('button', { name: 'All calls' }).click()
  await first.locator('.name', { hasText: /^loadUser$/ }).click()
  const seen = await treeText()
  const url = first.url()
  await first.context().close()
  await browser.open({ viewport: { width: 1280, height: 900 } })
  await browser.now.goto(url)
  await browser.now.waitForSelector('tbody .tree-row')
  expect(await treeText()).toEqual(seen)
  expect(await activeName()).toBe('loadUser')
  expect(seen.some((row) => row.includes('pool.ts'))).toBe(false)
})

test('the flame graph is speedscope, on this profile', async () => {
  const page = await visit()
  await page.getByRole('link', { name: 'Flame graph' }).click()
  const flame = page.frameLocator('iframe')
  await flame.getByText('GET /users/:id').waitFor()
  await flame.getByText('Sandwich').click()
  const rows = flame.locator('tr', { hasText: 'measureText' })
  await expect.poll(() => textOf(rows.first())).toContain('52.40ms')
})

test.each([360, 2560])('at %i pixels nothing sticks out', async (width) => {
  const page = await visit('', width)
  for (const hash of ['#/requests', '#/requests?group=route']) {
    const [scroll, client] = await page.evaluate<number[]>(`[
      document.documentElement.scrollWidth + document.querySelector('main').scrollWidth,
      document.documentElement.clientWidth + document.querySelector('main').clientWidth,
    ]`)
    expect(scroll).toBe(client)
    await page.goto(viewer.at(hash))
    await page.waitForSelector('tbody .row')
  }
})
