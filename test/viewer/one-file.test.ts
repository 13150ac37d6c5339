/** The page as one file, in a real Chromium, from the disk. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { decodeProfile } from '../../src/formats/registry.js'
import { printable } from '../../src/printable.js'
import type { Profile } from '../../src/profile/profile.js'
import { readBuiltPage } from '../../src/render/built-page.js'
import { htmlOf } from '../../src/render/html.js'
import { builtPage, textOf, useBrowser } from '../support/browser.js'
import { FOREIGN, HOSTILE, hostileProfile } from '../support/hostile.js'
import { temporaryDirectory, writeBusyMinute, writeOneDump } from '../support/shop.js'

const { dir, remove } = temporaryDirectory()
afterAll(remove)
const browser = useBrowser()

/** Opens the file; no request may follow the first. */
async function openFile(name: string, html: string, hash = ''): Promise<Page> {
  const path = join(dir, name)
  writeFileSync(path, html)
  const page = await browser.open()
  const requests: string[] = []
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url())) requests.push(request.url())
  })
  const url = pathToFileURL(path).href
  onTestFinished(() => expect(requests).toEqual([url]))
  await page.goto(url + hash)
  return page
}

function pageOf(profiles: Iterable<Profile>): string {
  return htmlOf(readBuiltPage(builtPage()), profiles)
}

function readDump(name: string): Profile {
  return decodeProfile(readFileSync(join(dir, name)), name)
}

test('one profile: opens on its call tree, can be searched, and is what it was', async () => {
  const dump = writeOneDump(dir)
  const page = await openFile('one.html', pageOf([readDump(dump)]))
  await page.waitForSelector('tbody .tree-row')
  expect(await page.title()).toBe('GET /users/:id · profview')
  await expect.poll(() => textOf(page.locator('h1'))).toBe('GET /users/:id')
  await expect.poll(() => page.locator('tbody .tree-row').count()).toBeGreaterThan(10)
  await page.locator('input[type=search]').fill('renderPdf')
  await page.waitForSelector('tbody .tree-row .name :text("renderPdf")')

  await page.getByRole('link', { name: 'Flame graph' }).click()
  const saving = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Save the profile' }).click()
  const saved = readFileSync(await (await saving).path())
  expect(saved.equals(readFileSync(join(dir, dump)))).toBe(true)
})

test('several profiles: a list, of which any can be opened, or all as one', async () => {
  const names = writeBusyMinute(dir, 12)
  const page = await openFile('many.html', pageOf(names.map(readDump)))
  await page.waitForSelector('tbody .request-row')
  expect(await page.title()).toBe('Requests · profview')
  await expect.poll(() => page.locator('tbody .request-row').count()).toBe(12)
  await page.locator('tbody .request-row a').first().click()
  await page.waitForSelector('tbody .tree-row')
  await page.goto(`${page.url().replace(/#.*/, '')}#/tree?all`)
  await page.waitForSelector('tbody .tree-row')
  await expect.poll(() => textOf(page.locator('h1'))).toBe('All requests')
  expect(await page.title()).toBe('12 requests · profview')
})

test('no profile at all', async () => {
  const page = await openFile('none.html', pageOf([]))
  await page.waitForSelector('#app .empty')
})

test('names are text, wherever they are shown', async () => {
  const profiles = HOSTILE.map((name, i) => hostileProfile(i, name))
  const page = await openFile('hostile.html', pageOf(profiles))
  await page.waitForSelector('tbody .row')
  expect(await page.evaluate(FOREIGN)).toEqual([])
  await page.goto(`${page.url().replace(/#.*/, '')}#/tree?all&open=all&fold=off`)
  await page.waitForSelector('tbody .tree-row')
  expect(await page.evaluate(FOREIGN)).toEqual([])
  expect(await page.evaluate('window.hit')).toBeUndefined()
})

test('a title is text', async () => {
  // The page may not replace it before it has been looked at.
  const page = await browser.open({ javaScriptEnabled: false })
  for (const [i, name] of HOSTILE.entries()) {
    const path = join(dir, 'title.html')
    writeFileSync(path, pageOf([{ ...hostileProfile(i, name), sources: [] }]))
    await page.goto(pathToFileURL(path).href)
    expect(await page.title()).toBe(`${printable(name)} · profview`)
    const tags = await page
      .locator('head > *')
      .evaluateAll((all) => all.map((each) => each.tagName))
    expect(tags.join(' ')).toBe('META META META META TITLE LINK SCRIPT STYLE')
  }
})
