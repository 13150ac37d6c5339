import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { costsToOthers } from '../../src/analysis/cost-to-others.js'
import { duration } from '../../src/render/measure.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { textOf, useBrowser, useViewer } from '../support/browser.js'
import { writeBusyMinute, writeOneDump } from '../support/shop.js'

const browser = useBrowser()
const viewer = useViewer((dir) => {
  writeBusyMinute(dir, 30)
  return { inputs: [dir] }
})

async function visit(hash = '') {
  const page = await browser.open({ timezoneId: 'UTC' })
  await page.goto(viewer.url + hash)
  await page.waitForSelector('tbody .row')
  return page
}

function costOfReport() {
  const files = readdirSync(viewer.dir).map((name) => join(viewer.dir, name))
  const costs = costsToOthers(mergeProfiles(files.map((file) => readProfileFile(file))))
  return costs.find(({ culprit }) => culprit === 'GET /report')!
}

const rowTexts = async (cell: string) =>
  (await browser.now.locator(`tbody ${cell}`).allInnerTexts()).map((text) => text.trim())

test('each dump is a row, newest first', async () => {
  const page = await visit()
  await expect.poll(() => page.locator('table').getAttribute('aria-rowcount')).toBe('31')
  const times = await rowTexts('.cell-time')
  expect(times).toEqual([...times].sort().reverse())
  await expect
    .poll(() => textOf(page.locator('tbody .row').first()))
    .toMatch(
      /^\d\d:\d\d:\d\d\.\d{3}\s+(GET|POST) \/\w+\S*\s+(200|201|503)\s+[\d.]+\s+[\d.]+\s+[1-4]$/,
    )
})

test.each(['', '#/requests?group=route'])('on a phone no cell leaves its row: %s', async (hash) => {
  const page = await visit(hash)
  await page.setViewportSize({ width: 360, height: 800 })
  await expect
    .poll(() =>
      page.locator('tbody .row').evaluateAll((rows) =>
        rows.flatMap((row) => {
          const { left, right, top, bottom } = row.getBoundingClientRect()
          return [...row.children]
            .filter((cell) => {
              const box = cell.getBoundingClientRect()
              const isOut =
                box.left < left - 1 ||
                box.right > right + 1 ||
                box.top < top - 1 ||
                box.bottom > bottom + 1
              return box.width > 0 && isOut
            })
            .map((cell) => cell.className)
        }),
      ),
    )
    .toEqual([])
})

test('a click on a column sorts by it, a second one the other way round', async () => {
  const page = await visit()
  await page.getByRole('button', { name: /^Duration/ }).click()
  const falling = (await rowTexts('.cell-duration')).map(Number)
  expect(falling).toEqual([...falling].sort((a, b) => b - a))
  await page.getByRole('button', { name: /^Duration/ }).click()
  const rising = (await rowTexts('.cell-duration')).map(Number)
  expect(rising).toEqual([...rising].sort((a, b) => a - b))
  await expect.poll(() => page.url()).toContain('sort=duration')
})

test('the filter leaves what has all its words, and stands in the address', async () => {
  const page = await visit()
  await page.keyboard.press('/')
  await page.keyboard.type('users worker')
  await expect
    .poll(async () => new Set(await rowTexts('.cell-name')))
    .toEqual(new Set(['GET /users/:id']))
  await expect.poll(() => page.url()).toContain('q=users%20worker')
})

test('routes: count, median, p95, worst and whom they held up; opening one merges its requests', async () => {
  const page = await visit('#/requests?group=route')
  const columns = ['.cell-count', '.cell-duration', '.cell-p95', '.cell-worst']
  const [counts, ...durations] = await Promise.all(columns.map(rowTexts))
  expect(counts!.reduce((sum, text) => sum + Number(text), 0)).toBe(30)
  for (const row of counts!.keys()) {
    const [median, p95, worst] = durations.map((column) => Number(column[row]))
    expect([median, p95, worst]).toEqual([median, p95, worst].sort((x, y) => x! - y!))
  }
  const report = page.locator('tbody .row', { hasText: '/report' })
  await expect.poll(() => textOf(report.locator('.cell-caused'))).toMatch(/^[1-9]\d+\.\d$/)
  const { micros } = costOfReport()
  await expect.poll(() => textOf(report.locator('.cell-caused'))).toBe((micros / 1_000).toFixed(1))
  await page.getByRole('button', { name: 'Held up others' }).click()
  expect((await rowTexts('.cell-name'))[0]).toBe('GET /report')
  await expect
    .poll(() => report.getByText('Slow / fast').getAttribute('href'))
    .toBe('#/compare?route=GET%20%2Freport&with=halves')
  await page.getByRole('link', { name: '/orders' }).click()
  await page.waitForSelector('.tree-row')
  await expect.poll(() => page.url()).toContain('route=POST%20%2Forders')
  await expect.poll(() => textOf(page.locator('h1'))).toBe('POST /orders')
})

test('what a route cost others is in their recordings, read when it is asked for', async () => {
  const page = await visit()
  await page.goto(`${viewer.url}#/tree?route=GET%20%2Freport`)
  await page.waitForSelector('.tree-row')
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).search))
  await page.getByText('Cost of GET /report to others').click()
  const victims = page.locator('.card[open] li')
  await victims.first().waitFor()
  expect(asked).toContain('?all')
  const cost = costOfReport()
  expect(await victims.locator('.cost').allInnerTexts()).toEqual(
    cost.victims.map(({ micros }) => duration(micros)),
  )
  await victims.first().getByRole('link').click()
  await expect.poll(() => textOf(page.locator('h1'))).toBe(cost.victims[0]!.route)
})

test('Shift picks all between, the head all that are shown', async () => {
  const page = await visit('#/requests?sort=-duration')
  const picked = () => page.locator('tbody [aria-selected=true]').count()
  const box = (i: number) => page.locator('tbody input').nth(i)
  await box(2).click()
  await box(6).click({ modifiers: ['Shift'] })
  expect(await picked()).toBe(5)
  await box(4).click({ modifiers: ['Shift'] })
  expect(await picked()).toBe(2)
  await page.getByLabel('pick all that are shown').click()
  await page.getByRole('link', { name: 'Merge 30 requests' }).waitFor()
  await page.keyboard.press('a')
  expect(await picked()).toBe(0)
  await page.locator('table').focus()
  await page.keyboard.press('Home')
  await page.keyboard.press(' ')
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Shift+ ')
  await page.getByRole('link', { name: 'Merge 4 requests' }).waitFor()
  await page.keyboard.press('m')
  await page.waitForSelector('.tree-row')
  await expect.poll(() => textOf(page.locator('h1'))).toBe('4 profiles')
})

test('several are picked and merged', async () => {
  const page = await visit()
  const durations = (await rowTexts('.cell-duration')).slice(0, 3).map(Number)
  for (const i of [0, 1, 2]) await page.locator('tbody input').nth(i).click()
  await page.getByRole('link', { name: 'Merge 3 requests' }).click()
  const shown = await textOf(page.locator('.headline .duration'))
  expect(Number.parseFloat(shown)).toBeCloseTo(
    durations.reduce((sum, each) => sum + each, 0),
    0,
  )
})

test('without a mouse: down, pick, open, and back', async () => {
  const page = await visit()
  const names = await rowTexts('.cell-name')
  await page.locator('table').focus()
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowUp', ' ']) {
    await page.keyboard.press(key)
  }
  await expect
    .poll(() => page.locator('tbody .row').nth(1).getAttribute('aria-selected'))
    .toBe('true')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.tree-row')
  await expect.poll(() => textOf(page.locator('h1'))).toBe(names[1])
  await page.goBack()
  await page.waitForSelector('.request-row')
  await expect
    .poll(() => page.locator('tbody .row').nth(1).getAttribute('aria-selected'))
    .toBe('true')
})

test('a dump that is written meanwhile appears, a file that is none is one line', async () => {
  const page = await visit()
  writeOneDump(viewer.dir, { startedAt: '2026-11-20T23:59:00.000Z' })
  writeFileSync(join(viewer.dir, 'broken.cpuprofile'), '{"nodes": [')
  await expect.poll(() => textOf(page.locator('tbody .cell-time').first())).toBe('23:59:00.000')
  await expect
    .poll(() => textOf(page.locator('.refusals')))
    .toMatch(/^1 file could not be read\s+broken\.cpuprofile .+$/)
})

test('from the filter the keys lead to the rows', async () => {
  const page = await visit()
  await page.keyboard.press('/')
  await page.keyboard.type('report')
  await page.keyboard.press('Enter')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect.poll(() => textOf(page.locator('h1'))).toBe('GET /report')
})
