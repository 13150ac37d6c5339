/** An armed process that nobody asks anything: what waking up for the sampler costs. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ARMED, withServers } from '../support/servers.mjs'
import { summary } from '../support/statistics.mjs'
import { turnAbout } from '../support/turn-about.mjs'

export async function* idle() {
  const runs = await withServers('hello', async (start) => {
    const servers = {}
    for (const interval of [5, 1]) {
      servers[interval] = await start({ options: { ...ARMED, interval } }, 1)
      await servers[interval].client.load(servers[interval].typical, 500)
    }
    await sleep(3000)
    return turnAbout(servers, 6, perSecond)
  })
  for (const interval of [5, 1]) {
    const of = (key) => summary(runs[interval].map((run) => run[key]))
    const row = `idle, armed at ${interval} ms`
    yield { row: `${row}: wake-ups`, unit: '/s', ...of('wakeUps') }
    yield { row: `${row}: share of a core`, unit: '%', ...of('share') }
  }
}

// --- internal ---

async function perSecond({ pid, ask }) {
  const [before, wakeUps, from] = [await ask('usage'), wakeUpsOf(pid), performance.now()]
  await sleep(2000)
  const seconds = (performance.now() - from) / 1000
  const after = await ask('usage')
  return {
    wakeUps: (wakeUpsOf(pid) - wakeUps) / seconds,
    share: (after.cpuMicros - before.cpuMicros) / seconds / 1e4,
  }
}

/** Of all threads, since they began. */
function wakeUpsOf(pid) {
  const threads = readdirSync(`/proc/${pid}/task`)
  const counts = threads.map((thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)[1])
  })
  return counts.reduce((sum, count) => sum + count)
}
