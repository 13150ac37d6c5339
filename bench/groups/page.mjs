/** The page with 1 million samples and 100,000 calls, in Chromium, from its own server. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { largeCpuprofile } from '../../test/support/large-cpuprofile.mjs'
import { openBrowser } from '../support/browser.mjs'
import { startOpen } from '../support/open.mjs'
import { withDirectory } from '../support/programs.mjs'
import { summary } from '../support/statistics.mjs'

const SIZE = { samples: 1_000_000, nodes: 100_000, depth: 60 }
const ROUNDS = 4
/** From one end to the other, the heaviest path, a search as it is typed, and its next match. */
const KEYS = ['End', 'Home', 'ArrowDown', 'h', '/', 'f', 'u', 'n', 'Enter', 'Escape']

export async function* page() {
  const rounds = await withDirectory(async (dir) => {
    const file = join(dir, 'large.cpuprofile')
    writeFileSync(file, largeCpuprofile(SIZE))
    const [viewer, browser] = [await startOpen([file]), await openBrowser()]
    try {
      const found = []
      for (let round = 0; round < ROUNDS; round++) found.push(await visit(browser, viewer.url))
      return found
    } finally {
      await browser.close()
      await viewer.stop()
    }
  })
  const of = (key) => summary(rounds.map((round) => round[key]))
  const row = 'the page with 1 M samples, 100,000 calls'
  yield { row: `${row}: usable`, unit: 'ms', ...of('usable') }
  yield { row: `${row}: turned round`, unit: 'ms', ...of('turned') }
  yield { row: `${row}: longest block`, unit: 'ms', ...of('longest') }
  yield { row: `${row}: slowest of ${KEYS.length} keys`, unit: 'ms', ...of('slowestKey') }
}

// --- internal ---

async function visit(browser, url) {
  const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await tab.addInitScript(`
    window.longest = 0
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration)
    }).observe({ type: 'longtask' })
    requestAnimationFrame(function look() {
      if (document.querySelector('tbody .tree-row')) {
        requestAnimationFrame(() => { window.usableAt = performance.now() })
      } else requestAnimationFrame(look)
    })
    window.usableAt = 0
    window.frameAfter = 0
    addEventListener('keydown', () => {
      const from = performance.now()
      requestAnimationFrame(() => setTimeout(() => { frameAfter = performance.now() - from }))
    }, { capture: true })`)
  await tab.goto(url)
  const usable = await tab.evaluate(whenSet('usableAt'))
  let slowestKey = 0
  for (const key of KEYS) slowestKey = Math.max(slowestKey, await press(tab, key))
  const turned = await turnRound(tab)
  const longest = await tab.evaluate('longest')
  await tab.close()
  return { usable, slowestKey, turned, longest }
}

/** From a key to the frame that shows what it did, ms. */
async function press(tab, key) {
  await tab.evaluate('frameAfter = 0')
  await tab.keyboard.press(key)
  return tab.evaluate(whenSet('frameAfter'))
}

/** From the key to the first frame with other rows, ms. */
async function turnRound(tab) {
  await tab.evaluate(`
    window.turnedAfter = 0
    const firstRow = () => document.querySelector('tbody .tree-row')?.textContent
    const before = firstRow()
    addEventListener('keydown', () => {
      const from = performance.now()
      requestAnimationFrame(function look() {
        if ((firstRow() ?? before) === before) return requestAnimationFrame(look)
        setTimeout(() => { turnedAfter = performance.now() - from })
      })
    }, { capture: true, once: true })`)
  await tab.keyboard.press('i')
  return tab.evaluate(whenSet('turnedAfter'))
}

/** In the page, whose policy forbids what `waitForFunction` does. */
function whenSet(variable) {
  return `new Promise((resolve) => {
    const look = () => ${variable} ? resolve(${variable}) : setTimeout(look, 20)
    look()
  })`
}
