/**
 * The page against speedscope on the same large file, both in Chromium and from the same server:
 * the time from the navigation to the first frame with the profile in it, and how long the longest
 * task held the page up. Then what a key costs in ours. Needs `npm run build`. Options: --samples
 * 1000000 --nodes 100000 --depth 60 --siblings 0 --rounds 1; --alone leaves speedscope out, which
 * takes minutes, and at a depth of 1,000 a quarter of an hour.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import chromium from '@sparticuz/chromium'
import { chromium as playwright } from 'playwright-core'
import { startViewer } from '../dist/server/server.js'
import { largeCpuprofile } from '../test/support/large-cpuprofile.mjs'

const { values } = parseArgs({
  options: {
    samples: { type: 'string', default: '1000000' },
    nodes: { type: 'string', default: '100000' },
    depth: { type: 'string', default: '60' },
    siblings: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '1' },
    alone: { type: 'boolean', default: false },
  },
})
const { alone, ...numbers } = values
const { rounds, ...size } = Object.fromEntries(
  Object.entries(numbers).map(([name, value]) => [name, Number(value)]),
)

const dir = mkdtempSync(join(tmpdir(), 'profview-bench-'))
const file = join(dir, 'large.cpuprofile')
const text = largeCpuprofile(size)
writeFileSync(file, text)
console.log(
  `${size.samples} samples, ${size.siblings || size.nodes} calls, ${(text.length / 1e6).toFixed(0)} MB`,
)

const viewer = await startViewer({ inputs: [file], port: 0 })
const browser = await playwright.launch({
  executablePath: await chromium.executablePath(),
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
})
try {
  const base = viewer.url.replace(/#.*/, '')
  const ids = /ids=(\w|-)+/.exec(viewer.url)[0]
  const profileURL = encodeURIComponent(`${base}api/selection.cpuprofile?${ids}`)
  const pages = {
    'profview  ': { url: viewer.url, usable: `document.querySelector('tbody .tree-row')` },
    speedscope: {
      url: `${base}speedscope/#profileURL=${profileURL}`,
      usable: `/Left Heavy/.test(document.body?.textContent ?? '')`,
    },
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, { url, usable }] of Object.entries(pages)) {
      if (alone && name === 'speedscope') continue
      const { at, longest } = await timeToUse(url, usable)
      console.log(`${name} usable after ${at.toFixed(0)} ms, longest task ${longest.toFixed(0)} ms`)
    }
  }
  await keys(viewer.url)
} finally {
  await browser.close()
  await viewer.close()
  rmSync(dir, { recursive: true })
}

// --- internal ---

async function timeToUse(url, usable) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.addInitScript(`
    window.longest = 0
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration)
    }).observe({ type: 'longtask' })
    requestAnimationFrame(function look() {
      if (${usable}) requestAnimationFrame(() => { window.usableAt = performance.now() })
      else requestAnimationFrame(look)
    })`)
  await page.goto(url)
  const result = await page.evaluate(whenSet('window.usableAt', '{ at: usableAt, longest }'))
  await page.close()
  return result
}

/** In the page, whose policy forbids what `waitForFunction` does. */
function whenSet(variable, result) {
  return `new Promise((resolve) => {
    const look = () => ${variable} ? resolve(${result}) : setTimeout(look, 20)
    look()
  })`
}

/** From a key to the frame that shows what it did. */
async function keys(url) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(url)
  await page.waitForSelector('tbody .tree-row', { timeout: 300_000 })
  await page.evaluate(`
    window.frameAfter = 0
    addEventListener('keydown', () => {
      const from = performance.now()
      requestAnimationFrame(() => setTimeout(() => { frameAfter = performance.now() - from }))
    }, { capture: true })`)
  const press = async (name, key) => {
    await page.evaluate('frameAfter = 0')
    await page.keyboard.press(key)
    const ms = await page.evaluate(whenSet('frameAfter', 'frameAfter'))
    console.log(`${name} ${ms.toFixed(0)} ms`)
  }
  await press('End           ', 'End')
  await press('Home          ', 'Home')
  await press('down          ', 'ArrowDown')
  await press('heaviest path ', 'h')
  await page.keyboard.press('/')
  await press('search, first ', 'f')
  await press('search, second', 'u')
  await press('search, third ', 'n')
  await press('next match    ', 'Enter')
  await page.keyboard.press('Escape')
  await press('turn round    ', 'i')
  const from = performance.now()
  await page.getByRole('link', { name: 'Timeline' }).click()
  await page.waitForSelector('.timeline-stage canvas', { timeout: 300_000 })
  console.log(`timeline opened after ${(performance.now() - from).toFixed(0)} ms`)
  await page.locator('.timeline-stage canvas').focus()
  await press('zoom in       ', '+')
  await press('zoom out      ', '-')
  await press('move          ', 'Shift+ArrowRight')
  await page.close()
}
