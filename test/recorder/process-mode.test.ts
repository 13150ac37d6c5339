/** Mode `process`: a thread as a whole, in which each request has its branch. */
import { expect, test } from 'vitest'
import { readProfile } from '../../dist/index.js'
import { buildCallTree } from '../../src/profile/calltree.js'
import { sumOfLedger } from '../../src/profile/ledger.js'
import type { Profile } from '../../src/profile/profile.js'
import { filterRecordings } from '../../src/transform/filter.js'
import { Dumps, runScript } from '../support/app.js'
import { dumpsIn } from '../support/dump-check.js'

const APP = `
  import express from 'express'
  import { profiler } from 'profview'
  import { setTimeout as sleep } from 'node:timers/promises'
  const burn = (ms) => { const end = performance.now() + ms; while (performance.now() < end); }
  const report = () => burn(20)
  const sum = () => burn(10)
  const tick = () => burn(5)
  const app = express()
  app.use(profiler())
  app.get('/report/:id', async (_request, response) => {
    await sleep(5)
    report()
    response.end()
  })
  app.get('/sum', async (_request, response) => {
    await sleep(5)
    sum()
    response.end()
  })
  const server = app.listen(0, async () => {
    setInterval(tick, 50)
    const get = async (path) => (await fetch('http://127.0.0.1:' + server.address().port + path)).text()
    for (let i = 0; i < 15; i++) await Promise.all([get('/report/' + i), get('/sum'), sleep(60)])
    process.exit()
  })
`

test('names at its first level whose code each sample is', { timeout: 60_000 }, async () => {
  const { dir } = new Dumps()
  const env = { PROFVIEW: 'process', PROFVIEW_DIR: dir }
  expect(await runScript(APP, { env })).toMatchObject({ code: 0, err: '' })
  const [dump] = dumpsIn(dir)
  const profile = readProfile(dump!.file)
  const { kind, attribution, ledger, durationMicros } = profile.sources[0]!
  expect({ kind, attribution }).toEqual({ kind: 'process', attribution: 'request' })
  expect(sumOfLedger(ledger)).toBe(durationMicros)
  expect(ledger.await).toBeGreaterThan(0)
  expect(ledger.blocked).toBe(0)
  const first = firstLevel(profile)
  expect([...first.keys()]).toEqual(
    expect.arrayContaining(['GET /report/:id', 'GET /sum', 'background', '[await]']),
  )
  // Of each branch nearly all is its own function's, whatever the machine took meanwhile.
  expect(shareOf(profile, 'GET /report/:id', 'report')).toBeGreaterThan(0.7)
  expect(shareOf(profile, 'GET /sum', 'sum')).toBeGreaterThan(0.7)
  expect(shareOf(profile, 'GET /sum', 'report')).toBeLessThan(0.1)
  expect(shareOf(profile, 'GET /report/:id', 'sum')).toBeLessThan(0.1)
  expect(shareOf(profile, 'background', 'tick')).toBeGreaterThan(0.1)
  // The branch alone.
  const filter = { kind: 'process', route: 'GET /sum' } as const
  const part = filterRecordings(profile, filter).profile
  expect([...firstLevel(part)]).toEqual([['GET /sum', first.get('GET /sum')]])
})

/** Time of the frames that nothing is above, µs. */
function firstLevel(profile: Profile): Map<string, number> {
  const { total } = buildCallTree(profile)
  const { parent, frame } = profile.stacks
  const level = new Map<string, number>()
  for (let i = 1; i < frame.length; i++) {
    if (parent[i] === 0) level.set(profile.frames[frame[i]!]!.name, total[i]!)
  }
  return level
}

/** The function's part of a branch. */
function shareOf(profile: Profile, branch: string, name: string): number {
  const { samples, stacks, frames } = profile
  let [own, all] = [0, 0]
  samples.stack.forEach((stack, i) => {
    const path: string[] = []
    for (let at = stack; at > 0; at = stacks.parent[at]!) path.push(frames[stacks.frame[at]!]!.name)
    if (path.at(-1) !== branch) return
    all += samples.weight[i]!
    if (path.includes(name)) own += samples.weight[i]!
  })
  return own / all
}
