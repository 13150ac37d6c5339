/**
 * Requests that nobody asked about while another one, and another after it, is followed, against
 * the same crowd in which that other one is not.
 */
import { requestOf } from '../support/client.mjs'
import { ARMED, withServers } from '../support/servers.mjs'
import { percentile } from '../support/statistics.mjs'
import { times, turnAbout } from '../support/turn-about.mjs'

export async function* neighbours(app) {
  const latencies = await withServers(app, async (start) => {
    const server = await start({ options: ARMED }, 4)
    const other = await server.beside()
    const variants = {
      followed: requestOf('/wait/50', { headers: { ...server.headers, 'x-profile': '1' } }),
      alone: requestOf('/wait/50', { headers: server.headers }),
    }
    const turn = async (bytes) => {
      const beside = other.load(bytes, 500)
      const { latencies } = await server.client.load(server.typical, 500)
      await beside
      return latencies
    }
    await turnAbout(variants, 2, turn)
    return turnAbout(variants, 45, turn)
  })
  const over = (share) => {
    const of = (name) => latencies[name].map((all) => percentile(all, share))
    return times(of('followed'), of('alone'))
  }
  yield { row: 'latency of others while one is followed, median', unit: 'times', ...over(0.5) }
  yield {
    row: 'latency of others while one is followed, 99th percentile',
    unit: 'times',
    ...over(0.99),
  }
}
