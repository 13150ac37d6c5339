/** What the app says of the request that runs now. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Dumps, profview, serve } from '../support/app.js'
import { burn } from '../support/waits.mjs'

const { annotate, currentProfileId, profiler } = profview
const TRIGGER = { headers: { 'x-profile': '1' } }

/**
 * `/graphql/GetUser` names itself after an await; all others wait until one of them is busy. None
 * goes on before `together` of them have come.
 */
async function graphql(dumps: Dumps, options = {}, together = 1) {
  const middleware = profiler(dumps.options(options))
  let come = 0
  let allHaveCome = () => {}
  const all = new Promise<void>((resolve) => {
    allHaveCome = resolve
  })
  const ids: Record<string, (string | undefined)[]> = {}
  const running = await serve((request, response) =>
    middleware(request, response, async () => {
      const name = request.url!.split('/')[2]!
      const seen = [currentProfileId()]
      ids[name] = seen
      await sleep(5)
      if (++come >= together) allHaveCome()
      await all
      annotate({ route: `query ${name}`, labels: { client: 'ios' } })
      annotate({ labels: { of: name } })
      seen.push(currentProfileId())
      burn(name === 'Slow' ? 60 : 5)
      await sleep(1)
      seen.push(currentProfileId())
      response.end()
    }),
  )
  return { ...running, ids }
}

describe('a request that is recorded', () => {
  test.each([{ awaits: true }, { awaits: false }])('names itself, with %o', async (options) => {
    const dumps = new Dumps()
    const { get, ids } = await graphql(dumps, {
      ...options,
      labels: () => ({ client: 'unknown', region: 'eu' }),
    })
    const answers = await Promise.all([
      get('/graphql/GetUser', TRIGGER),
      get('/graphql/GetTeam', TRIGGER),
    ])
    const said = (await dumps.take(2)).map(({ meta: { id, request, labels } }) => {
      return { id, route: request!.route, labels }
    })
    const id = (i: number) => answers[i]!.headers.get('x-profile-id')!
    const byRoute = said.sort((a, b) => a.route.localeCompare(b.route))
    expect(byRoute).toEqual([
      {
        id: id(1),
        route: 'query GetTeam',
        labels: { client: 'ios', region: 'eu', of: 'GetTeam' },
      },
      {
        id: id(0),
        route: 'query GetUser',
        labels: { client: 'ios', region: 'eu', of: 'GetUser' },
      },
    ])
    expect(ids).toEqual({
      GetUser: [id(0), id(0), id(0)],
      GetTeam: [id(1), id(1), id(1)],
    })
  })
})

test.each(['all', 0.999_999] as const)(
  'one of mode %s, whose client asks for nothing, names itself',
  async (mode) => {
    const dumps = new Dumps()
    const { get, ids } = await graphql(dumps, { mode })
    await Promise.all([get('/graphql/GetUser'), get('/graphql/GetTeam')])
    const said = (await dumps.take(2)).map(({ meta: { id, kept, request, labels } }) => {
      return { id, kept, route: request!.route, labels }
    })
    const kept = mode === 'all' ? 'all' : 'share'
    const ofId = new Map(said.map((each) => [each.id, each]))
    for (const name of ['GetUser', 'GetTeam']) {
      const [id] = ids[name]!
      expect(ids[name]).toEqual([id, id, id])
      const labels = { client: 'ios', of: name }
      expect(ofId.get(id!)).toEqual({ id, kept, route: `query ${name}`, labels })
    }
  },
)

test('one that is kept because it was slow names itself, and has no id while it lasts', async () => {
  const dumps = new Dumps()
  const { get, ids } = await graphql(dumps, { slow: 50 })
  await get('/graphql/Slow')
  const { meta } = await dumps.one()
  expect(meta).toMatchObject({
    kept: 'slow',
    request: { route: 'query Slow' },
    labels: { client: 'ios', of: 'Slow' },
  })
  expect(ids).toEqual({ Slow: [undefined, undefined, undefined] })
})

test('who was in the way is called what it calls itself', async () => {
  const dumps = new Dumps()
  const { get } = await graphql(dumps, {}, 2)
  const first = get('/graphql/GetUser', TRIGGER)
  await get('/graphql/Slow')
  await first
  expect((await dumps.one()).names).toContain('GET query Slow')
})

test('outside of requests, and with what is no annotation, nothing happens', () => {
  expect(currentProfileId()).toBe(undefined)
  annotate({ route: '/x' })
  annotate(undefined as never)
  annotate({ route: 7, labels: 7 } as never)
})
