/**
 * What stays on the app's heap of a followed request whose socket, timer, interval and promise live
 * on: more than of the same request, nobody following. Of the whole thread after collections.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { requestOf } from '../support/client.mjs'
import { ARMED, withServers } from '../support/servers.mjs'
import { summary } from '../support/statistics.mjs'
import { more, turnAbout } from '../support/turn-about.mjs'

const REQUESTS = 200
const MANY = 1000

export async function* kept(app) {
  const { bytes, grown } = await withServers(app, async (start) => {
    const server = await start({ options: ARMED }, 1)
    const variants = {
      followed: requestOf('/alive', { headers: { ...server.headers, 'x-profile': '1' } }),
      plain: requestOf('/alive', { headers: server.headers }),
    }
    const measure = async (request, count = REQUESTS) => {
      const before = await heapOf(server)
      for (let i = 0; i < count; i++) await server.client.ask(request)
      return (await heapOf(server)) - before
    }
    await turnAbout(variants, 2, (request) => measure(request))
    const bytes = await turnAbout(variants, 7, (request) => measure(request))
    const headers = { ...server.headers, 'x-profile': '1' }
    const ordinary = requestOf('/', { headers })
    return { bytes, grown: await turnAbout({ ordinary }, 3, () => measure(ordinary, MANY)) }
  })
  yield {
    row: 'kept of a followed request whose socket, timer, interval live on',
    unit: 'B',
    ...more(bytes.followed, bytes.plain, REQUESTS),
  }
  yield {
    row: 'the heap, after 1,000 more followed requests',
    unit: 'MB',
    ...summary(grown.ordinary.map((each) => each / 1e6)),
  }
}

// --- internal ---

/** After the dumps were handed over and written: none has come for a second. */
async function heapOf(server) {
  for (let before = -1; ; ) {
    const { dumps } = await server.ask('usage')
    if (dumps === before) break
    before = dumps
    await sleep(1000)
  }
  return server.ask('heap')
}
