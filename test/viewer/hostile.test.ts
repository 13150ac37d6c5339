import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeProfile } from '../../src/formats/registry.js'
import { ProfileBuilder, ROOT_STACK } from '../../src/profile/builder.js'
import type { DumpMeta } from '../../src/profile/profile.js'
import { startViewer } from '../../src/server/server.js'
import { launchBrowser } from '../support/browser.js'
import { HOSTILE } from '../support/hostile.js'
import { BARE_META, temporaryDirectory } from '../support/shop.js'

test('names are text, wherever they are shown', async () => {
  const { dir, remove } = temporaryDirectory()
  onTestFinished(remove)
  for (const [i, name] of HOSTILE.entries()) writeHostileDump(dir, i, name)
  const browser = await launchBrowser()
  onTestFinished(() => browser.close())
  const viewer = await startViewer({ inputs: [dir], port: 0, page: browser.page })
  onTestFinished(() => viewer.close())
  const { page, complaints } = await browser.open({ viewport: { width: 1280, height: 3_000 } })
  await page.goto(viewer.url)
  await page.waitForSelector('tbody .row')
  expect(await page.evaluate(FOREIGN)).toEqual([])
  expect(await page.locator('tbody .row').count()).toBe(HOSTILE.length)
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
  expect(complaints).toEqual([])
}, 60_000)

/** Runs in the page: elements and attributes that our page does not make. */
const FOREIGN = `(() => {
  const bad = 'script,style,link,meta,base,iframe,img,svg,math,object,embed,form'
  const found = [...document.querySelectorAll('#app :is(' + bad + ')')].map((each) => each.outerHTML)
  for (const element of document.querySelectorAll('#app *')) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on')) found.push(name)
      if ((name === 'href' || name === 'src') && !/^(#|\\.\\/)/.test(value)) found.push(value)
    }
  }
  return found
})()`

function writeHostileDump(dir: string, index: number, name: string): void {
  const builder = new ProfileBuilder()
  const frame = builder.frame({ name, file: `/srv/${name}.js`, line: 1, column: 1 })
  const wait = builder.frame({ name: `[await] ${name}`, file: '', line: 0, column: 0 })
  const stack = builder.stack(ROOT_STACK, frame)
  builder.sample(stack, 1_000 + index, builder.labelSet([[name, name]]))
  builder.sample(builder.stack(stack, wait), 500)
  const meta: DumpMeta = {
    ...BARE_META,
    id: `id-${index}`,
    durationMicros: 1_500 + index,
    ledger: { cpu: 1_000 + index, gc: 0, await: 500, blocked: 0, profiler: 0, unknown: 0 },
    request: { method: name, route: name, status: 200, aborted: false },
    process: { pid: index + 1, workerId: 0, threadId: 0, host: name, node: name },
    warnings: [name],
    labels: Object.fromEntries([[name, name]]),
  }
  const profile = builder.build({ name, timeline: true, sources: [meta] })
  writeFileSync(join(dir, `hostile-${index}.cpuprofile`), writeProfile(profile, 'cpuprofile'))
}
