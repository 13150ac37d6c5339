/** The page of a tool's profile, in which next to nothing is code of an app: webpack's own. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { textOf, useBrowser, useViewer } from '../support/browser.js'

const FILE = join(
  import.meta.dirname,
  '../../fixtures/profiles/chrome-trace/webpack5.trace.json.gz',
)
const browser = useBrowser()
const viewer = useViewer(() => ({ inputs: [FILE] }))

test('its functions are those of the heaviest packages, and it is said what others have', async () => {
  const page = await browser.open()
  await page.goto(viewer.url.replace('#/tree', '#/functions'))
  await page.waitForSelector('tbody .function-row')
  const found = page.locator('.found')
  await expect
    .poll(() => textOf(found))
    .toMatch(/^\d\d+ functions, \d\d? % of the time is in others$/)
  const rows = page.locator('tbody .function-row .location')
  await expect.poll(async () => (await rows.allInnerTexts()).join('\n')).toContain('webpack/lib')
  await page.getByRole('button', { name: 'All', exact: true }).click()
  await expect.poll(() => textOf(found)).toMatch(/^[\d,]+ functions$/)
})

test('its accounts are those that it has, and where nothing ran it was idle', async () => {
  const page = await browser.open()
  await page.goto(viewer.url)
  const names = page.locator('.ledger dt')
  await expect
    .poll(async () => (await names.allInnerTexts()).map((name) => name.trim()))
    .toEqual(['cpu', 'gc', 'idle', 'unknown'])
})
