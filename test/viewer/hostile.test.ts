import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeProfile } from '../../src/formats/registry.js'
import { useBrowser, useViewer } from '../support/browser.js'
import { FOREIGN, HOSTILE, hostileProfile } from '../support/hostile.js'

const browser = useBrowser()
const viewer = useViewer((dir) => {
  for (const [i, name] of HOSTILE.entries()) {
    const bytes = encodeProfile(hostileProfile(i, name), 'cpuprofile')
    writeFileSync(join(dir, `hostile-${i}.cpuprofile`), bytes)
  }
  return { inputs: [dir] }
})

test('names are text, wherever they are shown', async () => {
  const page = await browser.open({ viewport: { width: 1280, height: 3_000 } })
  await page.goto(viewer.url)
  await page.waitForSelector('tbody .row')
  expect(await page.evaluate(FOREIGN)).toEqual([])
  await expect.poll(() => page.locator('tbody .row').count()).toBe(HOSTILE.length)
  for (const hash of ['#/tree?all&open=all&fold=off', '#/tree?all&q=window.hit']) {
    await page.goto(viewer.url + hash)
    await page.waitForSelector('tbody .tree-row')
    expect(await page.evaluate(FOREIGN)).toEqual([])
  }
  await page.goto(`${viewer.url}#/timeline?all`)
  await page.waitForSelector('tbody .gantt-bar')
  expect(await page.evaluate(FOREIGN)).toEqual([])
  await page.locator('tbody .gantt-row a', { hasText: 'onerror' }).first().click()
  await page.getByText('As a table').click()
  await page.waitForSelector('.pieces tbody tr')
  await page.mouse.move(900, 240)
  expect(await page.evaluate(FOREIGN)).toEqual([])
  await page.goto(`${viewer.url}#/tree?all&q=window.hit`)
  await page.waitForSelector('tbody .tree-row')
  const names = await page.locator('tbody .name').allInnerTexts()
  expect(names).toContain('<img src=x onerror=window.hit=1>')
  expect(names).toContain('__proto__')
  for (const name of HOSTILE) await page.mouse.move(100 + name.length, 400 + name.length * 20)
  expect(await page.evaluate('window.hit')).toBeUndefined()
  expect(await page.evaluate('({}).hit')).toBeUndefined()
}, 60_000)
