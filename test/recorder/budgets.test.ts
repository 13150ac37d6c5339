/** Limits of a directory, over all who write there. */
import { describe, expect, test } from 'vitest'
import { Dumps, runNode } from '../support/app.js'
import { dumpsIn } from '../support/dump-check.js'
import { askGated, type GatedApp, startGated } from '../support/gated.js'

const TRIGGER = { headers: { 'x-profile': '1' } }

/** `count` triggered requests to each worker, all of them at the same time. */
async function askAll(apps: readonly GatedApp[], count: number): Promise<number> {
  const ports = apps.flatMap(({ ports }) => ports)
  await Promise.all(
    ports.flatMap((port) => Array.from({ length: count }, () => askGated(port, '/', TRIGGER))),
  )
  return ports.length * count
}

describe('limits.perMinute', () => {
  // Above the limit of one thread, which each keeps by itself.
  const limits = { perMinute: 5 }

  test('is one for all workers of a cluster', async () => {
    const { dir } = new Dumps()
    const app = await startGated(4, { dir, limits })
    const states = await app.settled(await askAll([app], 4))
    const sum = (what: 'profiled' | 'skipped' | 'written') =>
      states.reduce((sum, state) => sum + state[what], 0)
    expect([sum('written'), sum('profiled'), sum('skipped')]).toEqual([5, 5, 11])
    expect(dumpsIn(dir)).toHaveLength(5)
  })

  test('is one for processes that know nothing of each other', async () => {
    const { dir } = new Dumps()
    const apps = await Promise.all([0, 0, 0].map((none) => startGated(none, { dir, limits })))
    await askAll(apps, 5)
    for (const app of apps) await app.settled(5)
    expect(dumpsIn(dir)).toHaveLength(5)
  })

  test('is not begun anew by a process that is started again', async () => {
    const { dir } = new Dumps()
    for (let i = 0; i < 4; i++) {
      const app = await startGated(0, { dir, limits })
      await app.settled(await askAll([app], 2))
      await app.end()
    }
    expect(dumpsIn(dir)).toHaveLength(5)
  })

  test('a worker that was told so begins no more, and says why', async () => {
    const { dir } = new Dumps()
    const [first, second] = await Promise.all(
      [0, 0].map((none) => startGated(none, { dir, limits })),
    )
    await first!.settled(await askAll([first!], 5))
    expect(await askGated(second!.ports[0]!, '/', TRIGGER)).not.toBeNull()
    const [state] = await second!.settled(1)
    expect(state).toMatchObject({ profiled: 0, skipped: 1, written: 0 })
    expect(state!.warnings.join()).toContain('limits.perMinute')
    // From now on it is known before anything is begun.
    expect(await askGated(second!.ports[0]!, '/', TRIGGER)).toBeNull()
    const [told] = await second!.settled(2)
    expect(told).toMatchObject({ profiled: 0, skipped: 2, written: 0 })
  })
})

test('limits.files is one for all workers, also of those that are started again', async () => {
  const { dir } = new Dumps()
  for (let i = 0; i < 2; i++) {
    const app = await startGated(3, { dir, limits: { files: 4 } })
    await app.settled(await askAll([app], 4))
    // What another writes while one removes what is too much is too much until the next write.
    expect(dumpsIn(dir).length).toBeLessThanOrEqual(4 + 2)
    await app.end()
  }
})

test.skipIf(process.platform === 'win32')(
  'workers that crash after each dump, started again thirty times, do not fill the disk',
  async () => {
    const { dir } = new Dumps()
    const options = JSON.stringify({ dir, limits: { files: 4 } })
    const ended = await runNode(['test/support/crashing-app.mjs', '30', options])
    expect(JSON.parse(ended.out)).toEqual({ SIGKILL: 8, 1: 8, SIGABRT: 7, 3: 7 })
    // As above, of two; and nothing is left but dumps.
    expect(dumpsIn(dir).length).toBeLessThanOrEqual(4 + 2)
    expect(dumpsIn(dir).length).toBeGreaterThan(0)
  },
)
