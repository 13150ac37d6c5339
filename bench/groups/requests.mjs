/**
 * What each request pays that nobody asked about: CPU time of the server's process, client and
 * database in processes of their own.
 */
import { ARMED, withServers } from '../support/servers.mjs'
import { summary } from '../support/statistics.mjs'
import { afresh, cpuOfTurn, more, times, turnAbout } from '../support/turn-about.mjs'

const VARIANTS = {
  none: {},
  unarmed: { options: { ...ARMED, arm: 'trigger' } },
  'bare 5': { bare: 5 },
  'armed 5': { options: ARMED },
  slow: { options: { ...ARMED, slow: 500 } },
  stall: { options: { ...ARMED, stall: 200 } },
  'bare 1': { bare: 1 },
  'armed 1': { options: { ...ARMED, interval: 1 } },
}

export async function* requests(app) {
  const of = await afresh(4, () => withServers(app, cpuOfAll))
  yield {
    row: 'a request without profview: CPU time',
    unit: 'µs',
    ...of(({ none }) => summary(none)),
  }
  yield {
    row: 'mounted, unused (`arm: trigger`)',
    unit: 'µs',
    ...of(({ none, unarmed }) => more(unarmed, none)),
  }
  for (const ms of [5, 1]) {
    const [armed, bare] = [`armed ${ms}`, `bare ${ms}`]
    yield {
      row: `the bare sampler at ${ms} ms, over none`,
      unit: 'times',
      ...of((cpu) => times(cpu[bare], cpu.none)),
    }
    yield {
      row: `armed at ${ms} ms, over the bare sampler`,
      unit: 'µs',
      ...of((cpu) => more(cpu[armed], cpu[bare])),
    }
    yield {
      row: `armed at ${ms} ms, over none`,
      unit: 'times',
      ...of((cpu) => times(cpu[armed], cpu.none)),
    }
  }
  yield {
    row: '`slow`, over armed',
    unit: 'µs',
    ...of((cpu) => more(cpu.slow, cpu['armed 5'])),
  }
  yield {
    row: '`stall`, over armed',
    unit: 'µs',
    ...of((cpu) => more(cpu.stall, cpu['armed 5'])),
  }
}

// --- internal ---

/** Of each variant: all of them take 13 s. */
const WARM_UP_MS = 1600

async function cpuOfAll(start) {
  const servers = {}
  for (const [name, what] of Object.entries(VARIANTS)) servers[name] = await start(what)
  // Until V8 has optimised what there is.
  for (const server of Object.values(servers)) await cpuOfTurn(server, WARM_UP_MS)
  return turnAbout(servers, 11, async (server) => (await cpuOfTurn(server, 150)).cpu)
}
