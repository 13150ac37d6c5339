import { join } from 'node:path'
import { expect, test } from 'vitest'
import { textOf, useBrowser, useViewer } from '../support/browser.js'
import { writeBusyMinute, writeOneDump } from '../support/shop.js'

const browser = useBrowser()
const single = useViewer((dir) => ({ inputs: [join(dir, writeOneDump(dir))] }))
const several = useViewer((dir) => {
  writeBusyMinute(dir, 20)
  return { inputs: [dir] }
})

async function visit(settings = '', options: { width?: number; dark?: boolean } = {}) {
  const { width = 1280, dark = false } = options
  const page = await browser.open({
    viewport: { width, height: 800 },
    colorScheme: dark ? 'dark' : 'light',
    timezoneId: 'UTC',
  })
  await page.goto(single.at(`#/timeline?all${settings}`))
  await page.waitForSelector('.timeline-stage canvas')
  return page
}

async function visitSeveral(width = 1280) {
  const page = await browser.open({ viewport: { width, height: 800 }, timezoneId: 'UTC' })
  await page.goto(several.at('#/timeline?all'))
  await page.waitForSelector('.gantt-bar')
  return page
}

const details = () => textOf(browser.now.locator('.timeline-details'))
const words = (text: string) => text.replaceAll(/\s+/g, ' ').trim()
const canvas = () => browser.now.locator('.timeline-stage canvas')

/** Where a time lies in the window: the dump is 184 ms long. */
async function pointAt(millis: number, lane: number): Promise<[number, number]> {
  const axis = (await browser.now.locator('.time-axis').boundingBox())!
  const box = (await canvas().boundingBox())!
  return [axis.x + (axis.width * millis) / 184, box.y + lane * 22 + 11]
}

async function select(from: number, to: number) {
  await browser.now.mouse.move(...(await pointAt(from, 0)))
  await browser.now.mouse.down()
  await browser.now.mouse.move(...(await pointAt((from + to) / 2, 0)))
  await browser.now.mouse.move(...(await pointAt(to, 0)))
  await browser.now.mouse.up()
}

const setting = (name: string) =>
  new URLSearchParams(browser.now.url().split('?')[1]).get(name) ?? ''

test('what is under the pointer is told in words', async () => {
  const page = await visit()
  await page.mouse.move(...(await pointAt(30, 0)))
  expect(words(await details())).toBe(
    'await what it waited for was not there yet 41.7 ms at 16.6 ms',
  )
  await page.mouse.move(...(await pointAt(30, 1)))
  expect(words(await details())).toBe(
    'await [await] TCP 127.0.0.1:5432 41.7 ms at 16.6 ms in query src/db/pool.ts:31',
  )
  await page.mouse.move(...(await pointAt(80, 4)))
  expect(words(await details())).toContain('blocked GET /report 62.3 ms at 58.3 ms')
})

test('a range is drawn with the mouse, and the other views follow it', async () => {
  const page = await visit()
  await select(70, 110)
  await expect.poll(() => setting('range')).not.toBe('')
  const [from, to] = setting('range').split('-').map(Number)
  expect(Math.abs(from! - 70_000)).toBeLessThan(1_000)
  expect(Math.abs(to! - 110_000)).toBeLessThan(1_000)
  expect(words(await textOf(page.locator('.account-legend')))).toMatch(/^blocked (39|40)\.\d ms$/)
  await page.getByRole('link', { name: 'Call tree' }).click()
  await page.waitForSelector('tbody .tree-row')
  await expect
    .poll(() => textOf(page.locator('.headline .duration')))
    .toMatch(/^(39\.\d|40\.\d)\d? ms$/)
  await page.getByRole('link', { name: 'Timeline' }).click()
  await page.getByRole('button', { name: 'Clear range' }).click()
  await expect.poll(() => setting('range')).toBe('')
})

test('without a mouse: along the pieces, to other rows, select, drop', async () => {
  const page = await visit()
  await canvas().focus()
  const keys = async (...names: string[]) => {
    for (const name of names) await page.keyboard.press(name)
    return words(await details())
  }
  expect(await keys('ArrowRight')).toContain('cpu code that ran for this request 4.20 ms at 0 ms')
  expect(await keys('ArrowRight')).toContain('await what it waited for')
  expect(await keys('ArrowDown')).toContain('[await] TCP 127.0.0.1:5432 41.7 ms')
  expect(await keys('Enter')).toContain('41.7 ms')
  await expect.poll(() => setting('range')).toBe('16600-58300')
  await keys('Escape')
  await expect.poll(() => setting('range')).toBe('')
  expect(await keys('End', 'ArrowDown', 'ArrowDown', 'ArrowDown')).toContain(
    'blocked (garbage collector) 3.20 ms at 121 ms in query src/db/pool.ts:31',
  )
  expect(await keys('ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'Home')).toContain('cpu code')
})

test('keys and the wheel zoom, and the address says so', async () => {
  const page = await visit()
  await canvas().focus()
  await page.keyboard.press('=')
  await expect.poll(() => setting('win')).toBe('30667-153333')
  await page.keyboard.press('Shift+ArrowRight')
  await expect.poll(() => setting('win')).toMatch(/^6133[34]-184000$/)
  await page.keyboard.press('0')
  await expect.poll(() => setting('win')).toBe('')
  await page.mouse.move(...(await pointAt(92, 0)))
  await page.mouse.wheel(0, -400)
  await expect.poll(() => setting('win')).not.toBe('')
  const [from, to] = setting('win').split('-').map(Number)
  expect(Math.abs((from! + to!) / 2 - 92_000)).toBeLessThan(500)
  expect(to! - from!).toBeLessThan(150_000)
})

test('the axis is dragged to what comes before and after', async () => {
  const page = await visit('&win=50000-100000')
  const axis = (await page.locator('.time-axis').boundingBox())!
  await page.mouse.move(axis.x + axis.width / 2, axis.y + 10)
  await page.mouse.down()
  await page.mouse.move(axis.x + axis.width / 4, axis.y + 10, { steps: 4 })
  await page.mouse.up()
  await expect.poll(() => setting('win')).toMatch(/^62\d{3}-112\d{3}$/)
  await expect.poll(() => setting('range')).toBe('')
})

test('the table says what is drawn', async () => {
  const page = await visit('&win=10000-59000')
  await page.getByText('As a table').click()
  await page.waitForSelector('.pieces tbody tr')
  const rows = await page.locator('.pieces tbody tr').allInnerTexts()
  expect(rows.map(words)).toEqual([
    '4.2 9.3 await [await] TCP 127.0.0.1:6379 in readGrant src/middleware/session.ts:41',
    '13.5 3.1 cpu query pg/lib/client.js:526',
    '16.6 41.7 await [await] TCP 127.0.0.1:5432 in query src/db/pool.ts:31',
    '58.3 52.4 blocked measureText src/report/measure.ts:22',
  ])
})

test('a link shows what its sender saw', async () => {
  const first = await visit('', { dark: true })
  await select(60, 120)
  await first.getByRole('button', { name: 'Zoom in' }).click()
  await first.getByRole('button', { name: 'All calls' }).click()
  await canvas().focus()
  await first.keyboard.press('ArrowDown')
  await first.keyboard.press('ArrowRight')
  await expect.poll(() => setting('win')).not.toBe('')
  const [url, said, seen] = [first.url(), await details(), await canvas().screenshot()]
  await first.context().close()
  await visit('', { dark: true })
  await browser.now.goto(url)
  await browser.now.reload()
  await canvas().focus()
  await expect.poll(details).toBe(said)
  await browser.now.mouse.move(5, 5)
  expect((await canvas().screenshot()).equals(seen)).toBe(true)
})

test('the drawing follows the theme', async () => {
  const page = await visit()
  const light = await canvas().screenshot()
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(async () => (await canvas().screenshot()).equals(light)).toBe(false)
  const dark = await canvas().screenshot()
  await page.emulateMedia({ colorScheme: 'light' })
  await page.getByRole('button', { name: 'Auto' }).click()
  await page.getByRole('button', { name: 'Light' }).click()
  await expect.poll(async () => (await canvas().screenshot()).equals(dark)).toBe(true)
})

test('several requests: when each was there, worker by worker', async () => {
  const page = await visitSeveral()
  await expect
    .poll(() => textOf(page.locator('.gantt-page .facts')))
    .toContain('within a bar the accounts are not in order of time')
  const workers = await page.locator('.gantt-worker').allInnerTexts()
  expect(workers.map(words)).toEqual([
    expect.stringMatching(/^Worker 1 \d+ requests?$/),
    expect.stringMatching(/^Worker 2 \d+ requests?$/),
    expect.stringMatching(/^Worker 3 \d+ requests?$/),
    expect.stringMatching(/^Worker 4 \d+ requests?$/),
  ])
  await expect.poll(() => page.locator('.gantt-bar').count()).toBe(20)
  await page.locator('.gantt-table').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  const name = await textOf(page.locator('[data-active] .cell-name'))
  await page.keyboard.press('+')
  await expect.poll(() => setting('win')).not.toBe('')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.timeline-stage canvas')
  expect(words(await textOf(page.locator('h1')))).toBe(words(name))
  await page.goBack()
  await page.waitForSelector('.gantt-row')
})

test.each([360, 2560])('at %i pixels nothing sticks out', async (width) => {
  for (const open of [() => visit('', { width }), () => visitSeveral(width)]) {
    const page = await open()
    const [scroll, client] = await page.evaluate<number[]>(`[
      document.documentElement.scrollWidth + document.querySelector('main').scrollWidth,
      document.documentElement.clientWidth + document.querySelector('main').clientWidth,
    ]`)
    expect(scroll).toBe(client)
  }
})
