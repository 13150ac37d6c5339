/** A share of 1 %: what all requests pay for it, chosen or not, at up to 10,000 a second. */
import { ARMED, withServers } from '../support/servers.mjs'
import { median, summary } from '../support/statistics.mjs'
import { cpuOfTurn, times, turnAbout } from '../support/turn-about.mjs'

const PER_SECOND = 10_000

export async function* share(app) {
  const turns = await withServers(app, async (start) => {
    const servers = {
      armed: await start({ options: ARMED }),
      share: await start({ options: { ...ARMED, mode: 0.01 } }),
    }
    for (const server of Object.values(servers)) await cpuOfTurn(server, 3000, PER_SECOND)
    return turnAbout(servers, 50, (server) => cpuOfTurn(server, 400, PER_SECOND))
  })
  const cpu = (name) => turns[name].map((turn) => turn.cpu)
  const reached = turns.share.map((turn) => turn.reached)
  yield {
    row: 'a share of 1 %, all requests, over armed',
    unit: 'times',
    ...times(cpu('share'), cpu('armed')),
    note: `at ${Math.round(median(reached))} a second`,
  }
  yield { row: 'requests a second meanwhile', unit: '/s', ...summary(reached) }
}
