/** Dumps of requests, without a sampler. */
import { emptyLedger } from '../../src/profile/ledger.js'
import type { DumpMeta, Profile } from '../../src/profile/profile.js'
import { profileFrom } from './trees.js'

export function metaOf(id: string, facts: Partial<DumpMeta> = {}): DumpMeta {
  return {
    version: 2,
    writer: 'profview test',
    name: null,
    kept: 'trigger',
    awaits: true,
    armedSinceMicros: 0,
    blockedUpToMicros: 0,
    machine: null,
    queued: null,
    stall: null,
    id,
    kind: 'request',
    startedAt: '2026-01-02T03:04:05.678Z',
    durationMicros: 0,
    request: { method: 'GET', route: '/x', status: 200, aborted: false },
    process: { pid: 100, workerId: 1, threadId: 0, host: 'here', node: 'v20.0.0' },
    attribution: 'request',
    intervalMicros: 1000,
    samples: 0,
    dropped: 0,
    ledger: emptyLedger(),
    labels: {},
    warnings: [],
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
