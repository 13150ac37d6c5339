/** `schedule`: the whole process now and then, each worker at a time of its own. */
import { expect, test } from 'vitest'
import { phaseOf, untilNext } from '../../src/recorder/process/schedule.js'
import { resolveOptions } from '../../src/recorder/resolve-options.js'
import { ROOT, runScript, temporaryDirs } from '../support/app.js'
import { dumpsIn } from '../support/dump-check.js'

const temporaryDir = temporaryDirs()
const EVERY = { everyMs: 600_000, forMs: 10_000 }

test('the text says how often and for how long', () => {
  const warned: string[] = []
  const logger = { info: () => {}, warn: (text: string) => void warned.push(text) }
  const scheduleOf = (text: string) =>
    resolveOptions({ logger }, { PROFVIEW_SCHEDULE: text }).schedule
  expect(scheduleOf('10m/10s')).toEqual(EVERY)
  expect(scheduleOf(' 1.5h / 500ms ')).toEqual({ everyMs: 5_400_000, forMs: 500 })
  expect(resolveOptions({ schedule: '10m/10s' }, {}).schedule).toEqual(EVERY)
  expect(warned).toEqual([])
  expect(scheduleOf('often')).toBeNull()
  expect(warned).toEqual([expect.stringMatching(/^profview: PROFVIEW_SCHEDULE=often .*10m\/10s/)])
})

test('the next time is the same, whenever somebody starts', () => {
  for (const at of [0, 1, 599_999, 1.8e12, 1.8e12 + 123_456]) {
    const wait = untilNext(EVERY, 0.25, at)
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(EVERY.everyMs)
    expect((at + wait - 150_000) % EVERY.everyMs).toBeCloseTo(0, 3)
  }
})

test('eight workers of a host never record at once, nor do threads or hosts together', () => {
  const apart = (phases: readonly number[]) => {
    const sorted = [...phases].sort((a, b) => a - b)
    return Math.min(...sorted.map((phase, i) => (sorted[i + 1] ?? sorted[0]! + 1) - phase))
  }
  const eight = [1, 2, 3, 4, 5, 6, 7, 8]
  const share = EVERY.forMs / EVERY.everyMs
  expect(apart(eight.map((worker) => phaseOf('web-1', worker, 0)))).toBeGreaterThan(share)
  expect(apart(eight.map((thread) => phaseOf('web-1', 1, thread)))).toBeGreaterThan(share)
  expect(phaseOf('web-1', 1, 0)).not.toBeCloseTo(phaseOf('web-2', 1, 0), 2)
})

const APP = `
  import { profiler } from 'profview'
  profiler({ arm: 'trigger' })
  const burn = (ms) => { const end = performance.now() + ms; while (performance.now() < end); }
  setInterval(() => burn(5), 20)
  setTimeout(() => process.exit(), 6000)
`

test.concurrent.each([
  ['beside triggers', {}, true],
  ['in production, where no trigger opens', { NODE_ENV: 'production' }, true],
  ['never where it is off', { PROFVIEW: 'off' }, false],
])('%s', { timeout: 60_000 }, async (_where, more, isRecorded) => {
  const dir = temporaryDir()
  const env = { PROFVIEW_DIR: dir, PROFVIEW_SCHEDULE: '2s/300ms', ...more }
  expect(await runScript(APP, { env })).toMatchObject({ code: 0, err: '' })
  const dumps = dumpsIn(dir)
  expect(dumps.length > 0).toBe(isRecorded)
  for (const { meta } of dumps) {
    expect(meta).toMatchObject({ kind: 'process', kept: 'schedule', attribution: 'request' })
  }
  // The exit may cut one off.
  const whole = dumps.filter(({ meta }) => meta.durationMicros > 290_000)
  expect(whole.length >= dumps.length - 1).toBe(true)
  const starts = dumps.map(({ meta }) => Date.parse(meta.startedAt)).sort((a, b) => a - b)
  // One that is late on a busy machine is followed by the next in its time.
  for (let i = 1; i < starts.length; i++) expect(starts[i]! - starts[i - 1]!).toBeGreaterThan(290)
  expect(starts.length).toBeLessThanOrEqual(4)
})

test('where nothing is armed, running code is compiled anew before its time', async () => {
  const dir = temporaryDir()
  const script = `
    import { hostname } from 'node:os'
    import { profiler } from 'profview'
    import { phaseOf, untilNext } from '${ROOT}/dist/recorder/process/schedule.js'
    const left = () => untilNext({ everyMs: 6000, forMs: 400 }, phaseOf(hostname(), process.pid, 0), Date.now())
    while (left() < 3000 || left() > 5500) await new Promise((resolve) => setTimeout(resolve, 50))
    profiler({ arm: 'trigger', schedule: '6s/400ms' })
    setTimeout(() => process.exit(), left() + 1500)
  `
  expect(await runScript(script, { env: { PROFVIEW_DIR: dir } })).toMatchObject({
    code: 0,
    err: '',
  })
  const [first] = dumpsIn(dir)
  // Armed, and its code compiled anew, before its time.
  expect(first!.meta.armedSinceMicros).toBeGreaterThan(1_900_000)
  expect(first!.meta.warnings.filter(({ code }) => code === 'late-start')).toEqual([])
}, 60_000)
