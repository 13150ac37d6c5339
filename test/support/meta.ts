import { emptyLedger } from '../../src/profile/ledger.js'
import type { DumpMeta, Profile } from '../../src/profile/profile.js'
import { profileFrom } from './trees.js'

const META: DumpMeta = {
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
  id: 'a1',
  kind: 'request',
  startedAt: '2026-11-20T14:01:02.123Z',
  durationMicros: 100_000,
  request: { method: 'GET', route: '/users/:id', status: 200, aborted: false },
  process: { pid: 4711, workerId: 2, threadId: 0, host: 'box', node: 'v24.1.0' },
  attribution: 'request',
  intervalMicros: 1000,
  samples: 100,
  dropped: 0,
  ledger: { ...emptyLedger(), cpu: 60_000, await: 40_000 },
  labels: {},
  warnings: [],
}

/** A request's dump from folded lines; `changes` to its facts. */
export function dumpOf(lines: string, changes: Partial<DumpMeta> = {}): Profile {
  const meta = { ...META, ...changes }
  const request = meta.request
  const name = request ? `${request.method} ${request.route}` : 'test'
  return { ...profileFrom(lines, { name }), sources: [meta] }
}
