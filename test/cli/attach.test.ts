/** `profview attach`: into processes that never heard of us, and out again without a trace. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sumOfLedger } from '../../src/profile/ledger.js'
import type { DumpMeta } from '../../src/profile/profile.js'
import { type Ended, ROOT, run, temporaryDir } from '../support/app.js'
import { dumpsIn } from '../support/dump-check.js'
import { answerOf, inventoryOf, load, stranger } from '../support/stranger.js'

const BIN = join(ROOT, 'bin/profview.js')

function attach(pid: number, ...args: string[]): Promise<Ended> {
  return run(process.execPath, [BIN, 'attach', String(pid), ...args])
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}

/** Of a request, on a machine that may be busy. */
const FRAMEWORKS_OWN_MS = 3

describe.runIf(process.platform === 'linux')('to a server', { timeout: 60_000 }, () => {
  test.each([
    ['http', 'GET'],
    ['express', 'GET /page/:ms'],
  ])('its requests are recorded as they are, and then it is as it was (%s)', async (...of) => {
    const [FRAMEWORK, title] = of
    const { pid, servers } = await stranger({ env: { FRAMEWORK } })
    const [server] = servers as [(typeof servers)[0]]
    const dir = temporaryDir()
    await answerOf(server, '/page/5')
    const before = await inventoryOf(server)
    const answer = await answerOf(server, '/page/5')
    const stop = load(server, '/page/30')
    const ended = await attach(pid, '--for', '2s', '--dir', dir)
    const after = await inventoryOf(server)
    await stop()
    expect(ended.err).toBe('')
    expect(ended.code).toBe(0)
    expect(ended.out).toContain('burn')
    expect(ended.out).toContain(`\n${title} (`)
    const metas = dumpsIn(dir).map(({ meta }) => meta as DumpMeta)
    expect(metas.length).toBeGreaterThan(5)
    for (const { kept, kind, ledger, durationMicros, process } of metas) {
      expect([kept, kind, process.pid]).toEqual(['attach', 'request', pid])
      expect(sumOfLedger(ledger)).toBe(durationMicros)
    }
    // The kernel's own clock says 30 ms, besides what the framework takes.
    const cpu = metas.map(({ ledger }) => (ledger.cpu + ledger.gc) / 1000)
    expect(median(cpu)).toBeGreaterThan(30 * 0.95)
    expect(median(cpu)).toBeLessThan(30 * 1.05 + FRAMEWORKS_OWN_MS)
    const waited = metas.map(({ ledger }) => (ledger.await + ledger.blocked) / 1000)
    expect(median(waited)).toBeGreaterThan(18)
    // No connection of the load's is open that was not there before.
    await expect.poll(() => inventoryOf(server), { timeout: 10_000 }).toEqual(before)
    expect(after.inspector).toBeNull()
    expect(await answerOf(server, '/page/5')).toBe(answer)
    expect(readdirSync(join(dir, '.capture'))).toEqual([])
  })
})

describe.runIf(process.platform === 'linux')('what it does now', { timeout: 90_000 }, () => {
  test.each(['hang', 'promises', 'expression'])('it hangs (%s): where', async (HANG) => {
    const { pid, servers } = await stranger({ env: { HANG } })
    await new Promise((resolve) => setTimeout(resolve, 500))
    const { out, err, code } = await attach(pid, '--dir', temporaryDir())
    expect([err, code]).toEqual(['', 0])
    expect(out).toMatch(`${pid} hangs in\n`)
    expect(out).toMatch(new RegExp(`^  ${HANG}  /.*/stranger-app.mjs:\\d+$`, 'm'))
    if (HANG === 'expression') return
    // It goes on, and nothing of it is left.
    const opened = async () => {
      const { inspector, listening } = await inventoryOf(servers[0]!)
      return [inspector, listening]
    }
    await expect.poll(opened, { timeout: 20_000 }).toEqual([null, 1])
  })

  test('it does not: the next five seconds, by request', async () => {
    const { pid, servers } = await stranger()
    const dir = temporaryDir()
    const before = await inventoryOf(servers[0]!)
    const stop = load(servers[0]!, '/page/30')
    const { out, err, code } = await attach(pid, '--dir', dir)
    await stop()
    expect([err, code]).toEqual(['', 0])
    expect(out).toContain('GET')
    expect(out).toContain('burn')
    const meta = dumpsIn(dir)[0]!.meta as DumpMeta
    expect([meta.kind, meta.kept]).toEqual(['process', 'attach'])
    expect(Math.round(meta.durationMicros / 1e6)).toBe(5)
    await expect.poll(() => inventoryOf(servers[0]!), { timeout: 10_000 }).toEqual(before)
  })
})

describe.runIf(process.platform === 'linux')('to a cluster', { timeout: 90_000 }, () => {
  test('of four: each worker, and then all are as they were', async () => {
    const { pid, servers } = await stranger({ workers: 4 })
    const dir = temporaryDir()
    const before = await Promise.all(servers.map(inventoryOf))
    const stops = servers.map((server) => load(server, '/page/5'))
    const { err, code } = await attach(pid, '--for', '3s', '--dir', dir)
    for (const stop of stops) await stop()
    expect([err, code]).toEqual(['', 0])
    const metas = dumpsIn(dir).map(({ meta }) => meta as DumpMeta)
    const workers = new Set(metas.map(({ process }) => process.workerId))
    expect([...workers].sort()).toEqual([1, 2, 3, 4])
    expect(new Set(metas.map(({ kept }) => kept))).toEqual(new Set(['attach']))
    await expect
      .poll(() => Promise.all(servers.map(inventoryOf)), { timeout: 10_000 })
      .toEqual(before)
  })
})
