/**
 * `node dump-writer.mjs <dir> <count> [files] [bytes] [perMinute] [now]`: writes so many dumps with
 * the built library, under limits, at one time of the clock if that is given. Prints how many were
 * too many for a minute.
 */
import { decodeProfile } from '../../dist/formats/registry.js'
import { openStore } from '../../dist/store/dump-store.js'

const none = 'Infinity'
const [dir, count, files = none, bytes = none, perMinute, now] = process.argv.slice(2)
if (now !== undefined) Date.now = () => Number(now)
const limits = { files: Number(files), bytes: Number(bytes), ageMs: Infinity }
const counted = perMinute === undefined ? {} : { perMinute: Number(perMinute) }
const store = openStore({ dir, limits, ...counted })
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
const text = new TextEncoder().encode('main;a 5\nmain;b 4\n')
const profile = {
  ...decodeProfile(text, 'a.collapsed.txt'),
  unit: 'microseconds',
  timeline: true,
  sources: [meta],
}
let tooMany = 0
try {
  for (let i = 0; i < Number(count); i++) {
    try {
      store.write(profile)
    } catch (error) {
      if (error.code !== 'TOO_LARGE') throw error
      tooMany++
    }
  }
  if (tooMany > 0) console.log(tooMany)
} catch (error) {
  console.log(error.code, error.message)
}
