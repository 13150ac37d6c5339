import { describe, expect, test } from 'vitest'
import { decodeProfile, encodeProfile } from '../../src/formats/registry.js'
import { type DumpHead, readDumpHead } from '../../src/formats/shared/dump-meta.js'
import type { Profile } from '../../src/profile/profile.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { dumpOf } from '../support/dumps.js'
import { refusal } from '../support/formats.js'
import { profileOf } from '../support/trees.js'

const KEPT =
  'trigger or all or share or slow or status or stall or process or schedule or capture or run or ' +
  'attach or call'
const DUMP = dumpOf('id-1', 'main;é 3\nmain 4', { labels: { __proto__: 'x', trace_id: '"}' } })
const BYTES = encodeProfile(DUMP, 'cpuprofile')
const encode = (text: string) => new TextEncoder().encode(text)

/** Says all that a dump can. */
const FULL = {
  ...{ version: 2, writer: 'profview 0.2.0', id: 'full', kind: 'request' },
  ...{ startedAt: '2026-11-20T14:01:02.123Z', durationMicros: 7, name: 'import-users' },
  request: { method: 'GET', route: '/users/:id', status: 200, aborted: false },
  process: { pid: 4711, workerId: 2, threadId: 0, host: 'box', node: 'v24.1.0' },
  ...{ kept: 'slow', attribution: 'request', awaits: false, intervalMicros: 1000, samples: 2 },
  ...{ dropped: 1, armedSinceMicros: 5 },
  ledger: { cpu: 1, gc: 1, offcpu: 1, await: 1, blocked: 1, profiler: 1, unknown: 1 },
  ...{ blockedUpToMicros: 1, machine: { runQueueMicros: 1, throttledMicros: 0 } },
  queued: {
    ...{ minMicros: 3, maxMicros: 9, othersKeptOut: 2 },
    by: [{ title: 'GET /report', name: 'add', file: '/a.js', line: 3, micros: 9 }],
  },
  stall: {
    ...{ ended: true, cause: 'callback', delayedCount: 1 },
    delayed: [{ title: 'GET /search', micros: 4 }],
    by: [
      {
        ...{ title: 'GET /report', name: 'add', file: '/a.js', line: 3, micros: 9 },
        functionMicros: 7,
      },
    ],
  },
  waits: [],
  labels: { trace_id: 'abc' },
  warnings: [{ code: 'late-start', text: 'a loop' }],
  files: { '/a.js': 'f00' },
}

/** What must not be believed: where, and what is said of it. */
const DAMAGED: readonly (readonly [string, unknown, string])[] = [
  ['version', '1', 'is not 1 or 2'],
  ['version', 1.5, 'is not 1 or 2'],
  ['version', 0, 'is not 1 or 2'],
  ['writer', 2, 'is not a text'],
  ['kind', 'x', 'is not request or process or function or stall'],
  ['name', 3, 'is not a text'],
  ['request', 'GET', 'is not an object'],
  ['request.aborted', 0, 'is not true or false'],
  ['process', [], 'is not an object'],
  ['kept', 'for ever', `is not ${KEPT}`],
  ['awaits', 1, 'is not true or false'],
  ['armedSinceMicros', -1, 'is not a whole number'],
  ['ledger.cpu', -7, 'is not a whole number'],
  ['ledger.offcpu', undefined, 'is not a whole number'],
  ['blockedUpToMicros', 0.5, 'is not a whole number'],
  ['blockedUpToMicros', 2 ** 53, 'is not a whole number'],
  ['machine', [1, 2], 'is not an object'],
  ['machine.runQueueMicros', null, 'is not a whole number'],
  ['machine.throttledMicros', '1', 'is not a whole number'],
  ['queued', 258, 'is not an object'],
  ['queued.minMicros', null, 'is not a whole number'],
  ['queued.maxMicros', 'none', 'is not a whole number'],
  ['queued.othersKeptOut', -1, 'is not a whole number'],
  ['queued.by', {}, 'is not a list'],
  ['queued.by.0', null, 'is not an object'],
  ['queued.by.0.title', null, 'is not a text'],
  ['queued.by.0.name', 1, 'is not a text'],
  ['queued.by.0.file', 1, 'is not a text'],
  ['queued.by.0.line', -1, 'is not a whole number'],
  ['queued.by.0.micros', '9', 'is not a whole number'],
  ['stall', 'yes', 'is not an object'],
  ['stall.ended', 'no', 'is not true or false'],
  ['stall.cause', 'you', 'is not callback or microtasks or burst or native or unknown'],
  ['stall.delayedCount', 1.5, 'is not a whole number'],
  ['stall.delayed', 'all', 'is not a list'],
  ['stall.delayed.0.title', 7, 'is not a text'],
  ['stall.delayed.0.micros', -4, 'is not a whole number'],
  ['stall.by', 'me', 'is not a list'],
  ['stall.by.0.title', 7, 'is not a text'],
  ['stall.by.0.functionMicros', 'all', 'is not a whole number'],
  ['labels', ['a'], 'is not an object'],
  ['labels.trace_id', 4, 'is not a text'],
  ['warnings', 'late', 'is not a list'],
  ['warnings.0', 'a loop', 'is not an object'],
  ['warnings.0.code', 7, 'is not a text'],
  ['warnings.0.text', null, 'is not a text'],
  ['files./a', 1, 'is not a text'],
  ['waits', {}, 'is not a list'],
  ['waits.0', 7, 'is not an object'],
]

describe('readDumpHead', () => {
  test('needs no more than the head of a dump, and says when it has too little', () => {
    const end = new TextDecoder().decode(BYTES).indexOf('"nodes"')
    for (let length = 0; length < end - 4; length++) {
      expect(readDumpHead(BYTES.subarray(0, length))).toBe('incomplete')
    }
    const head = { meta: DUMP.sources[0], waits: [] }
    expect(readDumpHead(BYTES.subarray(0, end))).toEqual(head)
    expect(readDumpHead(BYTES)).toEqual(head)
  })

  test('is null for anything that is no dump', () => {
    const merged = mergeProfiles([DUMP, dumpOf('id-2', 'a 1')])
    for (const bytes of [
      encodeProfile(merged, 'cpuprofile'),
      encodeProfile(profileOf`a 1`, 'cpuprofile'),
      encodeProfile(DUMP, 'pprof'),
      encode('{"nodes":[]}'),
      encode('{}'),
      encode('[1]'),
      encode('main;a 3'),
    ]) {
      expect(readDumpHead(bytes)).toBeNull()
    }
  })

  test('refuses facts that are damaged, with their place', () => {
    const refused = (change: (meta: Meta) => void) => {
      const meta: Meta = structuredClone(FULL) as Meta
      change(meta)
      return refusal(JSON.stringify({ $profview: meta, nodes: [] }), 'x.cpuprofile')
    }
    expect(refused((meta) => (meta.version = 7))).toBe(
      'NEWER_VERSION: made by a newer profview (dump version 7, this one reads 2)',
    )
    for (const [path, value, fact] of DAMAGED) {
      const keys = path.split('.')
      const last = keys.pop()!
      const said = refused((meta) => {
        const at = keys.reduce((object: Meta, key) => object[key] as Meta, meta)
        at[last] = value
      })
      const place = path.replaceAll(/\.(\d+)/g, '[$1]')
      expect(said).toBe(`BAD_INPUT: $profview.${place} ${fact}`)
    }
  })

  test('refuses a dump that lacks what its version says', () => {
    const names = Object.keys(FULL).filter((name) => !['waits', 'files'].includes(name))
    const read = names.filter((name) => {
      const { [name]: _, ...others } = FULL as Meta
      const bytes = JSON.stringify({ $profview: others, nodes: [] })
      return !refusal(bytes, 'x.cpuprofile').startsWith(`BAD_INPUT: $profview.${name} is not `)
    })
    expect(read).toEqual([])
  })
})

describe('keys that a reader does not know', () => {
  const unknown = {
    ...{ colour: 'red', nested: { deep: [1, null] }, 'queued.by': 3 },
    ...JSON.parse('{"__proto__": {"polluted": true}, "constructor": "x"}'),
  }
  const inside = { ...FULL, request: { ...FULL.request, scheme: 'https' } }
  const dump = () => readKey({ ...inside, ...unknown, sha256: 'of other bytes' })

  test('are kept when the dump is written again, and never mean anything', () => {
    const profile = dump()
    expect((profile.sources[0] as unknown as Meta).polluted).toBeUndefined()
    expect(keyOf(profile)).toEqual({ ...inside, ...unknown })
  })

  test('are kept in a merge, for each of its dumps', () => {
    const merged = mergeProfiles([dump(), dumpOf('id-2', 'a 1')])
    const again = decodeProfile(encodeProfile(merged, 'cpuprofile'), 'x')
    const { files: _, waits: _waits, ...kept } = { ...inside, ...unknown } as Meta
    expect((keyOf(again) as { sources: unknown[] }).sources[0]).toEqual(kept)
  })

  test('are kept of a merge that is written again, and belong to no other merge', () => {
    const all = mergeProfiles([dump(), dumpOf('id-2', 'a 1')])
    const { sampleLabels: _, ...merged } = keyOf(all) as Meta
    const read = readKey({ ...merged, ...unknown })
    expect(keyOf(read)).toEqual({ ...merged, ...unknown })
    expect(keyOf(mergeProfiles([read]))).toEqual({ ...merged, ...unknown })
    expect(keyOf(mergeProfiles([read, dumpOf('id-3', 'a 1')]))).not.toHaveProperty('colour')
  })

  test('are told by a list', () => {
    const bytes = encodeProfile(dump(), 'cpuprofile')
    const { meta } = readDumpHead(bytes) as DumpHead
    expect(meta).toMatchObject({ colour: 'red', request: { scheme: 'https' } })
    expect(meta).not.toHaveProperty('sha256')
  })
})

describe('a dump of version 1', () => {
  const OLD = {
    ...{ version: 1, id: 'old', kind: 'request', startedAt: '2026-01-02T03:04:05.678Z' },
    ...{ durationMicros: 7, request: FULL.request, process: FULL.process },
    ...{ attribution: 'request', intervalMicros: 1000, samples: 2, dropped: 0 },
    ledger: { cpu: 7, gc: 0, await: 0, blocked: 0, profiler: 0, unknown: 0 },
    ...{ labels: { a: 'b' }, warnings: ['cut off'], files: { '/a.js': 'f00' } },
    // Somebody else’s, whatever version 2 means by it.
    queued: 'by me',
  }

  test('is given what it does not say, and is written again as it was', () => {
    const profile = readKey(OLD)
    expect(profile.sources[0]).toMatchObject({
      ...{ version: 1, writer: '', name: null, machine: null, queued: null, stall: null },
      ledger: { cpu: 7, offcpu: 0 },
      warnings: [{ code: 'version-1', text: 'cut off' }],
    })
    const { queued: _, ...known } = OLD
    expect(keyOf(profile)).toEqual(known)
  })

  test('keeps its version in a merge, which is of the latest version of its dumps', () => {
    const { files: _, queued: _queued, ...source } = OLD
    const other = readKey({ ...OLD, id: 'older' })
    expect(keyOf(mergeProfiles([readKey(OLD), other]))).toMatchObject({
      version: 1,
      sources: [source, { ...source, id: 'older' }],
    })
    const mixed = mergeProfiles([readKey(OLD), dumpOf('z', 'a 1')])
    expect(keyOf(mixed)).toMatchObject({ version: 2, sources: [source, { version: 2 }] })
    const again = decodeProfile(encodeProfile(mixed, 'cpuprofile'), 'x')
    expect(again.sources.map(({ version }) => version)).toEqual([1, 2])
    expect(keyOf(again)).toEqual(keyOf(mixed))
  })

  test('of a later version in a merge is refused as a file of its own would be', () => {
    const key = { ...(keyOf(mergeProfiles([readKey(OLD), dumpOf('z', 'a 1')])) as Meta) }
    const sources = [{ ...OLD, version: 3 }]
    expect(refusal(JSON.stringify({ $profview: { ...key, sources }, nodes: [] }), 'x')).toBe(
      'NEWER_VERSION: made by a newer profview (dump version 3, this one reads 2)',
    )
  })
})

// --- internal ---

type Meta = Record<string, unknown>

/** A dump that says `$profview`, of one function for 7 µs. */
function readKey($profview: object): Profile {
  const text = new TextDecoder().decode(encodeProfile(profileOf`main 7`, 'cpuprofile'))
  const file = { ...JSON.parse(text), $profview }
  return decodeProfile(encode(JSON.stringify(file)), 'x')
}

/** What a profile says of itself when it is written. */
function keyOf(profile: Profile): unknown {
  return JSON.parse(new TextDecoder().decode(encodeProfile(profile, 'cpuprofile'))).$profview
}
