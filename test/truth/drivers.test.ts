/**
 * What waits for databases are called: which driver, which operation, and its pool told apart, by
 * eight requests at once on one connection, each with its own clock.
 */
import { expect, test } from 'vitest'
import { paths } from '../support/paths.js'
import { withServers } from '../support/with-servers.js'
import { type AppSettings, type Recorded, recordedOf, startProgram } from './truth.js'

const WORKLOADS = {
  postgres: ['pgConnect', 'pgPoolQuery', 'pgCallbacks'],
  mariadb: ['mysqlConnection', 'mysqlPoolCallbacks'],
  redis: ['nodeRedis', 'sharedIoredis', 'autoPipelining'],
}
/** Ms: shorter waits may have no time of their own beside the code around them. */
const LEAST = 1
/** Ms: as in the workloads. */
const SLEEP = 30
/** Ms: the driver’s own work before and after, on a busy machine. */
const READING = 5

/** What was waited for below a function of the test, and what was in the way then, ms by name. */
function toldOf({ profile }: Recorded, workload: string, port: number): Map<string, number> {
  const told = new Map<string, number>()
  for (const { names, micros } of paths(profile)) {
    const wait = names.find((name) => name.startsWith('[await] '))
    if (wait === undefined || !names.includes(workload)) continue
    const [, what, host] = /^\[await\] (.*?)(?: (\S+:\d+))?$/.exec(wait)!
    if (host !== `127.0.0.1:${port}`) told.set(wait, micros / 1000)
    else told.set(what!, (told.get(what!) ?? 0) + micros / 1000)
  }
  return told
}

withServers(WORKLOADS, ({ name, port, cases }) => {
  test.each(cases)('%s', async (workload) => {
    const settings: AppSettings = { [name]: port(), express: true }
    const program = await startProgram(settings)
    await program.ask({ path: `/${workload}?id=own_warm&profile=1` })
    const path = `/${workload}?id=own_asked&profile=1`
    const others = Array.from({ length: 7 }, (_, i) => ({ path: `/${workload}?id=own_${i}` }))
    await program.ask(...others.slice(0, 4), { path, at: 5 }, ...others.slice(4))
    const [recorded] = await recordedOf(program, 'own_asked')
    const told = toldOf(recorded!, workload, port())
    // It writes what is asked in one turn at once, in the next.
    const known = new Set(['redis', '[await] immediate'])
    const { ledger, durationMicros } = recorded!.profile.sources[0]!
    const rest = (durationMicros - ledger.await - ledger.blocked) / 1000
    for (const { by, start, end } of recorded!.clocked.waits) {
      const names = by.split(', ')
      for (const name of names) known.add(name)
      const [ms, sum] = [(end - start) / 1000, total(names.map((name) => told.get(name) ?? 0))]
      // Somebody else's answer may come to who has written for all.
      const unsure = told.get('redis') ?? 0
      expect.soft(sum + unsure, `${by} ${ms} ms`).toBeGreaterThan(ms - rest - READING)
      expect.soft(sum, `${by} ${ms} ms`).toBeLessThan(ms + READING)
      // The pool had none to give, and the rest is what the database took.
      if (names.length > 1) {
        const query = told.get(names.at(-1)!)
        expect.soft(query, by).toBeGreaterThan(SLEEP - 1)
        expect.soft(query, by).toBeLessThan(ms / 2)
      }
    }
    const strangers = [...told].filter(([name, ms]) => !known.has(name) && ms > LEAST)
    expect.soft(strangers).toEqual([])
  })
})

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
