/**
 * What each request pays that nobody asked about: CPU time of the server's process, client and
 * database in processes of their own.
 */
import { ARMED, withServers } from '../support/servers.mjs'
import { cpuOfTurn, more, times, turnAbout } from '../support/turn-about.mjs'

const VARIANTS = {
  none: {},
  unarmed: { options: { ...ARMED, arm: 'trigger' } },
  'bare 5': { bare: 5 },
  'armed 5': { options: ARMED },
  slow: { options: { ...ARMED, slow: 500 } },
  'bare 1': { bare: 1 },
  'armed 1': { options: { ...ARMED, interval: 1 } },
}

export async function* requests(app) {
  const cpu = await withServers(app, async (start) => {
    const servers = {}
    for (const [name, what] of Object.entries(VARIANTS)) servers[name] = await start(what)
    for (const server of Object.values(servers)) await cpuOfTurn(server, 1200)
    return turnAbout(servers, 35, async (server) => (await cpuOfTurn(server, 220)).cpu)
  })
  yield { row: 'a request without profview: CPU time', unit: 'µs', ...times(cpu.none, ONE(cpu)) }
  yield { row: 'mounted, unused (`arm: trigger`)', unit: 'µs', ...more(cpu.unarmed, cpu.none) }
  for (const ms of [5, 1]) {
    const [armed, bare] = [cpu[`armed ${ms}`], cpu[`bare ${ms}`]]
    yield {
      row: `the bare sampler at ${ms} ms, over none`,
      unit: 'times',
      ...times(bare, cpu.none),
    }
    yield { row: `armed at ${ms} ms, over the bare sampler`, unit: 'µs', ...more(armed, bare) }
    yield { row: `armed at ${ms} ms, over none`, unit: 'times', ...times(armed, cpu.none) }
  }
  yield { row: '`slow`, over armed', unit: 'µs', ...more(cpu.slow, cpu['armed 5']) }
}

// --- internal ---

const ONE = ({ none }) => none.map(() => 1)
