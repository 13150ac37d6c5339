/** Profiles of other tools that are picked together, in a real Chromium: what they are called. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeProfile } from '../../src/formats/registry.js'
import { textOf, useBrowser, useViewer } from '../support/browser.js'
import { profileFrom } from '../support/trees.js'

const browser = useBrowser()
const viewer = useViewer((dir) => {
  const inputs = [1, 2, 3, 4].map((ms) => {
    const path = join(dir, `${ms}.cpuprofile`)
    writeFileSync(path, encodeProfile(profileFrom(`main;a${ms} ${ms * 1000}`), 'cpuprofile'))
    return path
  })
  return { inputs }
})

test('they are profiles, no requests, and each of them counts as one', async () => {
  const page = await browser.open({ viewport: { width: 1280, height: 900 } })
  await page.goto(viewer.url)
  await page.getByRole('link', { name: 'Merge 4 profiles' }).click()
  await page.waitForSelector('tbody .tree-row')
  await expect.poll(() => textOf(page.locator('h1'))).toBe('All profiles')
  expect(await page.title()).toBe('4 profiles · profview')
  const files = await page.locator('.part-choice option').allTextContents()
  expect(files.slice(1)).toHaveLength(4)
  await page.getByRole('link', { name: 'Compare' }).click()
  const facts = page.locator('header.summary .facts')
  await expect
    .poll(() => textOf(facts))
    .toMatch(/^before: 1.50 ms \(2 profiles.* after: 3.50 ms \(2 profiles/)
  expect(await textOf(page.locator('h1'))).toBe('+2.00 ms per profile')
  expect(await textOf(page.locator('main'))).not.toMatch(/request/i)
})
