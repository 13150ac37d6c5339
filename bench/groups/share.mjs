/** A share of 1 %: what all requests pay for it, chosen or not, at up to 10,000 a second. */
import { ARMED, withServers } from '../support/servers.mjs'
import { summary } from '../support/statistics.mjs'
import { afresh, cpuOfTurn, times, turnAbout } from '../support/turn-about.mjs'

const PER_SECOND = 10_000
/** Dumps are written when several requests have ended, up to so many ms after they have. */
const WRITTEN_MS = 1200

export async function* share(app) {
  const of = await afresh(3, () => withServers(app, turnsOfBoth))
  const over =
    (key) =>
    ({ share, armed }) => {
      const each = (turns) => turns.map((turn) => turn[key])
      return times(each(share), each(armed))
    }
  const reached = of(({ share }) => summary(share.map((turn) => turn.reached)))
  yield {
    row: 'a share of 1 %, all requests, over armed',
    unit: 'times',
    ...of(over('cpu')),
    note: `at ${Math.round(reached.value)} a second`,
  }
  yield {
    row: "a share of 1 %, all requests, over armed: the app's thread alone",
    unit: 'times',
    ...of(over('thread')),
  }
  yield { row: 'requests a second meanwhile', unit: '/s', ...reached }
}

// --- internal ---

async function turnsOfBoth(start) {
  const servers = {
    armed: await start({ options: ARMED }),
    share: await start({ options: { ...ARMED, mode: 0.01 } }),
  }
  for (const server of Object.values(servers)) await cpuOfTurn(server, 3000, PER_SECOND)
  return turnAbout(servers, 4, (server) => cpuOfTurn(server, 1500, PER_SECOND, WRITTEN_MS))
}
