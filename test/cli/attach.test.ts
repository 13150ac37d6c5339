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

describe.runIf(process.platform === 'linux')('to a server', { timeout: 60_000 }, () => {
  test('its requests are recorded as they are, and then it is as it was', async () => {
    const { pid, servers } = await stranger()
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
    const metas = dumpsIn(dir).map(({ meta }) => meta as DumpMeta)
    expect(metas.length).toBeGreaterThan(5)
    for (const { kept, kind, ledger, durationMicros, process } of metas) {
      expect([kept, kind, process.pid]).toEqual(['attach', 'request', pid])
      expect(sumOfLedger(ledger)).toBe(durationMicros)
    }
    const cpu = metas.map(({ ledger }) => (ledger.cpu + ledger.gc + ledger.unknown) / 1000)
    expect(median(cpu)).toBeGreaterThan(30 * 0.9)
    const surely = metas.map(({ ledger }) => ledger.cpu / 1000)
    expect(median(surely)).toBeLessThan(30 * 1.2)
    const waited = metas.map(({ ledger }) => (ledger.await + ledger.blocked) / 1000)
    expect(median(waited)).toBeGreaterThan(18)
    // No connection of the load's is open that was not there before.
    await expect.poll(() => inventoryOf(server), { timeout: 10_000 }).toEqual(before)
    expect(after.inspector).toBeNull()
    expect(await answerOf(server, '/page/5')).toBe(answer)
    expect(readdirSync(join(dir, '.capture'))).toEqual([])
  })
})
