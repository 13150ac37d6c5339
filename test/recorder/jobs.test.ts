/** `profile(fn, options)`: which calls leave a dump, what it says, and that `fn` always runs. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { coldWarnings } from '../../src/recorder/cold-start.js'
import type { Recorder } from '../../src/recorder/recorder.js'
import { Dumps, profview, runScript, temporaryDir } from '../support/app.js'
import { dumpsIn, filesIn } from '../support/dump-check.js'
import { burn } from '../support/waits.mjs'

const { profile } = profview

beforeEach(() => {
  vi.stubEnv('PROFVIEW_DIR', temporaryDir())
})
afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a bad option is told before anything runs', () => {
  test.each<[string, object]>([
    ['name', { name: 7 }],
    ['labels', { labels: 'x' }],
    ['labels', { labels: [] }],
    ['share', { share: 1.5 }],
    ['share', { share: '0.1' }],
    ['share', { share: Number.NaN }],
    ['slow', { slow: -1 }],
    ['dir', { dir: '' }],
    ['awaits', { awaits: 1 }],
    ['limits.files', { limits: { files: 0 } }],
    ['mode', { mode: 'all' }],
    ['secret', { secret: 'x'.repeat(32) }],
  ])('%s: %o', async (path, given) => {
    const fn = vi.fn()
    const bad = expect.objectContaining({ code: 'BAD_OPTION', path })
    await expect(profile(fn, given)).rejects.toEqual(bad)
    expect(fn).not.toHaveBeenCalled()
  })
})

describe('with `dir`', () => {
  test('a dump is written, and comes back', async () => {
    vi.stubEnv('PROFVIEW_LABELS', 'version=1.2,region=eu')
    const dumps = new Dumps()
    const labels = { region: 'us', attempt: '2' }
    const job = async () => {
      burn(20)
      await sleep(5)
      return 42
    }
    const { value, profile: recorded } = await profile(
      job,
      dumps.jobOptions({ name: 'import-users', labels }),
    )
    expect(value).toBe(42)
    const { meta } = await dumps.one()
    expect(meta).toMatchObject({
      kind: 'function',
      name: 'import-users',
      request: null,
      kept: 'call',
      awaits: true,
      labels: { version: '1.2', region: 'us', attempt: '2' },
    })
    expect(recorded!.sources[0]).toMatchObject({ id: meta.id, ledger: meta.ledger })
  })

  test('what it throws is the app’s, and the dump is there', async () => {
    const dumps = new Dumps()
    const failing = () => {
      burn(5)
      throw new Error('of the app')
    }
    await expect(profile(failing, dumps.jobOptions())).rejects.toThrow('of the app')
    expect((await dumps.one()).meta.name).toBe('failing')
  })

  test('the limits of requests hold', async () => {
    const dumps = new Dumps()
    const few = dumps.jobOptions({ limits: { perMinute: 2 } })
    const all = [1, 2, 3].map((i) => profile(() => i, few))
    const got = await Promise.all(all)
    expect(got.map(({ value }) => value)).toEqual([1, 2, 3])
    expect(got.map(({ profile }) => profile !== null)).toEqual([true, true, false])
    const one = dumps.jobOptions({ limits: { concurrent: 1 } })
    const both = await Promise.all([profile(() => sleep(20), one), profile(() => 2, one)])
    expect(both.map(({ profile }) => profile !== null)).toEqual([true, false])
    const short = dumps.jobOptions({ limits: { durationMs: 30 } })
    await profile(() => sleep(90), short)
    const cut = (await dumps.take(4)).at(-1)!.meta
    expect(cut.warnings.map(({ text }) => text)).toContain('cut off after 30 ms, before it ended')
    expect(cut.durationMicros).toBeLessThan(90_000)
    expect(dumps.warnings).toHaveLength(2)
  })

  test('not given, or undefined, none is written', async () => {
    vi.stubEnv('PROFVIEW_SLOW', '1')
    const { profile: recorded } = await profile(() => burn(5), { dir: undefined } as never)
    expect(recorded!.sources[0]).toMatchObject({ kept: 'call', kind: 'function' })
    expect(filesIn(process.env.PROFVIEW_DIR!)).toEqual([])
  })
})

describe('with `share`', () => {
  test('some are recorded, into PROFVIEW_DIR, and all run', async () => {
    const of = async (share: number) => (await profile(() => share, { share })).profile
    expect(await of(0)).toBe(null)
    expect(filesIn(process.env.PROFVIEW_DIR!)).toEqual([])
    expect((await of(1))!.sources[0]).toMatchObject({ kept: 'share', awaits: false })
    expect(dumpsIn(process.env.PROFVIEW_DIR!)).toHaveLength(1)
    const all = await Promise.all(Array.from({ length: 40 }, () => of(0.5)))
    const chosen = all.filter((each) => each !== null).length
    expect(chosen).toBeGreaterThan(3)
    expect(chosen).toBeLessThan(37)
    expect(dumpsIn(process.env.PROFVIEW_DIR!)).toHaveLength(1 + chosen)
  })
})

describe('with `slow`', () => {
  test('those that took longer are kept, whatever has come of them', async () => {
    const dumps = new Dumps()
    const slow = dumps.jobOptions({ slow: 60, name: 'import-users' })
    const quick = await profile(() => 1, slow)
    const long = await profile(async function burning() {
      burn(40)
      await sleep(30)
      return 2
    }, slow)
    const failed = profile(async () => {
      burn(70)
      throw new Error('of the app')
    }, slow)
    await expect(failed).rejects.toThrow('of the app')
    expect([quick, long].map(({ value }) => value)).toEqual([1, 2])
    expect(quick.profile).toBe(null)
    const [first, second] = await dumps.take(2)
    expect(long.profile!.sources[0]!.id).toBe(first!.meta.id)
    for (const { meta, names } of [first!, second!]) {
      expect(meta).toMatchObject({ kind: 'function', kept: 'slow', name: 'import-users' })
      expect(meta.durationMicros).toBeGreaterThan(60_000)
      expect(names).toContain('burn')
    }
    const { cpu, gc, offcpu, unknown } = first!.meta.ledger
    expect(cpu + gc + offcpu + unknown).toBeGreaterThan(35_000)
    expect(dumps.files).toEqual([])
  })

  test('and `share`, those that it chooses too', async () => {
    const dumps = new Dumps()
    const none = dumps.jobOptions({ slow: 30, share: 0 })
    await profile(() => burn(40), none)
    await profile(() => 1, none)
    await profile(() => 1, dumps.jobOptions({ slow: 30, share: 1 }))
    expect((await dumps.take(2)).map(({ meta }) => meta.kept)).toEqual(['slow', 'share'])
    expect(dumps.files).toEqual([])
  })
})

describe('nothing is recorded, and all is as without us', () => {
  test('where PROFVIEW is off', async () => {
    vi.stubEnv('PROFVIEW', 'off')
    const dumps = new Dumps()
    for (const more of [{}, { slow: 1 }, { share: 1 }]) {
      const { value, profile: recorded } = await profile(() => burn(2), dumps.jobOptions(more))
      expect([value > 0, recorded]).toEqual([true, null])
    }
    expect(filesIn(dumps.dir)).toEqual([])
  })

  test('where the native part is missing, after one warning', async () => {
    const script = `
      const Module = require('node:module')
      const load = Module._load
      Module._load = function (name, ...rest) {
        if (name.startsWith('@datadog/pprof')) throw new Error('missing')
        return load.call(this, name, ...rest)
      }
      const { profile } = require('./dist/bundle/index.js')
      const failing = () => { throw new Error('of the app') }
      const told = (error) => error.message
      Promise.all([
        profile(() => 1),
        profile(async () => 2, { slow: 1 }),
        profile(failing, { dir: process.env.PROFVIEW_DIR }).catch(told),
      ]).then((all) => console.log(JSON.stringify(all)))`
    const dir = temporaryDir()
    const ended = await runScript(script, { type: 'commonjs', env: { PROFVIEW_DIR: dir } })
    const got = [{ value: 1, profile: null }, { value: 2, profile: null }, 'of the app']
    expect(JSON.parse(ended.out)).toEqual(got)
    expect(ended.err.match(/ProfviewWarning/g)).toHaveLength(1)
    expect(filesIn(dir)).toEqual([])
  })
})

test('a job that the process does not wait for is kept up to its end', async () => {
  const dir = temporaryDir()
  const script = `
    import { profile } from 'profview'
    const dir = process.env.PROFVIEW_DIR
    const burn = (ms) => { const end = performance.now() + ms; while (performance.now() < end); }
    const never = async () => { burn(60); await new Promise(() => {}) }
    profile(never, { dir, name: 'recorded' })
    profile(never, { slow: 20, name: 'passing' })`
  const ended = await runScript(script, { env: { PROFVIEW_DIR: dir } })
  expect(ended).toMatchObject({ code: 0, err: '' })
  const said = dumpsIn(dir).map(({ meta: { name, kept, warnings } }) => {
    return [name, kept, warnings.find(({ code }) => code === 'process-ended')?.text]
  })
  const cut = 'the process ended before it did'
  expect(said.sort()).toEqual([
    ['passing', 'slow', cut],
    ['recorded', 'call', cut],
  ])
})

test('what begins right after the sampler says so', () => {
  const armed = (msAgo: number) => ({ armedAt: performance.now() - msAgo }) as Recorder
  expect(coldWarnings(armed(0)).map(({ code }) => code)).toEqual(['late-start'])
  expect(coldWarnings(armed(1000))).toEqual([])
})
