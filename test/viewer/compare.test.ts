import { expect, test } from 'vitest'
import { textOf, useBrowser, useViewer } from '../support/browser.js'
import { writeBusyMinute } from '../support/shop.js'

const browser = useBrowser()
const viewer = useViewer((dir) => {
  writeBusyMinute(dir, 30)
  return { inputs: [dir] }
})

async function visit(hash: string, width = 1280) {
  const page = await browser.open({ viewport: { width, height: 900 } })
  await page.goto(viewer.at(hash))
  return page
}

const USERS = '#/compare?route=GET%20%2Fusers%2F%3Aid'
const change = (text: string) => Number.parseFloat(text.replace('−', '-'))

test('the slow half of a route against its fast half, the largest change first', async () => {
  const page = await visit(USERS)
  await page.waitForSelector('.compare-table tbody tr')
  await expect.poll(() => textOf(page.locator('h1'))).toMatch(/^\+[\d.]+ ms per request$/)
  await expect
    .poll(() => textOf(page.locator('.facts')))
    .toMatch(
      /^before: [\d.]+ ms \(\d+ requests, [\d,]+ samples\) · after: [\d.]+ ms \(\d+ requests, [\d,]+ samples\)$/,
    )
  const changesIn = async (column: string) =>
    (await page.locator(`tbody .${column}`).allInnerTexts()).map((text) => change(text || '0'))
  const [own, others] = [await changesIn('change'), await changesIn('in-the-way')]
  expect(own.length).toBeGreaterThan(5)
  const sizes = own.map((each, i) => Math.max(Math.abs(each), Math.abs(others[i]!)))
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
  const rows = await page.locator('tbody tr').allInnerTexts()
  const withName = (name: string) => rows.find((row) => row.includes(name))!.split('\t')
  // Of a request that `GET /report` was in the way of.
  expect(withName('renderPdf').slice(0, 4)).toEqual(['', '', '', ''])
  expect(withName('renderPdf')[4]).toMatch(/^[+−][\d.]+ ms/)
  expect(withName('toSummary')[4]).toBe('')
})

test('as a tree: a call stands below its caller', async () => {
  const page = await visit(`${USERS}&show=tree`)
  await page.waitForSelector('.compare-table tbody tr')
  const rows = await page.locator('tbody tr').evaluateAll((all) =>
    all.map((row) => {
      const cell = (
        row as unknown as { cells: { style: { paddingLeft: string }; innerText: string }[] }
      ).cells[4]!
      return `${' '.repeat(Number.parseInt(cell.style.paddingLeft, 10) / 14)}${cell.innerText.split(' ')[0]}`
    }),
  )
  const user = rows.findIndex((row) => row.trim() === 'getUser')
  const depth = rows[user]!.indexOf('g')
  expect(rows[user + 1]).toBe(`${' '.repeat(depth + 1)}loadUser`)
})

test('another route is chosen, and a link leads back to the choice', async () => {
  const page = await visit(USERS)
  await page.waitForSelector('.compare-table tbody tr')
  const halves = await textOf(page.locator('h1'))
  await page.getByLabel('Compare with').selectOption({ label: 'GET /report' })
  await expect.poll(() => textOf(page.locator('h1'))).not.toBe(halves)
  expect(await page.locator('tbody').innerText()).toContain('renderPdf')
  const [url, seen] = [page.url(), await textOf(page.locator('h1'))]
  await page.context().close()
  const again = await visit(new URL(url).hash)
  await again.waitForSelector('.compare-table tbody tr')
  await expect.poll(() => textOf(again.locator('h1'))).toBe(seen)
})

test('a single request has nothing to be halved: it asks', async () => {
  const page = await visit('#/requests')
  await page.locator('tbody .row a').first().click()
  await page.getByRole('link', { name: 'Compare' }).click()
  await page.getByText('Choose what to compare it with.').waitFor()
})

test.each([360, 2560])('at %i pixels nothing sticks out', async (width) => {
  const page = await visit(USERS, width)
  await page.waitForSelector('.compare-table tbody tr')
  const [scroll, client] = await page.evaluate<number[]>(`[
    document.documentElement.scrollWidth + document.querySelector('main').scrollWidth,
    document.documentElement.clientWidth + document.querySelector('main').clientWidth,
  ]`)
  expect(scroll).toBe(client)
  const name = (await page.locator('.compare-table tbody .name').first().boundingBox())!
  expect(name.x + name.width).toBeLessThan(width)
})
