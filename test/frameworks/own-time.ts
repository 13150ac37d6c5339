/** Dumps against the clock of the app that they are of: how much of its time was whose. */
import { expect } from 'vitest'
import { ofOffCpu, ofOwnTime } from '../truth/judge.js'
import type { Burst, Clocked, Log } from '../truth/truth.js'
import type { Profiled, Running } from './running.js'

/** What the app tells of itself: µs, CPU time of its thread, and who was busy so far. */
export interface Clock {
  readonly at: number
  readonly cpu: number
  readonly delay: number
  readonly bursts: Log['bursts']
}

/** Asks for something that is busy in the functions `own_…` of these names; in the same order. */
export async function clockedOnes(
  running: Running,
  names: readonly string[],
  ask: () => Promise<readonly Profiled[]>,
): Promise<readonly Profiled[]> {
  const before = await running.clock()
  const all = await ask()
  const after = await running.clock()
  const bursts = after.bursts.filter(({ start }) => start >= before.at)
  const wrong = all.flatMap((profiled, i) => {
    const id = `own_${names[i]}`
    // What was not theirs, such as ours and the framework's, is in the thread's time, too.
    const clocked: Clocked = {
      id,
      seen: before.at,
      entered: before.at,
      ended: after.at,
      threadCpu: after.cpu - before.cpu,
      delay: after.delay - before.delay,
      waits: [],
      stops: [],
    }
    const recorded = {
      profile: profiled.profile,
      clocked,
      log: { bursts, checks: [], requests: [], dumps: [] },
    }
    return [ofOwnTime, ofOffCpu].flatMap((judge) => judge(recorded)).map((text) => `${id}: ${text}`)
  })
  expect(wrong).toEqual([])
  for (const name of names) expect(timeOf(bursts, `own_${name}`)).toBeGreaterThan(10_000)
  return all
}

// --- internal ---

function timeOf(bursts: readonly Burst[], name: string): number {
  const own = bursts.filter((burst) => burst.name === name)
  return own.reduce((total, { start, end }) => total + end - start, 0)
}
