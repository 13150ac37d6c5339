/** What an `await` of a followed request costs its thread, by how many of them there are. */
import { requestOf } from '../support/client.mjs'
import { ARMED, withServers } from '../support/servers.mjs'
import { more, turnAbout } from '../support/turn-about.mjs'

const ROWS = [
  ['awaits', 100, 'an `await` of a followed request, 100 of them', 500],
  ['awaits', 10_000, 'an `await` of a followed request, 10,000 of them', 60],
  ['pauses', 100, 'an `await` that pauses for the loop, 100 of them', 300],
]

export async function* awaits(app) {
  const rows = await withServers(app, async (start) => {
    const server = await start({ options: ARMED }, 1)
    const measure = async (bytes) => Number(await server.client.ask(bytes))
    const found = []
    for (const [what, count, row, rounds] of ROWS) {
      const path = `/${what}/${count}`
      const variants = {
        followed: requestOf(path, { headers: { ...server.headers, 'x-profile': '1' } }),
        plain: requestOf(path, { headers: server.headers }),
      }
      await turnAbout(variants, 20, measure)
      const cpu = await turnAbout(variants, rounds, measure)
      found.push({ row, unit: 'µs', ...more(cpu.followed, cpu.plain, count) })
    }
    return found
  })
  yield* rows
}
