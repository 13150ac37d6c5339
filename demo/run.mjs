/**
 * `npm run demo`: a shop's API on two cluster workers, traffic, and what profview says about it.
 * `npm run demo -- --no-serve` stops after the text.
 */
import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { profview, serveViewer, showProfview, stopChildren } from './support/cli.mjs'
import { startDatabase } from './support/database.mjs'
import {
  countDumps,
  dumpsOfDemo,
  forgetEarlierDumps,
  mostTelling,
  waitForDumps,
} from './support/dumps.mjs'
import { progress, say, table } from './support/print.mjs'
import { sendTraffic } from './support/traffic.mjs'
import { killWorkers, startWorkers, stopWorkers } from './support/workers.mjs'

/** What is printed can be copied to any directory. */
const DIR = resolve('profiles')
/** Not among the dumps, so that the viewer does not show everything twice. */
const MERGED = join(DIR, 'merged/shop.pb.gz')
const WORKERS = 2
const TRAFFIC = { seconds: 4, least: 300, clients: 8, every: 4 }

let interrupted = 130
process.once('SIGINT', () => end(interrupted))
process.once('SIGTERM', () => end(143))

try {
  await main(!process.argv.includes('--no-serve'))
  end(0)
} catch (error) {
  console.error(`\ndemo: ${error.stack}`)
  end(1)
}

async function main(serves) {
  forgetEarlierDumps(DIR)
  const profiled = await runShop()
  const dumps = dumpsOfDemo(await profview('list', DIR, '--json'))
  if (dumps.length < profiled) throw new Error(`${profiled - dumps.length} dumps are missing`)

  const toShow = ({ file }) => ['show', file, '--threshold', '0.02']
  const telling = await mostTelling(dumps, (dump) => profview(...toShow(dump)))
  const what = ': it computed, waited for the database, and was held up by a report.'
  say(`One request of the crowd${telling.isTelling ? what : ':'}`)
  await showProfview(toShow(telling))
  say('The latest dumps of both workers:')
  await showProfview(['list', DIR], { lines: 9 })
  table(dumps)
  say('All of them as one profile, for any pprof viewer:')
  mkdirSync(dirname(MERGED), { recursive: true })
  await showProfview(['merge', DIR, '-o', MERGED])
  await showProfview(['show', MERGED, '--flat'], { lines: 18 })
  if (!serves) return
  say('And in the browser, until Ctrl-C:')
  // From here on it is the way to leave.
  interrupted = 0
  await serveViewer(DIR)
}

/**
 * Starts the app, keeps it busy, and waits for its dumps. Resolves to how many requests were
 * profiled.
 */
async function runShop() {
  const before = countDumps(DIR)
  const database = await startDatabase()
  try {
    const port = await startWorkers(WORKERS, { DATABASE_PORT: database.port, PROFVIEW_DIR: DIR })
    say(`A shop's API on http://127.0.0.1:${port}, ${WORKERS} workers, ${TRAFFIC.clients} clients:`)
    const done = progress()
    const counts = await sendTraffic({ ...TRAFFIC, port, onProgress: done.update })
    await waitForDumps(DIR, before + counts.profiled)
    done.end()
    if (counts.failed > 0) throw new Error(`${counts.failed} requests failed`)
    await stopWorkers()
    return counts.profiled
  } finally {
    database.close()
  }
}

function end(code) {
  killWorkers()
  stopChildren()
  process.exit(code)
}
