import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readBuiltPage } from '../../src/render/built-page.js'
import { htmlOf } from '../../src/render/html.js'
import { writeProfileFile } from '../../src/store/profile-file.js'
import { builtPage, textOf, useBrowser, useViewer } from '../support/browser.js'
import { temporaryDirectory, writeOneDump } from '../support/shop.js'
import { profileFrom } from '../support/trees.js'

const { dir, remove } = temporaryDirectory()
afterAll(remove)
const program = join(dir, 'walk.js')
const walks = profileFrom(`
  main@${program}:1:1;walk@${program}:7:3;walk@${program}:7:3;leaf@/else/where.js:2:1 20000
  main@${program}:1:1;walk@${program}:7:3 10000
`)
writeFileSync(program, Array.from({ length: 30 }, (_, i) => `\tline(${i + 1})`).join('\n'))
utimesSync(program, 1_600_000_000, 1_600_000_000)
/** Of many requests together. */
const busy = profileFrom(`
  main@${program}:1:1 5345600
  main@${program}:1:1;[await] db;[blocked];GET /b;walk@${program}:7:3 3456700
`)
const browser = useBrowser()
const viewer = useViewer((dir) => ({ inputs: [join(dir, writeOneDump(dir))], cwd: dir }))
const walkViewer = useViewer(() => {
  const file = join(dir, 'walk.cpuprofile')
  writeProfileFile(file, walks)
  return { inputs: [file], cwd: dir }
})
const busyViewer = useViewer(() => {
  const file = join(dir, 'busy.cpuprofile')
  writeProfileFile(file, busy)
  return { inputs: [file], cwd: dir }
})

async function visit(settings = '', { width = 1280, on = viewer } = {}) {
  const page = await browser.open({ viewport: { width, height: 900 } })
  await page.goto(on.url.replace('#/tree', '#/functions') + settings)
  await page.waitForSelector('tbody .function-row')
  return page
}

/** The rows as text: self, total, what was in the way if any was, samples, name and place. */
async function tableText(): Promise<string[]> {
  const rows = await browser.now.locator('tbody .function-row').all()
  const others = (await browser.now.locator('th.of-others').count()) > 0 ? ['.of-others'] : []
  return Promise.all(
    rows.map(async (row) => {
      const cells = ['.of-self', '.of-total', ...others, '.of-samples', '.name', '.location']
      const texts = await Promise.all(cells.map((cell) => textOf(row.locator(cell))))
      return texts.map((text) => text || '-').join(' ')
    }),
  )
}

/** `caller 3 > name > callee 2` */
async function panelText(): Promise<string> {
  const panel = browser.now.locator('.function-panel')
  const listed = async (title: string) => {
    const texts = await panel.getByRole('region', { name: title }).locator('li').allInnerTexts()
    return texts.map((text) => text.replaceAll(/\s+/g, ' ')).join(', ') || '-'
  }
  return `${await listed('Callers')} > ${await textOf(panel.locator('h2'))} > ${await listed('Callees')}`
}

const names = () => browser.now.locator('tbody .function-row .name').allInnerTexts()
const activeName = () => textOf(browser.now.locator('[data-active] .name'))

test('the functions of the app, waits and the rest, most time of their own first, others apart', async () => {
  await visit()
  expect(await tableText()).toEqual([
    '41.7 41.7 - 1 [await] TCP 127.0.0.1:5432 -',
    '11.4 11.4 - 1 toSummary src/views/user.ts:30',
    '9.3 9.3 - 1 [await] TCP 127.0.0.1:6379 -',
    '6.1 6.1 3.2 1 (garbage collector) -',
    '2.8 2.8 - 1 [await] response written -',
    '2.6 11.9 - 1 readGrant src/middleware/session.ts:41',
    '1.4 1.4 - 1 [unknown] -',
    '1.1 1.1 - 1 [profiler] -',
    '- 161.9 - - getUser src/routes/users.ts:42',
    '- 123.6 - - loadUser src/users/load-user.ts:65',
    '- 123.6 - - query src/db/pool.ts:31',
    '- 65.5 - - [blocked] -',
    '- 35.5 - - renderUser src/views/user.ts:12',
    '- 11.9 - - session src/middleware/session.ts:18',
    '- - 62.3 - GET /report -',
    '- - 62.3 - renderPdf src/routes/report.ts:88',
    '- - 62.3 - layoutTable src/report/layout.ts:140',
    '- - 52.4 - measureText src/report/measure.ts:22',
  ])
})

test('a click on a head sorts, a second one turns the order round', async () => {
  const page = await visit()
  await page.getByRole('button', { name: 'Total ms' }).click()
  expect((await names()).slice(0, 3)).toEqual(['getUser', 'loadUser', 'query'])
  await page.locator('th.of-name button').click()
  expect((await names()).slice(0, 3)).toEqual([
    '(garbage collector)',
    '[await] response written',
    '[await] TCP 127.0.0.1:5432',
  ])
  await page.locator('th.of-name button').click()
  expect((await names()).slice(0, 3)).toEqual(['toSummary', 'session', 'renderUser'])
  await expect.poll(() => page.url()).toContain('sort=-name')
  await page.getByRole('button', { name: 'In the way' }).click()
  expect((await names()).slice(0, 4)).toEqual([
    'GET /report',
    'renderPdf',
    'layoutTable',
    'measureText',
  ])
})

test('what a function did while it was in the way is apart in its panel, too', async () => {
  const page = await visit()
  await page.locator('tbody .name', { hasText: 'layoutTable' }).click()
  const times = page.locator('.function-times')
  expect((await textOf(times)).split('\n')).toEqual([
    'Self',
    '0 ms, 0 %',
    'Total',
    '0 ms, 0 %',
    'In the way',
    '62.3 ms, 34 %; itself 9.90 ms, 5.4 %',
  ])
  expect(await panelText()).toBe(
    '62.3 in the way, renderPdf src/routes/report.ts:88 > layoutTable > ' +
      '52.4 in the way, measureText src/report/measure.ts:22',
  )
})

test('all functions, filtered by name and place', async () => {
  const page = await visit()
  await page.keyboard.press('/')
  await page.keyboard.type('pg')
  await page.getByText('Nothing matches').waitFor()
  await page.getByRole('button', { name: 'All', exact: true }).click()
  expect(await names()).toEqual(['parseDate', 'parseRow', 'query'])
  await expect.poll(() => textOf(page.locator('.found'))).toBe('3 functions')
  await expect.poll(() => page.url()).toMatch(/q=pg.*fold=off/)
})

test('without a mouse: move, select, go to a callee, close; a link shows the same', async () => {
  const page = await visit()
  await page.keyboard.press('End')
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('%')
  await page.keyboard.press('%')
  expect(await activeName()).toBe('[await] TCP 127.0.0.1:5432')
  await page.keyboard.press('Enter')
  expect(await panelText()).toBe('41.7 query src/db/pool.ts:31 > [await] TCP 127.0.0.1:5432 > -')
  await page.getByRole('button', { name: 'query src/db/pool.ts:31' }).click()
  const seen = await panelText()
  expect(seen).toBe(
    '123.6 loadUser src/users/load-user.ts:65 > query > ' +
      '65.5 [blocked], 41.7 [await] TCP 127.0.0.1:5432, 16.4 query pg/lib/client.js:526',
  )
  const url = page.url()
  await page.keyboard.press('Escape')
  await page.locator('.function-panel').waitFor({ state: 'detached' })
  const again = await browser.open()
  await again.goto(url)
  await again.locator('.function-panel').waitFor()
  expect(await panelText()).toBe(seen)
  expect(await activeName()).toBe('query')
})

test('times that samples tell have an error, waits have none', async () => {
  const page = await visit()
  const times = page.locator('.function-times')
  await page.locator('tbody .name', { hasText: 'toSummary' }).click()
  expect((await textOf(times)).split('\n')).toEqual([
    'Self',
    '11.4 ms, 6.2 %',
    'Total',
    '11.4 ms, 6.2 %',
    'Sampling error',
    '± 13 %: 18 % of the time sampled, by 56 samples',
  ])
  await page.locator('tbody .name', { hasText: '5432' }).click()
  expect((await textOf(times)).split('\n')).toEqual([
    'Self',
    '41.7 ms, 23 %',
    'Total',
    '41.7 ms, 23 %',
  ])
})

test('recursion counts once; the source is shown, and why it is not', async () => {
  const page = await visit('', { on: walkViewer })
  expect(await tableText()).toEqual([
    '20.0 20.0 1 leaf /else/where.js:2',
    `10.0 30.0 1 walk ${program}:7`,
    `- 30.0 - main ${program}:1`,
  ])
  await page.locator('tbody .name', { hasText: 'walk' }).click()
  expect(await panelText()).toBe(`30.0 main ${program}:1 > walk > 20.0 leaf /else/where.js:2`)
  const marked = page.locator('.source-line[aria-current]')
  await expect.poll(() => textOf(marked)).toBe('7\tline(7)')
  await expect.poll(() => page.locator('.source-line').count()).toBe(28)
  const editor = await page.getByRole('link', { name: 'editor' }).getAttribute('href')
  expect(editor).toContain('walk.js:7:3')
  await page.locator('tbody .name', { hasText: 'leaf' }).click()
  await page.getByText('/else/where.js is not there').waitFor()
})

test('a page from a file says where the source is shown', async () => {
  const file = join(dir, 'walk.html')
  writeFileSync(file, htmlOf(readBuiltPage(builtPage()), [walks]))
  const page = await browser.open()
  await page.goto(`file://${file}`)
  await page.getByRole('link', { name: 'Functions' }).click()
  await page.locator('tbody .function-row .name', { hasText: 'walk' }).click()
  await page.getByText('profview open shows it').waitFor()
})

test.each([360, 2560])('at %i pixels nothing sticks out', async (width) => {
  const page = await visit('&fold=off', { width })
  await page.locator('tbody .name', { hasText: 'handleRequest' }).click()
  await page.locator('.function-panel').waitFor()
  const [scroll, client] = await page.evaluate<number[]>(`[
    document.documentElement.scrollWidth + document.querySelector('main').scrollWidth
      + document.querySelector('.function-panel').scrollWidth,
    document.documentElement.clientWidth + document.querySelector('main').clientWidth
      + document.querySelector('.function-panel').clientWidth,
  ]`)
  expect(scroll).toBe(client)
})

test('at 360 pixels no figure is cut', async () => {
  const page = await visit('', { width: 360, on: busyViewer })
  const isCut = `[...document.querySelectorAll('tbody .function-row .number')]
    .filter((cell) => cell.offsetWidth > 0)
    .map((cell) => [cell.innerText, cell.scrollWidth > cell.clientWidth])`
  const figures = await page.evaluate<[string, boolean][]>(isCut)
  expect(figures.filter(([text]) => text.includes(',')).map(([text]) => text)).toEqual([
    '5,345.6',
    '8,802.3',
    '3,456.7',
    '3,456.7',
    '3,456.7',
    '3,456.7',
  ])
  expect(figures.filter(([, cut]) => cut)).toEqual([])
})
