/**
 * `npm run screenshots`: the pictures of the README, from the dumps of the last demo in
 * `profiles/`. Run `npm run demo -- --no-serve` before.
 */
import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { chromium as playwright } from 'playwright-core'
import { profview } from '../demo/support/cli.mjs'
import { dumpsOfDemo, mostTelling } from '../demo/support/dumps.mjs'

const BIN = join(import.meta.dirname, '../bin/profview.js')
const LARGEST = 300_000

const dumps = dumpsOfDemo(await profview('list', 'profiles', '--json'))
const { file } = await mostTelling(dumps, (dump) =>
  profview('show', dump.file, '--threshold', '0.02'),
)
const browser = await playwright.launch({
  executablePath: await chromium.executablePath(),
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
})
try {
  await withViewer('profiles', async (url) => {
    const page = await openPage(url, { width: 1200, height: 560 })
    await page.waitForSelector('.request-row:not(.heads)')
    await page.click('text=Duration ms')
    await shoot(page, 'requests')
    const compare = await openPage(url, { width: 1200, height: 620 })
    await compare.goto(`${url}#/compare?route=${encodeURIComponent('GET /orders/:id/invoice')}`)
    await compare.waitForSelector('.compare-table tbody tr')
    await shoot(compare, 'compare')
  })
  await withViewer(file, async (url) => {
    const page = await openPage(url, { width: 1200, height: 760 })
    await page.waitForSelector('.tree-row:not(.heads)')
    await shoot(page, 'tree')
    await page.click('text=Timeline')
    await page.waitForSelector('canvas')
    await page.waitForTimeout(500)
    await shoot(page, 'timeline')
  })
} finally {
  await browser.close()
}

// --- internal ---

async function openPage(url, viewport) {
  const page = await browser.newPage({ viewport, colorScheme: 'light' })
  await page.goto(url)
  return page
}

async function shoot(page, name) {
  const path = join(import.meta.dirname, `${name}.png`)
  await page.screenshot({ path })
  const { size } = statSync(path)
  console.log(`docs/${name}.png  ${Math.round(size / 1000)} kB`)
  if (size > LARGEST) throw new Error(`docs/${name}.png is too large for a README`)
}

/** The viewer as users start it. */
async function withViewer(input, use) {
  const child = spawn(process.execPath, [BIN, 'open', input, '--no-open', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const line = await new Promise((resolve) => {
      child.stdout.once('data', (data) => resolve(String(data)))
    })
    await use(line.trim().replace('profview: ', ''))
  } finally {
    child.kill()
  }
}
