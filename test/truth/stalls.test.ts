/**
 * What holds the loop is found once, with its length, its function, its route and who waited for
 * it; by the clocks of the app and of its clients. stalls-table.test.ts has all of it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Profile } from '../../src/index.js'
import { rawConnection } from '../support/app.js'
import { heaviestOf, judged, microsOfApp, ownersOf, wrongCauses } from './stalling/judge.js'
import { KINDS, load, stallsOf, startStalling } from './stalling/program.js'

const STALL = 100
/** Before, the callbacks of one request are not told apart. */
const TELLS_CALLBACKS = Number.parseInt(process.versions.node, 10) >= 20

describe('found, once, as it was', () => {
  test('one at a time', async () => {
    const program = await startStalling({ options: { stall: STALL } })
    for (const path of KINDS) await program.ask({ path })
    const { log, stalls, wrong } = await judged(program, { stall: STALL, interval: 1 })
    expect(wrong).toEqual([])
    if (TELLS_CALLBACKS) expect(wrongCauses(log, stalls)).toEqual([])
    // A text may be parsed in less.
    expect(stalls.length).toBeGreaterThanOrEqual(KINDS.length - 1)
  })

  test('under load, and two at once', async () => {
    const options = { stall: STALL, interval: 5 }
    const program = await startStalling({ options })
    await program.ask({ path: '/sync?ms=600', at: 400 }, ...load(1_300))
    await program.ask({ path: '/older' }, { path: '/younger?ms=300', at: 100 }, ...load(700))
    const { stalls, wrong } = await judged(program, options)
    expect(wrong).toEqual([])
    expect(stalls.map(heaviestOf)).toEqual(['plainLoop', 'culprit'])
  })

  test.each(['all', 'trigger'] as const)(
    'requests that are recorded wait, too: %s',
    async (mode) => {
      const options = { stall: STALL, interval: 5, mode }
      const program = await startStalling({ options })
      const asked = mode === 'all' ? '' : 'profile=1&'
      await program.ask(
        { path: '/sync?ms=600', at: 200 },
        ...load(900).map(({ path, at }) => ({ path: `${path}?${asked}`, at: at! })),
      )
      const { stalls, wrong } = await judged(program, options)
      expect(wrong).toEqual([])
      const titles = stalls.flatMap(({ sources }) =>
        sources[0]!.stall!.delayed.map(({ title }) => title),
      )
      expect(titles.some((title) => title.startsWith('GET /sleeper'))).toBe(true)
      expect(titles.some((title) => title.startsWith('GET /quick'))).toBe(true)
    },
  )

  test('two hundred requests in one packet', async () => {
    const program = await startStalling({ options: { stall: STALL } })
    const { socket, received } = await rawConnection(program.port)
    const request = 'GET /pipelined?ms=2 HTTP/1.1\r\nHost: a\r\n\r\n'
    socket.write(request.repeat(200))
    await expect.poll(() => received().split('done').length, { timeout: 20_000 }).toBe(201)
    // So many bytes may come in several parts, and the loop looks in between.
    const [stall] = longestFirst(await stallsOf(program, 1))
    expect(heaviestOf(stall!)).toBe('pipelinedPiece')
    expect(ownersOf(stall!)[0]![0]).toBe('GET /pipelined')
  })

  test('by an app that knows nothing of it', async () => {
    const env = { PROFVIEW_STALL: '100', NODE_ENV: 'production' }
    const flags = ['--import', 'profview/register']
    const program = await startStalling({ options: null, env, flags })
    await program.ask({ path: '/nested?ms=250', at: 200 })
    await program.ask({ path: '/sync?ms=40' })
    const { stalls, wrong } = await judged(program, { stall: STALL, interval: 5 })
    expect(wrong).toEqual([])
    expect(stalls).toHaveLength(1)
  })
})

describe('none', () => {
  test('below the threshold; just above it', async () => {
    const program = await startStalling({ options: { stall: 300 } })
    for (const ms of [250, 350, 250, 350]) await program.ask({ path: `/sync?ms=${ms}` })
    const { stalls, wrong } = await judged(program, { stall: 300, interval: 1 })
    expect(wrong).toEqual([])
    expect(stalls.length).toBeGreaterThanOrEqual(2)
  })

  test('a loop that sleeps', async () => {
    const program = await startStalling({ options: { stall: STALL }, isTicking: false })
    await program.ask({ path: '/naps?ms=300' })
    const { wrong } = await judged(program, { stall: STALL, interval: 1 })
    expect(wrong).toEqual([])
  })

  test('a healthy server, two thirds busy', async () => {
    const program = await startStalling({ options: { stall: STALL, interval: 5 } })
    const busy = Array.from({ length: 400 }, (_, i) => ({ path: `/sync/${i}?ms=6`, at: i * 10 }))
    await program.ask(...busy)
    const { wrong } = await judged(program, { stall: STALL, interval: 5 })
    expect(wrong).toEqual([])
  })

  test('a process that is stopped has no culprit', async () => {
    const program = await startStalling({ options: { stall: STALL } })
    await program.ask({ path: '/sync?ms=20' })
    for (const ms of [300, 600]) {
      process.kill(program.pid, 'SIGSTOP')
      await sleep(ms)
      process.kill(program.pid, 'SIGCONT')
      await sleep(300)
    }
    await program.ask({ path: '/sync?ms=20' })
    const stalls = await stallsOf(program, 0)
    // What is said of it is not that somebody's code ran.
    const { stretches } = await program.log()
    const ran = stretches.reduce((sum, { start, end }) => sum + end - start, 0)
    for (const stall of stalls) expect(microsOfApp(stall)).toBeLessThan(ran + 20_000)
  })

  test.each([
    ['stall: false', { stall: false as const }, { PROFVIEW_STALL: '100' }],
    ['PROFVIEW=off', { stall: STALL }, { PROFVIEW: 'off' }],
  ])('%s', async (_, options, env) => {
    const program = await startStalling({ options, env })
    await program.ask({ path: '/sync?ms=300' })
    expect(await stallsOf(program, 0)).toEqual([])
  })

  test('more than the limit of a minute', async () => {
    const options = { stall: STALL, limits: { perMinute: 2 } }
    const program = await startStalling({ options })
    for (let i = 0; i < 4; i++) await program.ask({ path: '/sync?ms=150' })
    const stalls = await stallsOf(program, 2)
    expect(stalls).toHaveLength(2)
  })
})

// --- internal ---

/** The machine may have made others. */
function longestFirst(stalls: readonly Profile[]): Profile[] {
  const micros = ({ sources }: Profile) => sources[0]!.durationMicros
  return [...stalls].sort((a, b) => micros(b) - micros(a))
}
