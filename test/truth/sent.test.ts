/**
 * Requests of which half say when they were sent: nobody waited longer than their dumps say, or
 * less, and the clock is that of the client, in another process.
 */
import { describe, expect, test } from 'vitest'
import { type Answer, type Asked, type Clocked, recordedOf, startProgram } from './truth.js'

/** What lies between the app's clock and the profile's, µs. */
const CLOCKS = 1_000
/** So far apart may the bounds be where it is known when the request was sent, µs. */
const APART = 30_000
/** Of so many they may be further apart: a busy machine lets nobody ask the kernel in time. */
const MOST_APART = 0.2

const LOADS: Readonly<Record<string, readonly Asked[]>> = {
  'an idle loop': [],
  'a hog': [{ path: '/busy?busy=300&id=crowd_hog', at: 20 }],
  'hogs in a row': [20, 25, 30, 35].map((at, i) => ({ path: `/busy?busy=80&id=crowd_${i}`, at })),
  'pieces in immediates': [{ path: '/pieces?for=400&busy=3&id=crowd_0' }],
  'pieces in timers': [{ path: '/pieces?for=400&by=timer&busy=10&id=crowd_0' }],
  'a crowd': Array.from({ length: 16 }, (_, i) => ({
    path: `/crowd?every=20&busy=3&rounds=12&id=crowd_${i}`,
  })),
}
const EACH = 30
const ROUNDS = 2

/** Sent all over the load's time, on new connections and old ones; half say when they were sent. */
function requests(round: number): Asked[] {
  return Array.from({ length: EACH }, (_, i) => ({
    path: `/nothing?profile=1&id=own_${round}_${i}`,
    at: 10 + i * 13,
    saysWhen: i % 2 === 1,
  }))
}

interface Queued {
  readonly clocked: Clocked
  readonly answer: Answer
  readonly saidWhen: boolean
  readonly queued: { readonly minMicros: number; readonly maxMicros: number | null } | null
}

async function queuedUnder(load: readonly Asked[]): Promise<Queued[]> {
  const program = await startProgram({ options: { limits: { perMinute: 10_000 } } })
  await program.ask({ path: '/nothing' }, { path: '/nothing' })
  const asked: Asked[] = []
  const answers: Answer[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const some = requests(round)
    answers.push(...(await program.ask(...some, ...load)).slice(0, some.length))
    asked.push(...some)
  }
  const all = await recordedOf(program, ...asked.map(({ path }) => /id=(\w+)/.exec(path)![1]!))
  return all.map(({ profile, clocked }, i) => ({
    clocked,
    answer: answers[i]!,
    saidWhen: asked[i]!.saysWhen === true,
    queued: profile.sources[0]!.queued,
  }))
}

/** What is not true, in words. */
function wrongOf({ clocked, answer, saidWhen, queued }: Queued): string[] {
  if (queued === null) return ['not known']
  const { minMicros: min, maxMicros: max } = queued
  const [least, most] = [clocked.seen - answer.flushed, clocked.entered - answer.sent]
  const said = `said ${min} to ${max}, in truth ${least} to ${most}`
  if (min > most + CLOCKS) return [`too much: ${said}`]
  if (max !== null && max < least - CLOCKS) return [`too little: ${said}`]
  if (saidWhen && max === null) return [`no upper bound: ${said}`]
  return []
}

describe.each(Object.entries(LOADS))('under %s', (_, load) => {
  test('nobody waited longer than is said, nor less', async () => {
    const all = await queuedUnder(load)
    expect(all.flatMap(wrongOf)).toEqual([])
    const known = all.flatMap(({ saidWhen, queued }) => (saidWhen ? [queued!] : []))
    const apart = known.filter(({ minMicros, maxMicros }) => maxMicros! - minMicros > APART)
    expect(apart.length, JSON.stringify(apart)).toBeLessThan(known.length * MOST_APART)
  })
})
