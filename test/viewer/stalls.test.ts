import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeProfile } from '../../src/formats/registry.js'
import type { Stall } from '../../src/profile/profile.js'
import { textOf, useBrowser, useViewer } from '../support/browser.js'
import { dumpOf } from '../support/meta.js'
import { writeBusyMinute } from '../support/shop.js'

const browser = useBrowser()
const viewer = useViewer((dir) => {
  writeBusyMinute(dir, 3)
  const delayed = ['GET /search', 'GET /search', 'GET /users/:id', 'GET /a', 'GET /b', 'GET /c']
  writeStall(dir, 1, 'GET /report', {
    delayedCount: 14,
    delayed: delayed.map((title, i) => {
      return { title, micros: 498_000 - i * 50_000, leastMicros: i === 0 ? 490_000 : 0 }
    }),
  })
  writeStall(dir, 2, 'background', { cause: 'microtasks', ended: false })
  return { inputs: [dir] }
})
const bare = useViewer((dir) => {
  writeBusyMinute(dir, 1)
  return { inputs: [dir] }
})

async function visit(url = viewer.at('#/requests?group=stalls')) {
  const page = await browser.open({ timezoneId: 'UTC' })
  await page.goto(url)
  await page.waitForSelector('main :is(tbody .row, .empty)')
  return page
}

const rows = async () =>
  (await browser.now.locator('tbody .row').allInnerTexts()).map((text) =>
    text.trim().split(/\s*\n\s*|\t/),
  )

test('each stall is a row: when, how long, whose, where, why, and who waited', async () => {
  const page = await visit(viewer.at('#/requests'))
  await page.getByText('Stalls', { exact: true }).click()
  await expect.poll(rows).toEqual([
    [
      '14:01:02.000',
      '512.0',
      'background work',
      'add (report.mjs:36)',
      'microtasks, goes on',
      '0',
      'box/2',
    ],
    [
      '14:01:01.000',
      '512.0',
      'GET /report',
      'add (report.mjs:36)',
      'callback',
      '14, 498.0',
      'box/2',
    ],
  ])
  expect(page.url()).toContain('group=stalls')
})

test('a new one comes by itself', async () => {
  await visit()
  await expect.poll(async () => (await rows()).length).toBe(2)
  writeStall(viewer.dir, 3, 'GET /export', {})
  await expect.poll(async () => (await rows())[0]?.[2], { timeout: 20_000 }).toBe('GET /export')
})

test('the filter finds whose it was, where and why', async () => {
  const page = await visit()
  await expect.poll(async () => (await rows()).length).toBeGreaterThan(1)
  await page.keyboard.press('/')
  await page.keyboard.type('add microtasks')
  await expect.poll(async () => (await rows()).map((row) => row[2])).toEqual(['background work'])
})

test('a click opens what had the loop, and who waited', async () => {
  const page = await visit()
  await page.getByRole('link', { name: 'GET /report' }).click()
  await page.waitForSelector('.tree-row')
  await expect.poll(() => textOf(page.locator('h1'))).toBe('stall (GET /report)')
  await expect
    .poll(() => textOf(page.locator('.findings li').first()))
    .toBe(
      'GET /report held the loop for 512 ms, 430 ms of it in add (report.mjs:36); ' +
        'up to 14 requests waited, 1 of them more than 400 ms.',
    )
  await expect
    .poll(async () => (await page.locator('.card').first().innerText()).split(/\s*\n\s*/))
    .toEqual([
      'up to 14 requests waited',
      ...['GET /search', '498 ms', 'GET /search', 'up to 448 ms', 'GET /users/:id', 'up to 398 ms'],
      ...['GET /a', 'up to 348 ms', 'GET /b', 'up to 298 ms', '… and 9 more'],
    ])
})

test('on a phone no cell leaves its row', async () => {
  const page = await visit()
  await page.setViewportSize({ width: 360, height: 800 })
  await page.waitForSelector('tbody .row')
  await expect
    .poll(() =>
      page.locator('tbody .row').evaluateAll((all) =>
        all.flatMap((row) => {
          const { left, right, top, bottom } = row.getBoundingClientRect()
          return [...row.children].flatMap((cell) => {
            const box = cell.getBoundingClientRect()
            const isOut =
              box.left < left - 1 ||
              box.right > right + 1 ||
              box.top < top - 1 ||
              box.bottom > bottom + 1
            return isOut ? [cell.className] : []
          })
        }),
      ),
    )
    .toEqual([])
})

test('where there is none, it says how to have them', async () => {
  const page = await visit(bare.at('#/requests?group=stalls'))
  await expect.poll(() => textOf(page.locator('.empty'))).toContain('PROFVIEW_STALL=200')
})

// --- internal ---

function writeStall(dir: string, second: number, title: string, facts: Partial<Stall>): void {
  const own = { name: 'add', file: '/srv/report.mjs', line: 36 }
  const by = [{ title, ...own, micros: 510_000, functionMicros: 430_000 }]
  const lines = `${title};handle@/srv/app.mjs:1;add@/srv/report.mjs:36 430000
    ${title};handle@/srv/app.mjs:1 82000`
  const dump = dumpOf(lines, {
    ...{ id: `stall${second}`, kind: 'stall', kept: 'stall', request: null },
    durationMicros: 512_000,
    startedAt: `2026-11-20T14:01:0${second}.000Z`,
    ledger: { cpu: 512_000, gc: 0, offcpu: 0, await: 0, blocked: 0, profiler: 0, unknown: 0 },
    stall: { ended: true, cause: 'callback', delayedCount: 0, delayed: [], by, ...facts },
  })
  writeFileSync(join(dir, `stall${second}.cpuprofile`), encodeProfile(dump, 'cpuprofile'))
}
