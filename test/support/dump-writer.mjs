/**
 * `node dump-writer.mjs <dir> <count> [files]`: writes so many dumps with the built library, under
 * a limit.
 */
import { decodeProfile } from '../../dist/formats/registry.js'
import { openStore } from '../../dist/store/dump-store.js'

const [dir, count, files = 'Infinity'] = process.argv.slice(2)
const limits = { files: Number(files), bytes: Infinity, ageMs: Infinity }
const store = openStore({ dir, limits })
const meta = {
  version: 1,
  id: 'a1',
  kind: 'function',
  startedAt: '2026-11-20T14:01:02.123Z',
  durationMicros: 9,
  request: null,
  process: { pid: process.pid, workerId: 0, threadId: 0, host: '', node: '' },
  attribution: 'request',
  intervalMicros: 1000,
  samples: 1,
  dropped: 0,
  ledger: { cpu: 9, gc: 0, await: 0, blocked: 0, profiler: 0, unknown: 0 },
  labels: {},
  warnings: [],
}
const bytes = new TextEncoder().encode('main;a 5\nmain;b 4\n')
const profile = {
  ...decodeProfile(bytes, 'a.collapsed.txt'),
  unit: 'microseconds',
  timeline: true,
  sources: [meta],
}
try {
  for (let i = 0; i < Number(count); i++) store.write(profile)
} catch (error) {
  console.log(error.code, error.message)
}
