/** Whose code it is, between jobs, jobs inside others, and requests of the same process. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Profile } from '../../src/index.js'
import { Dumps, profview, rawConnection, serve } from '../support/app.js'
import { inOrder, isWaiting, msWhere } from '../support/paths.js'
import { burn } from '../support/waits.mjs'

const { annotate, currentProfileId, profile, profiler, readProfile } = profview
const TRIGGER = { headers: { 'x-profile': '1' } }
/** What clocks of app and recording may differ by, and a sample, ms. */
const STRAY = 8

/** Burns in a function of that name; returns the clocked time. */
function burnAs(name: string, ms: number): number {
  const own = new Function('burn', `return function ${name}(ms) { return burn(ms) }`)(burn)
  return own(ms)
}

const isOwn = (names: readonly string[]) => !names.includes('[blocked]')
const ownMs = (recorded: Profile, name: string) =>
  msWhere(recorded, (names) => isOwn(names) && names.includes(name))
/** A busy machine takes no sample in some short calls: of their time only the owner is known. */
const namelessMs = (recorded: Profile) =>
  recorded.sources[0]!.ledger.unknown / 1000 +
  msWhere(recorded, (names) => isOwn(names) && !isWaiting(names) && !names.some(isOfTest))
const isOfTest = (name: string) => name.startsWith('of_')
const blockedBy = (recorded: Profile, title: string, name: string) =>
  msWhere(recorded, (names) => inOrder(names, ['[blocked]', title, name]))

/** A server that burns 40 ms as `of_request`, and its middleware's options. */
async function served(dumps: Dumps, options = {}) {
  const middleware = profiler(dumps.options(options))
  return await serve((request, response) =>
    middleware(request, response, async () => {
      if (request.url === '/burn') burnAs('of_request', 40)
      else await sleep(40)
      response.end()
    }),
  )
}

describe.each([{ awaits: true }, { awaits: false }])('a job, with %o', (detail) => {
  test('says which job held it up, recorded or not', async () => {
    const dumps = new Dumps()
    const waiting = profile(() => sleep(30), { ...detail, name: 'waiting' })
    const others: Promise<unknown>[] = [
      profile(() => burnAs('of_recorded', 40), { ...detail, name: 'import-users' }),
      profile(() => burnAs('of_unchosen', 40), { share: 0, name: 'unchosen' }),
      profile(() => burnAs('of_passing', 40), dumps.jobOptions({ slow: 1e6, name: 'passing' })),
    ]
    const recorded = (await waiting).profile!
    await Promise.all(others)
    for (const [title, name] of [
      ['import-users', 'of_recorded'],
      ['unchosen', 'of_unchosen'],
      ['passing', 'of_passing'],
    ] as const) {
      expect(ownMs(recorded, name)).toBeLessThan(STRAY)
      const told = blockedBy(recorded, title, name)
      const all = msWhere(recorded, (names) => names.includes(name))
      expect(told).toBeGreaterThan(all - STRAY)
    }
    const { unknown } = recorded.sources[0]!.ledger
    const ofPassing = msWhere(recorded, (names) => inOrder(names, ['[blocked]', 'passing']))
    expect(ofPassing + unknown / 1000).toBeGreaterThan(15)
  })

  test('and which request', async () => {
    const dumps = new Dumps()
    const { get } = await served(dumps, { mode: 0.0001 })
    const waiting = profile(async () => {
      const asked = get('/burn')
      for (let i = 0; i < 30; i++) await sleep(2)
      return await asked
    }, detail)
    const recorded = (await waiting).profile!
    expect(ownMs(recorded, 'of_request')).toBeLessThan(STRAY)
    const all = msWhere(recorded, (names) => names.includes('of_request'))
    expect(blockedBy(recorded, 'GET', 'of_request')).toBeGreaterThan(all - STRAY)
    const ofRequest = msWhere(recorded, (names) => inOrder(names, ['[blocked]', 'GET']))
    expect(ofRequest + recorded.sources[0]!.ledger.unknown / 1000).toBeGreaterThan(20)
  })

  test('has what it calls by `profile`, and so has a request', async () => {
    const dumps = new Dumps()
    const inner = () => {
      return profile(
        async () => {
          burnAs('of_inner', 30)
          await sleep(5)
          burnAs('of_inner', 30)
        },
        { ...detail, name: 'inner' },
      )
    }
    const outer = await profile(
      async () => {
        burnAs('of_outer', 20)
        return await inner()
      },
      { ...detail, name: 'outer' },
    )
    const middleware = profiler(dumps.options(detail))
    const { get } = await serve((request, response) =>
      middleware(request, response, async () => {
        await inner()
        response.end()
      }),
    )
    await get('/', TRIGGER)
    const request = readProfile((await dumps.one()).file)
    for (const recorded of [outer.value.profile!, outer.profile!, request]) {
      const least = 60 - STRAY - namelessMs(recorded)
      expect(ownMs(recorded, 'of_inner')).toBeGreaterThan(least)
      expect(blockedBy(recorded, 'inner', 'of_inner')).toBe(0)
    }
    const ofOuter = ownMs(outer.profile!, 'of_outer') + namelessMs(outer.profile!)
    expect(ofOuter).toBeGreaterThan(20 - STRAY)
    expect(msWhere(outer.value.profile!, (names) => names.includes('of_outer'))).toBeLessThan(STRAY)
  })
})

describe('a request', () => {
  test.each([{}, { slow: 20 }])('says which job held it up, with %o', async (options) => {
    const dumps = new Dumps()
    const { get, server } = await served(dumps, options)
    const seen = new Promise((resolve) => server.once('request', resolve))
    const answer = get('/wait', TRIGGER)
    await seen
    await sleep(20)
    await profile(() => burnAs('of_job', 80), dumps.jobOptions({ name: 'nightly', share: 0 }))
    await answer
    const dump = await dumps.one()
    const recorded = readProfile(dump.file)
    expect(dump.meta.kind).toBe('request')
    expect(blockedBy(recorded, 'nightly', 'of_job')).toBeGreaterThan(30)
  })

  test('that comes meanwhile says so of its queue', async () => {
    const dumps = new Dumps()
    const { port } = await served(dumps, {})
    const { socket, until } = await rawConnection(port)
    const sent = `x-profview-sent: ${Date.now() * 1000}`
    socket.write(`GET /wait HTTP/1.1\r\nhost: localhost\r\nx-profile: 1\r\n${sent}\r\n\r\n`)
    await profile(() => burnAs('of_job', 120), { name: 'nightly' })
    await until(/200 OK/)
    const { queued } = (await dumps.one()).meta
    const nightly = queued!.by.filter(({ title }) => title === 'nightly')
    const micros = nightly.reduce((sum, each) => sum + each.micros, 0)
    expect(micros).toBeGreaterThan(60_000)
  })
})

test('at concurrency 4, with requests beside them, each job has its own CPU', async () => {
  const dumps = new Dumps()
  const { get } = await served(dumps, {})
  const clocked = new Map<string, number>()
  const job = async (i: number) => {
    const name = `of_job_${i}`
    let burnt = 0
    for (let turn = 0; turn < 6; turn++) {
      burnt += burnAs(name, 5)
      await sleep(3)
    }
    clocked.set(name, burnt)
  }
  const queue = Array.from({ length: 12 }, (_, i) => i)
  const got: Profile[] = []
  const worker = async () => {
    for (let i = queue.shift(); i !== undefined; i = queue.shift()) {
      const n = i
      const done = await profile(() => job(n), dumps.jobOptions({ name: `job ${n}` }))
      got.push(done.profile!)
    }
  }
  const requests = async () => {
    while (queue.length > 0) await get('/burn')
  }
  await Promise.all([worker(), worker(), worker(), worker(), requests()])
  expect(got).toHaveLength(12)
  for (const recorded of got) {
    const { name } = recorded.sources[0]!
    const own = `of_${name!.replace(' ', '_')}`
    const isOthers = (names: readonly string[]) =>
      isOwn(names) && names.some((each) => isOfTest(each) && each !== own)
    expect([name, msWhere(recorded, isOthers)]).toEqual([name, 0])
    const ran = ownMs(recorded, own)
    expect(ran + namelessMs(recorded)).toBeGreaterThan(clocked.get(own)! - 2 * STRAY)
    expect(ran).toBeLessThan(clocked.get(own)! + 2 * STRAY)
  }
})

describe('annotate', () => {
  test('names a job and its labels; it knows the id of its profile', async () => {
    const dumps = new Dumps()
    const job = async (id: string) => {
      await sleep(2)
      annotate({ route: `import ${id}`, labels: { id } })
      burn(5)
      await sleep(2)
      return currentProfileId()
    }
    const name = 'import'
    const both = await Promise.all(
      ['a', 'b'].map((id) => profile(() => job(id), dumps.jobOptions({ name }))),
    )
    for (const [i, { value, profile: recorded }] of both.entries()) {
      const id = 'ab'[i]!
      expect(recorded!.sources[0]).toMatchObject({
        id: value,
        name: `import ${id}`,
        labels: { id },
      })
    }
  })

  test('also one of which only the end shows that it is kept', async () => {
    const dumps = new Dumps()
    const { value, profile: recorded } = await profile(
      async () => {
        await sleep(2)
        annotate({ route: 'import a', labels: { id: 'a' } })
        burn(30)
        return currentProfileId()
      },
      dumps.jobOptions({ slow: 20 }),
    )
    expect(value).toBe(undefined)
    expect(recorded!.sources[0]).toMatchObject({ name: 'import a', labels: { id: 'a' } })
  })
})
