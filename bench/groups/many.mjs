/** A directory of 10,000 dumps: how soon its first rows are there, and what memory that takes. */
import { readFileSync } from 'node:fs'
import { openBrowser } from '../support/browser.mjs'
import { writeDumps } from '../support/generate.mjs'
import { startOpen } from '../support/open.mjs'
import { PROFVIEW, runNode, withDirectory } from '../support/programs.mjs'
import { summary } from '../support/statistics.mjs'

const DUMPS = 10_000
const ROUNDS = 5

export async function* many() {
  yield* await withDirectory(async (dir) => {
    writeDumps(dir, DUMPS)
    const lists = []
    for (let i = 0; i <= ROUNDS; i++) lists.push(await runNode([PROFVIEW, 'list', dir]))
    // The first fills the caches.
    const listed = lists.slice(1)
    const opened = await withBrowser((page) => open(dir, page))
    const of = (runs, key) => summary(runs.map((run) => run[key]))
    return [
      { row: '`list` of 10,000 dumps: first rows', unit: 'ms', ...of(listed, 'firstMs') },
      { row: '`list` of 10,000 dumps: memory', unit: 'MB', ...of(listed, 'megabytes') },
      { row: '`open` of 10,000 dumps: first rows', unit: 'ms', ...of(opened, 'ms') },
      { row: '`open` of 10,000 dumps: memory', unit: 'MB', ...of(opened, 'megabytes') },
    ]
  })
}

// --- internal ---

async function withBrowser(measure) {
  const browser = await openBrowser()
  try {
    const found = []
    for (let i = 0; i < ROUNDS; i++) {
      const page = await browser.newPage()
      found.push(await measure(page))
      await page.close()
    }
    return found
  } finally {
    await browser.close()
  }
}

/** From the start of the command to the first row in the page. */
async function open(dir, page) {
  const start = performance.now()
  const viewer = await startOpen([dir])
  try {
    await page.goto(viewer.url)
    await page.waitForSelector('tbody tr')
    return { ms: performance.now() - start, megabytes: largestMemory(viewer.pid) }
  } finally {
    await viewer.stop()
  }
}

function largestMemory(pid) {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1000
}
