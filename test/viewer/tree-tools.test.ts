import { join } from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import { expect, test } from 'vitest'
import { textOf, useBrowser, useViewer } from '../support/browser.js'
import { writeOneDump } from '../support/shop.js'

const browser = useBrowser()
const viewer = useViewer((dir) => ({ inputs: [join(dir, writeOneDump(dir))] }))

async function visit(settings = '', options: BrowserContextOptions = {}) {
  const page = await browser.open({ viewport: { width: 1280, height: 900 }, ...options })
  await page.goto(viewer.url + settings)
  await page.waitForSelector('tbody .tree-row')
  return page
}

/** The rows as text: indentation, name and total. */
function rowTexts(): Promise<string[]> {
  return browser.now.evaluate<string[]>(`Array.from(
    document.querySelectorAll('tbody .tree-row'),
    (row) => '  '.repeat(row.ariaLevel - 1) +
      row.querySelector('.name').innerText + ' ' + row.querySelector('.cell-total').innerText,
  )`)
}

const activeName = () => textOf(browser.now.locator('[data-active] .name'))
const row = (name: RegExp) =>
  browser.now.locator('tbody .tree-row', { has: browser.now.locator('.name', { hasText: name }) })

test('callers: functions with their time, closed; i keeps the function and opens who called it', async () => {
  const page = await visit('&invert=on')
  const functions = await rowTexts()
  expect(functions.slice(0, 4)).toEqual([
    '[blocked] 65.5',
    '[await] TCP 127.0.0.1:5432 41.7',
    'JSON.stringify 16.2',
    'toSummary 11.4',
  ])
  expect(functions.every((text) => !text.startsWith(' '))).toBe(true)
  await page.getByRole('button', { name: 'Callees' }).click()
  await row(/^toSummary$/).click()
  await page.keyboard.press('i')
  expect(await activeName()).toBe('toSummary')
  const turned = await rowTexts()
  const at = turned.indexOf('toSummary 11.4')
  expect(turned.slice(at, at + 3)).toEqual([
    'toSummary 11.4',
    '  renderUser 11.4',
    '    getUser 11.4',
  ])
  await page.keyboard.press('i')
  expect(await activeName()).toBe('toSummary')
  await expect.poll(() => page.url()).not.toContain('invert')
})

test('callers: who was in the way is below [blocked], and stays there when the tree is turned', async () => {
  const page = await visit()
  await page.getByLabel('Find').fill('measureText')
  await page.keyboard.press('Enter')
  expect(await activeName()).toBe('measureText')
  await page.getByRole('button', { name: 'Callers' }).click()
  expect(await activeName()).toBe('measureText')
  const turned = await rowTexts()
  const at = turned.indexOf('[blocked] 65.5')
  expect(turned.slice(at, at + 6)).toEqual([
    '[blocked] 65.5',
    '  measureText 52.4',
    '    layoutTable 52.4',
    '      renderPdf 52.4',
    '        GET /report 52.4',
    '          [blocked] 52.4',
  ])
  await page.getByRole('button', { name: 'Callees' }).click()
  expect(await activeName()).toBe('measureText')
})

test('short calls are left out, their time stays; patterns fold and keep', async () => {
  const page = await visit()
  await page.getByRole('button', { name: 'Options' }).click()
  await page.getByLabel('Show', { exact: true }).selectOption('0.05')
  await expect.poll(rowTexts).not.toContain('        [await] response written 2.8')
  await expect.poll(() => textOf(row(/^parserOnIncoming$/).locator('.cell-total'))).toBe('175.4')
  await page.getByLabel('Fold', { exact: true }).fill('*/users/*, query, */routes/*')
  await page.keyboard.press('Enter')
  await expect.poll(rowTexts).not.toContain('        loadUser 123.6')
  await page.getByLabel('Never fold').fill('loadUser')
  await page.keyboard.press('Tab')
  await expect.poll(async () => (await rowTexts()).join()).toContain('loadUser 123.6')
  const seen = await rowTexts()
  const url = page.url()
  await visit(`&${url.slice(url.indexOf('?') + 1).replace(/^ids=[\w-]+&/, '')}`)
  expect(await rowTexts()).toEqual(seen)
  await expect.poll(() => browser.now.getByLabel('Never fold').inputValue()).toBe('loadUser')
})

test('a pattern that is being written stays while the page is drawn again', async () => {
  const page = await visit('&hide=none')
  await page.getByLabel('Never fold').fill('loadU')
  await page.evaluate('location.hash += "&unit=percent"')
  await expect.poll(async () => (await rowTexts())[0]).toMatch(/parserOnIncoming 95.3$/)
  await expect.poll(() => page.getByLabel('Never fold').inputValue()).toBe('loadU')
})

test('a folded group opens in place and folds again, with the mouse and without', async () => {
  const page = await visit()
  const folded = await rowTexts()
  await page.getByRole('button', { name: '[4 frames hidden]' }).click()
  expect(await activeName()).toBe('emit')
  expect((await rowTexts()).slice(0, 6)).toEqual([
    'parserOnIncoming 175.4',
    '  emit 175.4',
    '    handle 175.0',
    '      next 175.0',
    '        handleRequest 175.0',
    '          getUser 161.9',
  ])
  await expect.poll(() => row(/^\[2 frames hidden\]/).count()).toBe(1)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('f')
  expect(await rowTexts()).toEqual(folded)
  await page.keyboard.press('f')
  await page.getByRole('button', { name: 'fold', exact: true }).click()
  expect(await rowTexts()).toEqual(folded)
})

test('where the reader stands, and what is closed, stays when other calls are folded', async () => {
  const page = await visit()
  await row(/^renderUser$/).click()
  await row(/^JSON/).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'All calls' }).click()
  await row(/^emit$/).waitFor()
  expect(await activeName()).toBe('renderUser')
  await expect.poll(() => row(/^JSON/).count()).toBe(0)
  await row(/^next$/).click()
  await page.getByRole('button', { name: 'Libraries folded' }).click()
  expect(await activeName()).toBe('[4 frames hidden] compression, node, express, router')
})

test('Alt-click closes and opens all below, and the link says so', async () => {
  const page = await visit()
  const all = await rowTexts()
  await row(/^parserOnIncoming$/).click({ modifiers: ['Alt'] })
  expect(await rowTexts()).toHaveLength(4)
  await expect.poll(() => page.url()).toContain('x=-1*')
  await row(/^parserOnIncoming$/).click({ modifiers: ['Alt'] })
  expect(await rowTexts()).toEqual(all)
})

test('a link to a call that is not on show opens the way to it', async () => {
  const page = await visit()
  await row(/^measureText$/).click()
  const at = /at=(\d+)/.exec(page.url())![1]
  await visit(`&x=-1*&at=${at}`)
  await expect.poll(activeName).toBe('measureText')
})

test('c copies the call, C the whole tree, as the command line prints them', async () => {
  const page = await visit('', { permissions: ['clipboard-read', 'clipboard-write'] })
  await row(/^renderUser$/).click()
  await page.keyboard.press('c')
  await page.getByText('Copied 4 lines of renderUser').waitFor()
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
    [
      '35.5 ms  renderUser  src/views/user.ts:12',
      '├─ 16.2 ms  JSON.stringify',
      '├─ 11.4 ms  toSummary  src/views/user.ts:30',
      '└─ 7.90 ms  ret  handlebars/dist/cjs/handlebars/runtime.js:187',
      '',
    ].join('\n'),
  )
  await page.getByRole('button', { name: 'Copy the whole tree' }).click()
  await page.getByText('lines of the call tree').waitFor()
  const whole = String(await page.evaluate('navigator.clipboard.readText()'))
  expect(whole).toMatch(/^GET \/users\/:id → 200 {2}184 ms\n.*\n(cpu|await).*\n\n175 ms/)
})

test('where the clipboard is refused, the text is there to copy by hand', async () => {
  const page = await visit()
  await page.evaluate('Object.defineProperty(navigator, "clipboard", { value: undefined })')
  await page.getByRole('button', { name: 'Copy', exact: true }).click()
  const text = page.getByLabel('The calls as text')
  await expect.poll(() => text.inputValue()).toContain('measureText')
  await expect
    .poll(() => page.evaluate('document.activeElement.selectionEnd ?? 0'))
    .toBeGreaterThan(500)
  await page.keyboard.press('Escape')
  await text.waitFor({ state: 'detached' })
})

test('? explains the keys, which rest meanwhile', async () => {
  const page = await visit()
  await page.keyboard.press('?')
  const help = page.getByRole('dialog')
  await expect.poll(() => textOf(help)).toContain('go down the heaviest calls')
  await page.keyboard.press('h')
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'detached' })
  await expect.poll(() => page.locator('[data-active]').count()).toBe(0)
  await page.goto(viewer.at('#/requests'))
  await page.getByRole('button', { name: 'Keys and colours' }).click()
  await expect.poll(() => textOf(page.getByRole('dialog'))).toContain('pick all that are shown')
})

test('what stands out leads to its place, also from the callers and where it is closed', async () => {
  const page = await visit('&invert=on&x=-1*')
  const findings = page.getByRole('list', { name: 'What stands out' }).getByRole('listitem')
  const texts = await findings.allInnerTexts()
  expect(texts).toHaveLength(3)
  expect(texts[0]).toMatch(/^Blocked 62\.3 ms by GET \/report/)
  expect(texts[1]).toMatch(/^Waiting: 41\.7 of 184 ms on TCP 127\.0\.0\.1:5432/)
  await findings.nth(1).getByRole('link').click()
  await expect.poll(activeName).toBe('[await] TCP 127.0.0.1:5432')
  await expect.poll(() => page.url()).not.toContain('invert')
  await row(/^parserOnIncoming$/).click({ modifiers: ['Alt'] })
  await findings.nth(1).getByRole('link').click()
  await expect.poll(activeName).toBe('[await] TCP 127.0.0.1:5432')
})

test('who was in the way, with the function to look at', async () => {
  const page = await visit()
  await page.getByText('Blocked by').click()
  const card = page.locator('.card[open]')
  expect((await textOf(card)).split(/\s*\n\s*/)).toEqual([
    'Blocked by GET /report and 1 other',
    'GET /report',
    '62.3 ms 34 %',
    'measureText src/report/measure.ts:22',
    '(garbage collector)',
    '3.20 ms 1.7 %',
  ])
  await card.getByRole('link', { name: 'measureText' }).click()
  await expect.poll(activeName).toBe('measureText')
})
