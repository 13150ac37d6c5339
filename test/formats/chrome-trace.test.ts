import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { ProfviewError } from '../../src/errors.js'
import { decodeProfile, decodeSource } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import type { Profile } from '../../src/profile/profile.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { refusal } from '../support/formats.js'
import { formatTree } from '../support/trees.js'

const dir = mkdtempSync(join(tmpdir(), 'profview-trace-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const node = (id: number, functionName: string, more: object = {}) => ({
  id,
  callFrame: { functionName, url: functionName.startsWith('(') ? '' : 'a.js', lineNumber: id },
  ...more,
})
const at = (name: string, ts: number, args: object, more: object = {}) => {
  return { args, cat: 'c', name, ph: 'P', pid: 7, tid: 1, ts, id: '0x1', ...more }
}
const start = (startTime: number, more = {}) => {
  return at('Profile', startTime, { data: { startTime } }, more)
}
const chunk = (ts: number, cpuProfile: object, data: object, more = {}) => {
  return at('ProfileChunk', ts, { data: { cpuProfile, ...data } }, { tid: 99, ...more })
}
const NODES = [node(1, '(root)'), node(2, 'main', { parent: 1 }), node(3, 'work', { parent: 2 })]
const NOISE = at('name', 5, { data: { name: 'ProfileChunk', text: 'a "}{][\\' } })
/** Of 100 µs: [unknown] 10, work 20 + 40, main 30. */
const EVENTS = [
  at('thread_name', 0, { name: 'CrRendererMain' }),
  NOISE,
  start(1000),
  chunk(1030, { nodes: NODES, samples: [3, 2] }, { timeDeltas: [10, 20] }),
  NOISE,
  chunk(1090, { samples: [3] }, { timeDeltas: [30], endTime: 1100 }),
]
const TREE = ['main 90 30', '  work 60 60', '[unknown] 10 10']

const textOf = (events: readonly object[]) => JSON.stringify({ traceEvents: events })
const read = (text: string) => decodeProfile(new TextEncoder().encode(text), 'trace.json')
const treeOf = (text: string) => formatTree(read(text))
const threadsOf = (profile: Profile) => {
  const sums: Record<string, number> = {}
  profile.samples.labelSet.forEach((set, i) => {
    const name = profile.labelSets[set]!.get('thread') ?? ''
    sums[name] = (sums[name] ?? 0) + profile.samples.weight[i]!
  })
  return sums
}

describe('pieces', () => {
  test('make one profile with all its time', () => {
    const profile = read(textOf(EVENTS))
    expect(formatTree(profile)).toEqual(TREE)
    expect(profile).toMatchObject({ name: 'trace.json', timeline: true, startMicros: 1000 })
    expect(profile.warnings).toEqual([])
  })

  test('are read from an object, a list, a list that never ends, with any order of members', () => {
    const list = JSON.stringify(EVENTS)
    for (const text of [
      list,
      `${list.slice(0, -1)},\n]`,
      JSON.stringify({ metadata: { a: [1] }, traceEvents: EVENTS, more: {} }, null, 2),
    ]) {
      expect(treeOf(text)).toEqual(TREE)
      expect(read(text).warnings).toEqual([])
    }
    const lines = `[\n${EVENTS.map((event) => JSON.stringify(event)).join(',\n')}`
    for (const text of [
      lines,
      `${lines},\n`,
      `${lines},{"args":{"na`,
      `${textOf(EVENTS)}`.slice(0, -1),
    ]) {
      expect(treeOf(text), text.slice(-20)).toEqual(TREE)
      expect(read(text).warnings).toEqual(['the trace breaks off: its end is missing'])
    }
  })

  test('come in the order of time, wherever they are in the file', () => {
    expect(treeOf(textOf([...EVENTS].reverse()))).toEqual(TREE)
  })

  test('put a sample with a negative delta where it belongs', () => {
    const events = [
      start(0),
      chunk(9, { nodes: NODES, samples: [2, 3, 2] }, { timeDeltas: [0, 50, -20], endTime: 100 }),
    ]
    const profile = read(textOf(events))
    expect(formatTree(profile)).toEqual(['main 100 50', '  work 50 50'])
    expect(profile.warnings).toEqual(['1 sample was not in the order of time and has been moved'])
  })

  test('without their beginning are shown as far as they go', () => {
    const events = [
      chunk(
        9,
        { nodes: [node(9, 'late', { parent: 4 })], samples: [9, 2] },
        { timeDeltas: [0, 5] },
      ),
    ]
    const profile = read(textOf(events))
    expect(formatTree(profile)).toEqual(['late 5 5'])
    expect(profile.warnings).toEqual([
      '1 node whose caller is not in the trace is shown without it',
      '1 sample of a node that is not in the file is shown as [unknown]',
    ])
  })
})

test('a whole CpuProfile event is read, as webpack writes it', () => {
  const cpuProfile = {
    nodes: [node(1, '(root)', { children: [2] }), node(2, 'main')],
    samples: [2, 2],
    timeDeltas: [0, 40],
    startTime: 5,
    endTime: 105,
  }
  const event = at('CpuProfile', 105, { data: { cpuProfile } }, { cat: ['a', 'b'], id: 4 })
  expect(treeOf(JSON.stringify([NOISE, event]))).toEqual(['main 100 100'])
})

test('each thread has a name, its own time, and node ids of its own', () => {
  const other = (more: object, ms: number) => [
    start(0, more),
    chunk(3, { nodes: NODES, samples: [2] }, { timeDeltas: [0], endTime: ms }, more),
  ]
  const profile = read(
    textOf([
      ...EVENTS,
      ...other({ id: '0x2', tid: 2 }, 30),
      ...other({ pid: 8 }, 500),
      at('thread_name', 0, { name: 'CrRendererMain' }, { pid: 8 }),
      at('process_name', 0, { name: 'Renderer' }),
      at('process_name', 0, { name: 'Renderer' }, { pid: 8 }),
    ]),
  )
  expect(threadsOf(profile)).toEqual({
    'Renderer CrRendererMain (pid 7)': 100,
    'Renderer thread 2': 30,
    'Renderer CrRendererMain (pid 8)': 500,
  })
})

test('Hermes: stack frames with places in their names, a profile for each thread', () => {
  const text = JSON.stringify({
    traceEvents: [],
    samples: [
      { ts: '100', pid: 1, tid: '5', weight: '1', sf: 3 },
      { ts: '130', pid: 1, tid: '5', weight: '1', sf: 2 },
      { ts: '200', pid: 1, tid: '5', weight: '1', sf: 3 },
    ],
    stackFrames: {
      1: { name: '[root]', category: 'root' },
      2: { name: 'main(/b.js:3:7)', parent: 1, line: '9', column: '9' },
      3: { name: 'work(/b.js:4:1)', parent: 2 },
    },
  })
  expect(formatTree(read(text), { places: true })).toEqual([
    'main@/b.js:3:7 100 70',
    '  work@/b.js:4:1 30 30',
  ])
})

test('a trace without a CPU profile is refused, and says what to switch on', () => {
  const reason =
    'BAD_INPUT: a Chrome trace without a CPU profile in it: ' +
    'record it with the category disabled-by-default-v8.cpu_profiler'
  for (const text of [textOf([NOISE]), textOf([]), JSON.stringify([NOISE, start(3)])]) {
    expect(refusal(text)).toBe(reason)
  }
})

test.each([
  ['a node', chunk(1, { nodes: [{ id: 'x' }] }, {})],
  ['a list', chunk(1, { nodes: 3 }, {})],
  ['an id', chunk(1, { nodes: NODES, samples: [0.5] }, { timeDeltas: [1] })],
  ['a time', chunk(1, { nodes: NODES, samples: [1] }, { timeDeltas: ['1'] })],
])('damage is refused with its place: no %s', (_, event) => {
  expect(refusal(textOf([event]))).toMatch(/^BAD_INPUT: event 1 of a profile: /)
})

test('through a window smaller than its events, and packed, it is the same', () => {
  const events = Array.from({ length: 300 }, () => [NOISE, NOISE]).flat()
  for (const text of [textOf([...events, ...EVENTS]), JSON.stringify([...EVENTS, ...events])]) {
    const bytes = new TextEncoder().encode(text)
    const readInto = (into: Uint8Array, position: number) => {
      const part = bytes.subarray(position, position + into.length)
      into.set(part)
      return part.length
    }
    for (const window of [64, 100, 4096]) {
      const profile = decodeSource({ size: bytes.length, read: readInto, window }, 'trace.json')
      expect(formatTree(profile!)).toEqual(TREE)
    }
    const path = join(dir, 'trace.json.gz')
    writeFileSync(path, gzipSync(bytes))
    expect(totalWeight(readProfileFile(path))).toBe(100)
  }
})

test('a trace that is cut or changed anywhere is read, or refused in one line', () => {
  const bytes = new TextEncoder().encode(textOf(EVENTS))
  const faults: unknown[] = []
  const judge = (mutant: Uint8Array) => {
    try {
      const total = totalWeight(decodeProfile(mutant, 'trace.json'))
      if (!(total >= 0)) faults.push(`a total of ${total}`)
    } catch (error) {
      const isOurs = error instanceof ProfviewError && !error.message.includes('\n')
      if (!isOurs) faults.push(error)
    }
  }
  for (let at = 1; at < bytes.length; at++) {
    judge(bytes.subarray(0, at))
    for (const byte of new TextEncoder().encode('"{]9-,')) judge(bytes.with(at, byte))
  }
  expect(faults).toEqual([])
})
