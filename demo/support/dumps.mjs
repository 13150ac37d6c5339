import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** What the app labels its dumps with, so that nobody else's are touched. */
const LABEL = '"app":"profview-demo"'
const PATIENCE_MS = 8000

/** Removes what the last demo left in the directory, and nothing else. */
export function forgetEarlierDumps(dir) {
  for (const file of filesOf(dir)) {
    if (isOurs(file)) rmSync(file)
  }
}

export function countDumps(dir) {
  return filesOf(dir).length
}

/** Dumps are written off the app's thread, a moment after the response. */
export async function waitForDumps(dir, count) {
  const until = performance.now() + PATIENCE_MS
  while (countDumps(dir) < count && performance.now() < until) await sleep(50)
}

/** From the output of `profview list --json`. */
export function dumpsOfDemo(json) {
  return JSON.parse(json).filter(({ labels }) => labels.app === 'profview-demo')
}

/**
 * The invoice that shows most, or another request if none does: one that waited for the database
 * and was held up by a report, `isTelling`, if there is one. `show`: its text.
 */
export async function mostTelling(dumps, show) {
  const isInvoice = ({ request }) => request.route === '/orders/:id/invoice'
  const byWorth = dumps
    .filter(({ request }) => request.route !== '/report')
    .sort((a, b) => isInvoice(b) - isInvoice(a) || worth(b) - worth(a))
  for (const dump of byWorth) {
    if (!namesReport(dump)) continue
    const text = await show(dump)
    if (text.includes('GET /report') && text.includes('[await] TCP')) {
      return { file: dump.file, isTelling: true }
    }
  }
  return { file: byWorth[0].file, isTelling: false }
}

function worth({ ledger, warnings }) {
  const accounts = [ledger.await, ledger.blocked / 3, ledger.cpu]
  return (
    Math.min(...accounts) + (ledger.gc > 0 ? 2000 : 0) - ledger.profiler - warnings.length * 20_000
  )
}

function namesReport({ file }) {
  return readFileSync(file, 'utf8').includes('"GET /report"')
}

function filesOf(dir) {
  try {
    const names = readdirSync(dir).filter((name) => /^[^.].*\.cpuprofile$/.test(name))
    return names.map((name) => join(dir, name))
  } catch {
    return []
  }
}

function isOurs(file) {
  return readFileSync(file, 'utf8').replaceAll(/\s/g, '').includes(LABEL)
}
