/** Stalls of every kind and length, alone and under load, at two intervals, by all clocks. */
import { describe, expect, test } from 'vitest'
import { heaviestOf, judged } from './stalling/judge.js'
import { KINDS, load, startStalling } from './stalling/program.js'

const STALL = 100
/** Seconds: `HEALTHY=600 npm run test:truth` asks for ten minutes. */
const HEALTHY = Number(process.env.HEALTHY ?? 30)
const LENGTHS = [150, 300, 700, 2_000]
/** Those that last as long as they are told. */
const PLAIN = ['sync', 'afterAwait', 'timer', 'nested', 'background', 'shell']
const BURSTS = ['microtasks', 'ticks', 'immediates', 'files', 'timers']

describe.each([1, 5])('every %s ms', (interval) => {
  test.each([...PLAIN, ...BURSTS])('%s, alone', async (kind) => {
    const options = { stall: STALL, interval }
    const program = await startStalling({ options })
    for (const ms of LENGTHS) await program.ask({ path: `/${kind}?ms=${ms}` })
    const { stalls, wrong } = await judged(program, options)
    expect(wrong).toEqual([])
    expect(stalls.length).toBeGreaterThanOrEqual(LENGTHS.length)
  })

  test.each(PLAIN)('%s, under load', async (kind) => {
    const options = { stall: STALL, interval }
    const program = await startStalling({ options })
    for (const ms of LENGTHS)
      await program.ask({ path: `/${kind}?ms=${ms}`, at: 300 }, ...load(ms + 600))
    const { wrong } = await judged(program, options)
    expect(wrong).toEqual([])
  })

  test('garbage and a long text', async () => {
    const options = { stall: STALL, interval }
    const program = await startStalling({ options, flags: ['--expose-gc', '--single-threaded-gc'] })
    for (const ms of LENGTHS)
      for (const path of [`/gc?ms=${ms}`, '/json', `/collected?ms=${ms}`])
        await program.ask({ path })
    const { wrong } = await judged(program, options)
    expect(wrong).toEqual([])
  })

  test('two at once, the younger at fault', async () => {
    const options = { stall: STALL, interval }
    const program = await startStalling({ options })
    for (const ms of LENGTHS)
      await program.ask(
        { path: '/older' },
        { path: `/younger?ms=${ms}`, at: 50 },
        ...load(ms + 500),
      )
    const { stalls, wrong } = await judged(program, options)
    expect(wrong).toEqual([])
    expect(stalls.map(heaviestOf).filter((name) => name === 'culprit')).toHaveLength(4)
  })
})

test(`a healthy server, busy for 70 % of ${HEALTHY} s`, { timeout: HEALTHY * 2_000 }, async () => {
  const options = { stall: STALL, interval: 5 }
  const program = await startStalling({ options })
  for (let round = 0; round < HEALTHY / 3; round++) {
    const busy = Array.from({ length: 300 }, (_, i) => ({ path: `/sync/${i}?ms=7`, at: i * 10 }))
    await program.ask(...busy)
  }
  const { wrong } = await judged(program, options)
  expect(wrong).toEqual([])
})

test('all kinds one after another, three times', async () => {
  const options = { stall: STALL, interval: 1 }
  const program = await startStalling({ options })
  for (let round = 0; round < 3; round++) for (const path of KINDS) await program.ask({ path })
  const { wrong } = await judged(program, options)
  expect(wrong).toEqual([])
})
