/** Profiles of bytes, counts and delays, in a real Chromium. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeProfile } from '../../src/formats/registry.js'
import type { Unit } from '../../src/profile/profile.js'
import { textOf, useBrowser, useViewer } from '../support/browser.js'
import { profileFrom } from '../support/trees.js'

const browser = useBrowser()
const UNITS: readonly Unit[] = ['bytes', 'counts', 'delay', 'samples', 'microseconds']
const viewer = useViewer((dir) => {
  const inputs = UNITS.map((unit) => {
    const path = join(dir, `${unit}.cpuprofile`)
    const facts = { name: unit, unit, timeline: false }
    writeFileSync(
      path,
      encodeProfile(profileFrom('main;a 3000000\nmain 400000', facts), 'cpuprofile'),
    )
    return path
  })
  return { inputs }
})

test('have their numbers in their own unit, and no card of accounts', async () => {
  const page = await browser.open({ viewport: { width: 1280, height: 900 } })
  const seen: Record<string, string[]> = {}
  for (const unit of UNITS) {
    await page.goto(viewer.url)
    await page.waitForSelector('tbody .request-row')
    await page
      .locator('tbody .request-row a', { hasText: `${unit}.cpuprofile` })
      .first()
      .click()
    await page.waitForSelector('tbody .tree-row')
    await expect.poll(() => textOf(page.locator('h1'))).toBe(`${unit}.cpuprofile`)
    const header = page.locator('header.summary')
    seen[unit] = [
      await textOf(header.locator('.duration')),
      await textOf(header.locator('.facts')),
      await textOf(page.locator('thead .cell-total')),
      await textOf(page.locator('tbody .tree-row .cell-total').first()),
      `${await header.locator('.ledger').count()} cards`,
    ]
    if (unit !== 'microseconds' && unit !== 'samples') {
      expect(await textOf(page.locator('main'))).not.toMatch(/\b(cpu|busy|samples?)\b/i)
    }
  }
  expect(seen).toEqual({
    bytes: ['3.4 MB', 'bytes, not time', 'Total kB', '3,400.0', '0 cards'],
    counts: ['3,400,000', 'counts, not time', 'Total', '3,400,000', '0 cards'],
    delay: [
      '3,400.0 ms',
      'time waited, of all threads together; nothing ran in it',
      'Total ms',
      '3,400.0',
      '0 cards',
    ],
    samples: ['3,400,000 samples', '', 'Total', '3,400,000', '0 cards'],
    microseconds: ['3,400.0 ms', '', 'Total ms', '3,400.0', '1 cards'],
  })
})
