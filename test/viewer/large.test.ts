/** As large as the page has to bear: what is on show stays small, and everything can be reached. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { textOf, useBrowser, useViewer } from '../support/browser.js'
import { largeCpuprofile, type Size } from '../support/large-cpuprofile.mjs'

const browser = useBrowser()
const deep = viewerOf({ samples: 1_000_000, nodes: 100_000, depth: 1_000 })
const wide = viewerOf({ samples: 210_000, nodes: 0, siblings: 200_000 })

function viewerOf(size: Size) {
  return useViewer((dir) => {
    const file = join(dir, 'large.cpuprofile')
    writeFileSync(file, largeCpuprofile(size))
    return { inputs: [file] }
  })
}

/** Runs in the page from its start: what it said while it was reading. */
const LISTEN = `
  window.said = new Set()
  new MutationObserver(() => {
    for (const each of document.querySelectorAll('[role=status]')) said.add(each.textContent)
  }).observe(document, { childList: true, characterData: true, subtree: true })`

async function visit(url: string) {
  const page = await browser.open({ viewport: { width: 1280, height: 900 } })
  await page.addInitScript(LISTEN)
  await page.goto(url)
  await page.waitForSelector('tbody .tree-row', { timeout: 60_000 })
  return page
}

const rowCount = () => browser.now.locator('tbody .tree-row').count()
const activeName = () => textOf(browser.now.locator('[data-active] .name'))

test('200,000 calls of one function: scrolled, searched, and never all in the document', async () => {
  const page = await visit(`${wide.url}&open=all`)
  const said = await page.evaluate<string[]>('[...said]')
  expect(said.some((text) => /^Reading… \d+ %$/.test(text))).toBe(true)
  const count = await page.locator('table').getAttribute('aria-rowcount')
  expect(Number(count)).toBeGreaterThan(200_000)
  await page.keyboard.press('End')
  const active = page.locator('[data-active]')
  await expect.poll(() => active.getAttribute('aria-rowindex')).toBe(count)
  await expect.poll(() => active.isVisible()).toBe(true)
  expect(await rowCount()).toBeLessThan(150)
  await page.keyboard.press('/')
  await page.keyboard.type('function199999')
  await expect.poll(() => textOf(page.locator('[data-match] .name'))).toBe('function199999')
  await expect.poll(() => textOf(page.locator('.found'))).toContain('1 of 1 call')
  expect(await rowCount()).toBeLessThan(150)
}, 120_000)

test('a million samples, a thousand deep, all open: the deepest call is in view with its name', async () => {
  const page = await visit(`${deep.url}&open=all&fold=off`)
  await page.keyboard.press('/')
  await page.keyboard.type('function1000 file')
  await expect.poll(activeName).toBe('function1000')
  const row = page.locator('[data-active]')
  expect(Number(await row.getAttribute('aria-level'))).toBeGreaterThan(900)
  const box = (await row.locator('.name').boundingBox())!
  expect(box.x + box.width).toBeLessThan(1280)
  expect(await rowCount()).toBeLessThan(150)
  await page.getByRole('button', { name: 'Libraries folded' }).click()
  await expect.poll(() => page.url()).not.toContain('fold=off')
  await page.getByRole('link', { name: 'Timeline' }).click()
  await page.waitForSelector('.timeline-stage canvas', { timeout: 60_000 })
  await page.getByRole('link', { name: 'Functions' }).click()
  await page.waitForSelector('tbody .function-row', { timeout: 60_000 })
}, 180_000)
