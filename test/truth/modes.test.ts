/**
 * Requests that are profiled without having been triggered, all of a crowd at once: whose time is
 * whose, with and without the hooks that a trigger brings.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProfilerOptions } from '../../src/index.js'
import { type Database, POSTGRES, startPostgres } from '../support/databases.js'
import { ofBlocked, ofOffCpu, ofOwnTime } from './judge.js'
import { type Asked, recordedOf, startProgram } from './truth.js'

const WORKLOADS = ['timers', 'promises', 'callbacks', 'queued', 'cursor', 'stream', 'parsing']
const MODES: Readonly<Record<string, ProfilerOptions>> = {
  all: { mode: 'all' },
  'all, with awaits': { mode: 'all', awaits: true },
  slow: { slow: 20 },
}

let postgres: Database
beforeAll(async () => {
  if (POSTGRES) postgres = await startPostgres()
})
afterAll(async () => postgres?.stop())

describe.skipIf(POSTGRES === null).each(Object.entries(MODES))('%s', (_, options) => {
  test('each has its own time, whatever the others do', async () => {
    const program = await startProgram({ postgres: postgres.port, express: true, options })
    await program.ask({ path: '/prepare' })
    await program.ask(...WORKLOADS.map((workload) => ({ path: `/${workload}?id=own_warm` })))
    const asked: Asked[] = WORKLOADS.flatMap((workload, i) =>
      [0, 1].map((j) => ({ path: `/${workload}?id=own_${workload}_${j}`, at: 10 * i + 5 * j })),
    )
    await program.ask(...asked)
    const ids = asked.map(({ path }) => /id=(\w+)/.exec(path)![1]!)
    const all = await recordedOf(program, ...ids)
    const wrong = all.flatMap((recorded) =>
      [ofOwnTime, ofOffCpu, ofBlocked]
        .flatMap((judge) => judge(recorded))
        .map((text) => `${recorded.clocked.id}: ${text}`),
    )
    expect(wrong).toEqual([])
  })
})
