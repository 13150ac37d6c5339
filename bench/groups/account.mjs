/** How much of its requests' time the demo's shop calls profview's own, six of them at a time. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readProfile } from 'profview'
import { startDatabase } from '../../demo/support/database.mjs'
import { sendTraffic } from '../../demo/support/traffic.mjs'
import { startWorkers, stopWorkers } from '../../demo/support/workers.mjs'
import { withDirectory } from '../support/programs.mjs'
import { percentile, summary } from '../support/statistics.mjs'

const ROUNDS = 3
const TRAFFIC = { seconds: 5, least: 200, clients: 6, every: 1, onProgress() {} }

export async function* account() {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await withDirectory(sharesOf))
  const at = (share) => summary(rounds.map((shares) => percentile(shares, share) * 100))
  const row = "profview's own account, demo with six at a time"
  yield { row: `${row}: median`, unit: '%', ...at(0.5), note: `${rounds[0].length} requests` }
  yield { row: `${row}: 95th percentile`, unit: '%', ...at(0.95) }
}

// --- internal ---

async function sharesOf(dir) {
  const database = await startDatabase()
  try {
    const port = await startWorkers(1, { DATABASE_PORT: database.port, PROFVIEW_DIR: dir })
    await sendTraffic({ ...TRAFFIC, port })
    await sleep(2000)
    await stopWorkers()
  } finally {
    database.close()
  }
  const dumps = readdirSync(dir).filter((name) => name.endsWith('.cpuprofile'))
  return dumps.flatMap((name) =>
    readProfile(join(dir, name)).sources.map(
      ({ ledger, durationMicros }) => ledger.profiler / durationMicros,
    ),
  )
}
