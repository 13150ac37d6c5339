/** Dumps of requests, without a sampler. */
import { emptyLedger } from '../../src/profile/ledger.js'
import type { DumpMeta, Profile } from '../../src/profile/profile.js'
import { BARE_META } from './bare-meta.js'
import { profileFrom } from './trees.js'

export function metaOf(id: string, facts: Partial<DumpMeta> = {}): DumpMeta {
  return {
    ...BARE_META,
    id,
    startedAt: '2026-01-02T03:04:05.678Z',
    request: { method: 'GET', route: '/x', status: 200, aborted: false },
    process: { pid: 100, workerId: 1, threadId: 0, host: 'here', node: 'v20.0.0' },
    ...facts,
  }
}

/** A dump of folded lines, whose duration is their sum. */
export function dumpOf(id: string, lines: string, facts: Partial<DumpMeta> = {}): Profile {
  const profile = profileFrom(lines)
  const durationMicros = profile.samples.weight.reduce((sum, weight) => sum + weight, 0)
  const ledger = { ...emptyLedger(), cpu: durationMicros }
  const meta = metaOf(id, {
    durationMicros,
    ledger,
    samples: profile.samples.stack.length,
    ...facts,
  })
  return { ...profile, name: 'GET /x', sources: [meta] }
}
