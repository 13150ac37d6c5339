import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAtOnce } from '../../src/formats/cpuprofile/at-once.js'
import { decodeProfile, encodeProfile } from '../../src/formats/registry.js'
import { ProfileBuilder } from '../../src/profile/builder.js'
import { totalWeight } from '../../src/profile/calltree.js'
import type { Profile } from '../../src/profile/profile.js'
import { anyProfile } from '../support/arbitrary.js'
import { dumpOf, metaOf } from '../support/dumps.js'
import { checkRoundTrip, refusal } from '../support/formats.js'
import { waitLines } from '../support/sums.js'
import { formatTree, profileFrom, profileOf } from '../support/trees.js'

interface RawNode {
  id: number | string
  callFrame?: object
  children?: unknown
  hitCount?: number
}

/** `1 (root) > 2 3` → a node with its children. */
function nodes(...lines: string[]): RawNode[] {
  return lines.map((line) => {
    const [, id, functionName, children] = /^(\S+) (\S+)(?: > (.*))?$/.exec(line)!
    const callFrame = { functionName, scriptId: '1', url: '', lineNumber: -1, columnNumber: -1 }
    return { id: Number(id), callFrame, children: children?.split(' ').map(Number) ?? [] }
  })
}

const NODES = nodes('1 (root) > 2 4', '2 main > 3', '3 parse', '4 (idle)')

function read(profile: object): Profile {
  return decodeProfile(new TextEncoder().encode(JSON.stringify(profile)), 'test.cpuprofile')
}

function refused(profile: object): string {
  return refusal(JSON.stringify(profile), 'test.cpuprofile')
}

describe('reading time', () => {
  test('gives a sample the time until the next, and the first gap to [unknown]', () => {
    const profile = read({
      nodes: NODES,
      startTime: 1000,
      endTime: 1100,
      samples: [2, 3, 3, 4],
      timeDeltas: [5, 10, 20, 30],
    })
    expect(formatTree(profile)).toEqual([
      'main 60 10',
      '  parse 50 50',
      '(idle) 35 35',
      '[unknown] 5 5',
    ])
    expect(profile).toMatchObject({ timeline: true, startMicros: 1000, unit: 'microseconds' })
    expect([...profile.samples.weight]).toEqual([5, 10, 20, 30, 35])
  })

  test('gives the last sample nothing if the end is missing or too early', () => {
    const times = { nodes: NODES, startTime: 0, samples: [2, 3], timeDeltas: [0, 7] }
    expect(formatTree(read(times))).toEqual(['main 7 7'])
    expect(formatTree(read({ ...times, endTime: 3 }))).toEqual(['main 7 7'])
  })

  test('puts samples with negative deltas into the order of time and keeps the total', () => {
    const profile = read({
      nodes: NODES,
      startTime: 100,
      endTime: 200,
      samples: [2, 3, 4],
      timeDeltas: [0, 50, -20],
    })
    expect(formatTree(profile)).toEqual(['main 80 30', '  parse 50 50', '(idle) 20 20'])
    expect(profile.warnings).toEqual(['1 sample was not in the order of time and has been moved'])
    for (const timeDeltas of [
      [-10, 20, 30],
      [-1, -2, -3],
    ]) {
      const moved = read({
        nodes: NODES,
        startTime: 100,
        endTime: 200,
        samples: [2, 3, 4],
        timeDeltas,
      })
      expect(totalWeight(moved)).toBe(100)
    }
  })

  test('rounds fractions so that the total is right', () => {
    const timeDeltas = Array(10).fill(0.3)
    const samples = Array(10).fill(2)
    const profile = read({ nodes: NODES, startTime: 0, endTime: 3, samples, timeDeltas })
    expect(totalWeight(profile)).toBe(3)
  })

  test('reads the common part of samples and times of different number', () => {
    const short = {
      nodes: NODES,
      startTime: 0,
      endTime: 30,
      samples: [2, 3, 4],
      timeDeltas: [0, 10],
    }
    expect(formatTree(read(short))).toEqual(['main 30 10', '  parse 20 20'])
    const long = { nodes: NODES, startTime: 0, endTime: 30, samples: [2], timeDeltas: [0, 10, 10] }
    expect(formatTree(read(long))).toEqual(['main 30 30'])
    expect(read(long).warnings).toEqual(['1 samples but 3 times: what is beyond both was left out'])
  })

  test('spreads the duration over hit counts if there are no samples', () => {
    const counted = NODES.map((node, i) => ({ ...node, hitCount: [0, 1, 2, 0][i]! }))
    expect(formatTree(read({ nodes: counted, startTime: 0, endTime: 100 }))).toEqual([
      'main 100 33',
      '  parse 67 67',
    ])
    expect(read({ nodes: counted })).toMatchObject({ unit: 'samples', timeline: false })
    expect(formatTree(read({ nodes: counted }))).toEqual(['main 3 1', '  parse 2 2'])
  })

  test('loads a profile without samples or nodes as empty', () => {
    for (const profile of [{ nodes: NODES }, { nodes: [] }, { nodes: NODES, samples: [] }]) {
      expect(formatTree(read(profile))).toEqual([])
    }
  })
})

describe('reading nodes', () => {
  test('counts lines from 1 and forgets the place of meta nodes', () => {
    const at = (functionName: string, lineNumber: number) => ({
      functionName,
      scriptId: '7',
      url: 'file:///a.js',
      lineNumber,
      columnNumber: lineNumber,
    })
    const profile = read({
      nodes: [
        { id: 1, callFrame: { ...at('(root)', -1), url: '' }, children: [2, 3, 4] },
        { id: 2, callFrame: at('a', 0), hitCount: 1 },
        { id: 3, callFrame: at('', -1), hitCount: 1 },
        { id: 4, callFrame: { ...at('(garbage collector)', 5), url: '' }, hitCount: 1 },
      ],
    })
    expect(formatTree(profile, { places: true })).toEqual(
      [
        '(anonymous)@file:///a.js:0:0 1 1',
        'a@file:///a.js:1:1 1 1',
        '(garbage collector) 1 1',
      ].sort(),
    )
  })

  test('merges nodes with the same parent and frame', () => {
    const samples = { startTime: 0, endTime: 9, samples: [2, 3], timeDeltas: [0, 4] }
    const profile = read({ nodes: nodes('1 (root) > 2 3', '2 a', '3 a'), ...samples })
    expect(formatTree(profile)).toEqual(['a 9 9'])
  })

  test('takes ids that are strings, negative or past 2^53, and in any order', () => {
    const text = `{"samples":["a",-7,9007199254740993,9007199254740992],"timeDeltas":[0,1,2,3],
      "endTime":10,"startTime":0,"nodes":[
      {"id":-7,"callFrame":{"functionName":"minus"}},
      {"id":"a","callFrame":{"functionName":"text"},"children":[-7]},
      {"id":9007199254740993,"callFrame":{"functionName":"odd"}},
      {"id":9007199254740992,"callFrame":{"functionName":"even"}},
      {"id":0,"callFrame":{"functionName":"(root)"},"children":["a",9007199254740992,9007199254740993]}]}`
    const profile = decodeProfile(new TextEncoder().encode(text), 'x')
    expect(formatTree(profile)).toEqual(['even 4 4', 'odd 3 3', 'text 3 1', '  minus 2 2'])
  })

  test('shows nodes and samples of unknown identity and says so', () => {
    const profile = read({
      nodes: [{ id: 1, callFrame: { functionName: '(root)' }, children: [2, 99] }, { id: 2 }],
      startTime: 0,
      endTime: 10,
      samples: [2, 77],
      timeDeltas: [0, 4],
    })
    expect(formatTree(profile)).toEqual(['[unknown] 6 6', '(anonymous) 4 4'])
    expect(profile.warnings).toEqual([
      '1 child that is not in the file was left out',
      '1 node without a function name is shown as (anonymous)',
      '1 sample of a node that is not in the file is shown as [unknown]',
    ])
  })

  test('keeps names that are dangerous as keys', () => {
    const names = Object.getOwnPropertyNames(Object.prototype)
    const profile = profileFrom(names.map((name) => `${name};x 1 {${name}=${name}}`).join('\n'))
    const back = decodeProfile(encodeProfile(profile, 'cpuprofile'), 'x')
    expect(formatTree(back)).toEqual(formatTree(profile))
    expect(back.labelSets.slice(1).map((set) => [...set])).toEqual(names.map((n) => [[n, n]]))
    expect(({} as Record<string, unknown>).x).toBeUndefined()
    const text = '{"__proto__":{"polluted":1},"nodes":[],"$profviewer":{"__proto__":1}}'
    decodeProfile(new TextEncoder().encode(text), 'x')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('follows chains a million deep and siblings in great number', () => {
    const frame = { functionName: 'f', scriptId: '0', url: '', lineNumber: 0, columnNumber: 0 }
    const text = JSON.stringify(frame)
    const deep = Array.from(
      { length: 1e6 },
      (_, i) => `{"id":${i},"callFrame":${text},"children":[${i + 1}]}`,
    )
    deep.push('{"id":1000000,"callFrame":{"functionName":"leaf"}}')
    const profile = decodeProfile(
      new TextEncoder().encode(
        `{"nodes":[${deep}],"endTime":5,"startTime":0,"samples":[1000000],"timeDeltas":[0]}`,
      ),
      'x',
    )
    expect(totalWeight(profile)).toBe(5)
    expect(profile.stacks.frame.length).toBe(1_000_002)
    const wide = nodes('1 (root)')
    wide[0]!.children = Array.from({ length: 200_000 }, (_, i) => i + 2)
    for (let i = 0; i < 200_000; i++) {
      wide.push({ id: i + 2, callFrame: { functionName: `f${i}` }, hitCount: 1 })
    }
    expect(read({ nodes: wide }).samples.stack.length).toBe(200_000)
  })
})

describe('the old form with a head', () => {
  const head = {
    functionName: '(root)',
    id: 1,
    children: [
      {
        functionName: 'a',
        url: 'a.js',
        lineNumber: 4,
        id: 2,
        hitCount: 1,
        children: [{ functionName: 'b', id: 3, hitCount: 3, children: [] }],
      },
    ],
  }

  test('takes the time from the timestamps, and the end from one more', () => {
    const timestamps = [163140599286, 163140599386, 163140599486]
    const profile = read({ head, startTime: 163140, endTime: 163140, samples: [2, 3], timestamps })
    expect(formatTree(profile)).toEqual(['a 200 100', '  b 100 100'])
  })

  test('counts in seconds without timestamps', () => {
    expect(formatTree(read({ head, startTime: 10, endTime: 12 }))).toEqual([
      'a 2000000 500000',
      '  b 1500000 1500000',
    ])
  })

  test('nests as deep as it likes', () => {
    const depth = 200_000
    const open = Array.from(
      { length: depth },
      (_, i) => `{"functionName":"f","id":${i},"children":[`,
    )
    const text = `{"head":${open.join('')}${']}'.repeat(depth)}}`
    expect(decodeProfile(new TextEncoder().encode(text), 'x').stacks.frame.length).toBe(depth + 1)
  })
})

describe('refusing', () => {
  test('names the node', () => {
    const loop = nodes('1 (root) > 2', '2 a > 3', '3 b > 2')
    expect(refused({ nodes: loop })).toBe('BAD_INPUT: nodes[1] has two parents')
    expect(refused({ nodes: nodes('1 a > 2', '2 b > 1') })).toBe(
      'BAD_INPUT: nodes[0] is its own ancestor',
    )
    expect(refused({ nodes: nodes('1 a > 1') })).toBe('BAD_INPUT: nodes[0] is its own ancestor')
    expect(refused({ nodes: nodes('1 a > 3', '2 b > 3', '3 c') })).toBe(
      'BAD_INPUT: nodes[2] has two parents',
    )
    expect(refused({ nodes: nodes('1 a', '1 b') })).toBe(
      'BAD_INPUT: nodes[1].id is already taken (1)',
    )
    expect(refused({ nodes: [{ id: 1.5 }] })).toBe('BAD_INPUT: nodes[0].id is not a node id (1.5)')
    expect(refused({ nodes: [{ children: [] }] })).toBe('BAD_INPUT: nodes[0] has no id')
    expect(refused({ nodes: [{ id: 1, children: 7 }] })).toBe(
      'BAD_INPUT: nodes[0].children is not a list',
    )
    expect(refused({ nodes: [{ id: 1, children: {} }] })).toBe(
      'BAD_INPUT: nodes[0].children is not a list',
    )
    expect(refused({ nodes: { id: 1 } })).toBe('BAD_INPUT: nodes is not a list')
    expect(refused({ nodes: [7] })).toBe('BAD_INPUT: nodes[0] is not a node')
  })

  test('names the sample whose time is none', () => {
    const deltas = (list: string) =>
      refusal(`{"nodes":[],"startTime":0,"samples":[1,1,1],"timeDeltas":[${list}]}`)
    expect(deltas('0,null,2')).toBe('BAD_INPUT: bad time at sample 1 (null)')
    expect(deltas('0,1,"x"')).toBe('BAD_INPUT: bad time at sample 2 ("x")')
    expect(deltas('1e400,1,1')).toBe('BAD_INPUT: bad time at sample 0 (Infinity)')
    expect(deltas('1e300,1,1')).toMatch(/^BAD_INPUT: bad time/)
    expect(refused({ nodes: NODES, startTime: 9, endTime: 3, samples: [2], timeDeltas: [0] })).toBe(
      'BAD_INPUT: bad time at sample 1 (endTime is before startTime)',
    )
    expect(refusal('{"nodes":[],"startTime":"x"}')).toBe('BAD_INPUT: startTime is not a time (x)')
  })

  test('never shows part of a file', () => {
    const bytes = encodeProfile(dumpOf('1', 'main;a 3\nmain;b@/b.js:3:4 4\n'), 'cpuprofile')
    const end = bytes.lastIndexOf('}'.charCodeAt(0))
    for (let length = 0; length <= end; length++) {
      expect(refusal(bytes.subarray(0, length), 'x.cpuprofile')).toMatch(/^BAD_INPUT: /)
    }
    const trailing = new Uint8Array([...bytes, 0x7d])
    expect(refusal(trailing)).toMatch(/the JSON is broken at byte/)
  })
})

describe('a file of middling size', () => {
  /** White space behind the file decides how it is read. */
  const padded = (bytes: Uint8Array, size: number) =>
    Buffer.concat([bytes, Buffer.alloc(size - bytes.length, ' ')])
  const atOnce = (bytes: Uint8Array) => padded(bytes, 256 * 1024)
  const walked = (bytes: Uint8Array) => padded(bytes, 4 * 1024 * 1024 + 1)

  test('is read at once, and is the same as when it is walked', () => {
    fc.assert(
      fc.property(anyProfile(), (profile) => {
        const bytes = encodeProfile(profile, 'cpuprofile')
        expect(readAtOnce(atOnce(bytes), new ProfileBuilder())).not.toBeNull()
        expect(decodeProfile(atOnce(bytes), 'x')).toEqual(decodeProfile(walked(bytes), 'x'))
      }),
      { numRuns: 30 },
    )
  })

  test.each<[string, object]>([
    ['ids that are texts', { nodes: [{ ...NODES[0], id: '1', children: [] }] }],
    ['no call frame', { nodes: [{ id: 1 }] }],
    ['an id that is none', { nodes: NODES, samples: [1.5], timeDeltas: [0] }],
    ['a time that is none', { nodes: NODES, samples: [1], timeDeltas: [null] }],
    ['no end', { nodes: NODES, samples: [1], timeDeltas: [0], endTime: undefined }],
  ])('is walked where it has %s', (_what, facts) => {
    const file = { startTime: 0, endTime: 9, samples: [1], timeDeltas: [1], ...facts }
    const bytes = new TextEncoder().encode(JSON.stringify(file))
    expect(readAtOnce(atOnce(bytes), new ProfileBuilder())).toBeNull()
    expect(refusal(atOnce(bytes), 'x')).toBe(refusal(walked(bytes), 'x'))
  })
})

describe('writing', () => {
  test('gives both readings of the deltas the same totals', () => {
    const profile = profileOf`
      main 3
      main 4
      main;parse 5
    `
    const file = JSON.parse(new TextDecoder().decode(encodeProfile(profile, 'cpuprofile')))
    expect(file.samples).toEqual([2, 2, 2, 3, 3])
    expect(file.timeDeltas).toEqual([0, 3, 4, 0, 5])
    expect(file.endTime - file.startTime).toBe(12)
    expect(Object.keys(file)[0]).toBe('$profview')
  })

  test('is read back sample by sample, with labels, times and facts', () => {
    const labelled = dumpOf('id-1', 'a 3 {k=1}\na 4 {k=2}\na;b 0\n(root) 2\na 1 {k=1}')
    const profile = { ...labelled, startMicros: 77_000 }
    const back = checkRoundTrip(profile, 'cpuprofile')
    expect([...back.samples.weight]).toEqual([3, 4, 2, 1])
    const labels = [...back.samples.labelSet].map((set) => back.labelSets[set]?.get('k'))
    expect(labels).toEqual(['1', '2', undefined, '1'])
    expect(back.sources).toEqual(profile.sources)
    expect(back).toMatchObject({
      name: 'GET /x',
      startMicros: 77_000,
      timeline: true,
      warnings: [],
    })
  })

  test('remembers the unit, the name and that there is no timeline', () => {
    const profile = profileFrom('a;b 5\na 7', { name: 'heap', unit: 'bytes', timeline: false })
    const back = checkRoundTrip(profile, 'cpuprofile')
    expect(back).toMatchObject({ name: 'heap', unit: 'bytes', timeline: false, sources: [] })
  })

  test('refuses a difference', () => {
    const difference = profileOf`a -3`
    expect(() => encodeProfile(difference, 'cpuprofile')).toThrow('negative times')
    expect(() => encodeProfile(difference, 'pprof')).toThrow('negative times')
  })
})

describe('waits', () => {
  const WAITING = nodes(
    ...['1 (root) > 2 6', '2 main > 3 4 5', '3 [await]_db', '4 [await]_db', '5 parse'],
    '6 [await]',
  ).map((node) => {
    const { functionName } = node.callFrame as { functionName: string }
    return {
      ...node,
      callFrame: { ...node.callFrame, functionName: functionName.replace('_', ' ') },
    }
  })
  const wait = (node: unknown, count = 1, totalMicros = 5, longestMicros = 5) => ({
    ...{ node, count, totalMicros, longestMicros },
  })
  const file = (waits: unknown, changes: object = {}) => ({
    $profview: { ...metaOf('1'), durationMicros: 10, waits, ...changes },
    nodes: WAITING,
    ...{ startTime: 0, endTime: 10, samples: [3, 4, 5, 6], timeDeltas: [0, 4, 2, 3] },
  })

  test('are those of the nodes whose ids they say; nodes of one call have them together', () => {
    const profile = read(file([wait(6, 2, 7), wait(3, 3, 9, 8), wait(4, 1, 2, 2)]))
    expect(profile.warnings).toEqual([])
    expect(waitLines(profile)).toEqual([
      '[await]: 2 in 7, longest 5',
      'main;[await] db: 4 in 11, longest 8',
    ])
  })

  test('are written with the ids of the file’s own nodes', () => {
    const bytes = encodeProfile(read(file([wait(6), wait(3)])), 'cpuprofile')
    const written = JSON.parse(new TextDecoder().decode(bytes))
    const nameOf = new Map(
      written.nodes.map(({ id, callFrame }: { id: number; callFrame: object }) => [
        id,
        (callFrame as { functionName: string }).functionName,
      ]),
    )
    const { waits } = written.$profview
    expect(waits.map(({ node, ...sum }: { node: number }) => [nameOf.get(node), sum])).toEqual([
      ['[await] db', { count: 1, totalMicros: 5, longestMicros: 5 }],
      ['[await]', { count: 1, totalMicros: 5, longestMicros: 5 }],
    ])
  })

  test('of no node, or of one that waits for nothing, are left out with a word', () => {
    const profile = read(file([wait(77), wait(5), wait(1), wait(3)]))
    expect(waitLines(profile)).toEqual(['main;[await] db: 1 in 5, longest 5'])
    expect(profile.warnings).toEqual(['3 times: a wait at no [await] of the file was left out'])
  })

  test('that cannot be are refused, with their place', () => {
    const places = [wait('3'), wait(-1), wait(3, 0), wait(3, 1.5), wait(3, 1, 5, 6)].map((each) =>
      refused(file([wait(3), each])).replace('BAD_INPUT: $profview.', ''),
    )
    expect(places).toEqual([
      'waits[1].node is not a whole number',
      'waits[1].node is not a whole number',
      'waits[1].count is 0',
      'waits[1].count is not a whole number',
      'waits[1].longestMicros is more than all together',
    ])
    const ofSet = (labels: unknown) => refused(file([{ ...wait(3), labels }]))
    expect(ofSet('a')).toBe('BAD_INPUT: $profview.waits[0].labels is not a whole number')
    expect(ofSet(3)).toBe('BAD_INPUT: $profview.waits[0].labels is not as profview writes it')
  })

  test('mean nothing in a dump of version 1', () => {
    const { offcpu: _, ...ledger } = metaOf('1').ledger
    const profile = read(file('a lot', { version: 1, ledger }))
    expect([profile.waits, profile.warnings]).toEqual([[], []])
  })

  test('are read alike from files of all sizes', () => {
    const names = Array.from(
      { length: 3000 },
      (_, i) => `handler${i}@/app/src/file${i}.js:${i + 1}`,
    )
    const large = dumpOf('1', names.map((name) => `${name};[await] db 4`).join('\n'))
    const waits = [...large.samples.stack].map((stack) => ({
      ...{ stack, labelSet: 0, count: 2, totalMicros: 4, longestMicros: 3 },
    }))
    const bytes = encodeProfile({ ...large, waits }, 'cpuprofile')
    expect(readAtOnce(bytes, new ProfileBuilder())?.key?.waits).toHaveLength(3000)
    expect(waitLines(decodeProfile(bytes, 'x'))).toEqual(waitLines({ ...large, waits }))
  })
})

test.each([
  ['0, as v8-profiler', 0, 'f@/a.js:7:3 2 2'],
  ['-1, as what was turned into it', -1, 'f@/a.js:8:4 2 2'],
])('lines of the form with a head begin where the root’s says: %s', (_, lineNumber, line) => {
  const f = { functionName: 'f', url: '/a.js', lineNumber: 7, columnNumber: 3, id: 2, hitCount: 2 }
  const head = { functionName: '(root)', url: '', lineNumber, id: 1, hitCount: 0, children: [f] }
  const profile = decodeProfile(new TextEncoder().encode(JSON.stringify({ head })), 'x')
  expect(formatTree(profile, { places: true })).toEqual([line])
})
