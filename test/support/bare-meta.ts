import { emptyLedger } from '../../src/profile/ledger.js'
import type { DumpMeta } from '../../src/profile/profile.js'

/** The facts of a dump that says as little as a dump may. */
export const BARE_META: DumpMeta = {
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
  id: 'bare',
  kind: 'request',
  startedAt: '2026-11-20T14:09:31.220Z',
  durationMicros: 0,
  request: { method: 'GET', route: '/', status: 200, aborted: false },
  process: { pid: 4001, workerId: 0, threadId: 0, host: 'shop-1', node: 'v24.21.0' },
  attribution: 'request',
  intervalMicros: 1_000,
  samples: 0,
  dropped: 0,
  ledger: emptyLedger(),
  labels: {},
  warnings: [],
}
