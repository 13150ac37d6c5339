import { emptyLedger } from '../../src/profile/ledger.js'
import type { DumpMeta, Profile } from '../../src/profile/profile.js'
import { BARE_META } from './bare-meta.js'
import { profileFrom } from './trees.js'

const META: DumpMeta = {
  ...BARE_META,
  id: 'a1',
  startedAt: '2026-11-20T14:01:02.123Z',
  durationMicros: 100_000,
  request: { method: 'GET', route: '/users/:id', status: 200, aborted: false },
  process: { pid: 4711, workerId: 2, threadId: 0, host: 'box', node: 'v24.1.0' },
  samples: 100,
  ledger: { ...emptyLedger(), cpu: 60_000, await: 40_000 },
}

/** A request's dump from folded lines; `changes` to its facts. */
export function dumpOf(lines: string, changes: Partial<DumpMeta> = {}): Profile {
  const meta = { ...META, ...changes }
  const request = meta.request
  const name = request ? `${request.method} ${request.route}` : 'test'
  return { ...profileFrom(lines, { name }), sources: [meta] }
}
