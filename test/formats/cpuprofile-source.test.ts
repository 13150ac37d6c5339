/** Files that are never held as a whole: the same profile, wherever the window ends. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCpuprofile } from '../../src/formats/cpuprofile/read.js'
import { decodeProfile, decodeSource, encodeProfile } from '../../src/formats/registry.js'
import type { ByteSource } from '../../src/formats/shared/byte-window.js'
import { buildCallTree, entryCount } from '../../src/profile/calltree.js'
import { checkProfile } from '../../src/profile/check.js'
import type { Profile } from '../../src/profile/profile.js'
import { anyProfile } from '../support/arbitrary.js'
import { formatTree, profileOf } from '../support/trees.js'

const encode = (file: unknown) =>
  new TextEncoder().encode(typeof file === 'string' ? file : JSON.stringify(file))

function sourceOf(bytes: Uint8Array, window: number): ByteSource {
  const read = (into: Uint8Array, position: number) => {
    const part = bytes.subarray(position, position + into.length)
    into.set(part)
    return part.length
  }
  return { size: bytes.length, read, window }
}

const readCut = (bytes: Uint8Array, window: number, summed = false) =>
  readCpuprofile(sourceOf(bytes, window), 'x', { summed })

/** The profile, or why there is none. */
function outcome(read: () => Profile): unknown {
  try {
    return checkProfile(read())
  } catch (error) {
    return (error as Error).message
  }
}

/** Each node's name with its own time and its samples, whatever the order of the stacks. */
function sums(profile: Profile): string[] {
  const { self, samples } = buildCallTree(profile)
  const { frame } = profile.stacks
  const lines = Array.from(frame, (of, i) => `${profile.frames[of]!.name} ${self[i]} ${samples[i]}`)
  return [...lines, `${entryCount(profile)} samples`, ...profile.warnings]
}

const FRAME = { functionName: 'a', scriptId: '1', url: '', lineNumber: -1, columnNumber: -1 }
const NODES = [{ id: 1, callFrame: FRAME, children: [] }]
const FILE = { nodes: NODES, startTime: 0, endTime: 9, samples: [1, 1], timeDeltas: [2, 3] }

describe('read through a window', () => {
  test('a file gives the profile that the whole gives', () => {
    fc.assert(
      fc.property(anyProfile(), fc.integer({ min: 16, max: 4000 }), (profile, window) => {
        const bytes = encodeProfile(profile, 'cpuprofile')
        expect(readCut(bytes, window)).toEqual(readCpuprofile(bytes, 'x'))
      }),
      { numRuns: 100 },
    )
  })

  test('and so does the same file with white space between everything', () => {
    fc.assert(
      fc.property(anyProfile(), (profile) => {
        const bytes = encodeProfile(profile, 'cpuprofile')
        const spaced = JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)), null, ' ')
        expect(readCpuprofile(encode(spaced), 'x')).toEqual(readCpuprofile(bytes, 'x'))
        expect(sums(readCut(bytes, 200, true))).toEqual(sums(readCpuprofile(bytes, 'x')))
      }),
      { numRuns: 100 },
    )
  })

  test.each([
    ['in the order of their callers', [1, 2, 3, 4, 5, 6]],
    ['in another', [1, 3, 2, 6, 5, 4]],
    ['callees first', [6, 5, 4, 3, 2, 1]],
  ])('two nodes of one function under one caller are one call, %s', (_what, order) => {
    const callFrame = (functionName: string) => ({ ...FRAME, functionName, url: 'a.js' })
    const all = [
      { id: 1, callFrame: callFrame('main'), hitCount: 0, children: [2, 3] },
      { id: 2, callFrame: callFrame('a'), hitCount: 1, children: [4] },
      { id: 3, callFrame: callFrame('a'), hitCount: 1, children: [5, 6] },
      { id: 4, callFrame: callFrame('b'), hitCount: 1 },
      { id: 5, callFrame: callFrame('b'), hitCount: 1 },
      { id: 6, callFrame: callFrame('main'), hitCount: 1 },
    ]
    const file = {
      nodes: order.map((id) => all[id - 1]),
      startTime: 0,
      endTime: 6,
      samples: [1, 2, 3, 4, 5, 6],
      timeDeltas: [0, 1, 1, 1, 1, 1],
    }
    for (const summed of [false, true]) {
      const profile = checkProfile(readCut(encode(file), 64, summed))
      expect(formatTree(profile)).toEqual(['main 6 1', '  a 5 2', '    b 2 2', '    main 1 1'])
    }
  })

  const names = ['π', '"}\\', '😀'.repeat(9), 'a\u0000\n', '\\"]', 'long'.repeat(30)]
  const ids = names.map((_, i) => i + 2)
  const nodes = [
    { id: 1, callFrame: { ...FRAME, functionName: '(root)' }, children: ids },
    ...names.map((functionName, i) => ({
      ...{ id: i + 2, callFrame: { ...FRAME, functionName, url: 'file:///ü.js' }, hitCount: 1 },
      ...{ positionTicks: [{ line: 1, ticks: 2 }] },
    })),
  ]
  const times = { startTime: 1e12, endTime: 1e12 + 1e9 }
  const lists = { samples: [...ids, ...ids], timeDeltas: [...ids, 1e9, 0.5, -3, 12, 123456, 7] }
  const FILES: [string, string][] = [
    ['in V8’s order', JSON.stringify({ nodes, ...times, ...lists })],
    [
      'in another order',
      JSON.stringify({ ...lists, x: { nodes: ['samples', {}] }, ...times, nodes }),
    ],
    ['with white space', JSON.stringify({ nodes, ...lists, ...times }, null, '\t \n')],
    ['with ids that are texts', JSON.stringify({ nodes, ...times, ...lists, samples: ['2', '4'] })],
    ['without times', JSON.stringify({ nodes, ...times })],
    ['with absolute times', JSON.stringify({ nodes, samples: [2, 3], timestamps: [5, 9, 11] })],
    [
      'of the old form',
      JSON.stringify({ head: { id: 1, ...FRAME, children: [{ id: 2, ...FRAME }] } }),
    ],
  ]
  test.each(FILES)('it may end at any byte of a file %s', (_what, text) => {
    const bytes = encode(text)
    const whole = readCpuprofile(bytes, 'x')
    for (let window = 16; window < Math.min(bytes.length + 2, 700); window++) {
      expect(readCut(bytes, window)).toEqual(whole)
    }
  })

  test.each(FILES)('what is wrong is said with its place in the file, %s', (_what, text) => {
    const bytes = encode(text)
    for (let end = 1; end < bytes.length - 1; end += 7) {
      const cut = bytes.subarray(0, end)
      const broken = bytes.slice()
      broken[end] = 0x01
      for (const each of [cut, broken]) {
        expect(outcome(() => readCut(each, 64))).toEqual(outcome(() => readCpuprofile(each, 'x')))
      }
    }
  })

  test('things are larger than it', () => {
    const children = Array.from({ length: 50_000 }, (_, i) => i + 2)
    const root = { id: 1, callFrame: { ...FRAME, functionName: 'n'.repeat(99_999) }, children }
    const leaves = children.map((id) => ({ id, callFrame: FRAME }))
    const file = { other: 'o'.repeat(200_000), nodes: [root, ...leaves], samples: children }
    const bytes = encode({
      ...file,
      timeDeltas: children.map(() => 1),
      startTime: 0,
      endTime: 50_000,
    })
    expect(readCut(bytes, 1000)).toEqual(readCpuprofile(bytes, 'x'))
  })

  test('other formats are not', () => {
    const profile = profileOf`main;a 3`
    const good = encodeProfile(profile, 'cpuprofile')
    const read = (bytes: Uint8Array) => decodeSource(sourceOf(bytes, 64), 'x.cpuprofile')
    expect(read(good)).toEqual(decodeProfile(good, 'x.cpuprofile'))
    const speedscope = encodeProfile(profile, 'speedscope')
    expect(read(speedscope)).toEqual(decodeProfile(speedscope, 'x.cpuprofile'))
    for (const format of ['pprof', 'collapsed'] as const) {
      expect(read(encodeProfile(profile, format))).toBeNull()
    }
    expect(() => read(encodeProfile(profile, 'firefox'))).toThrow('not a CPU profile')
  })
})

describe('added up while it is read', () => {
  test.each<[string, object]>([
    ['in order', { samples: [1, 1, 1], timeDeltas: [0, 3, 4] }],
    ['with time before the first sample', { samples: [1, 1, 1], timeDeltas: [2, 3, 4] }],
    ['with samples that are late', { samples: [1, 1, 7, 1], timeDeltas: [2, 3, -1, 4] }],
    ['with more samples than times', { samples: [1, 1, 1], timeDeltas: [2] }],
    ['with fractions', { samples: [1, 1], timeDeltas: [0.5, 0.5] }],
    ['with large times', { samples: [1, 1, 1], timeDeltas: [2, 5e9, 4], endTime: 6e9 }],
    ['without an end', { samples: [1, 1], timeDeltas: [2, 3], endTime: undefined }],
    ['empty', { samples: [], timeDeltas: [] }],
  ])('a profile has the same times and counts, %s', (_what, lists) => {
    const bytes = encode({ ...FILE, ...lists })
    const summed = checkProfile(readCut(bytes, 64, true))
    expect(sums(summed)).toEqual(sums(readCpuprofile(bytes, 'x')))
  })

  test('says what it is', () => {
    const { timeline, samples } = readCut(encode(FILE), 64, true)
    expect(timeline).toBe(false)
    expect(samples.count).toEqual(Int32Array.of(2, 1))
    expect(formatTree(readCut(encode(FILE), 64, true))).toEqual(['a 7 7', '[unknown] 2 2'])
  })

  test('a dump of ours keeps its order', () => {
    const bytes = encodeProfile(profileOf`main;a 3`, 'cpuprofile')
    expect(readCut(bytes, 64, true)).toEqual(readCpuprofile(bytes, 'x'))
  })
})

const CORPUS = new URL('../../../shared/corpus/', import.meta.url).pathname
const isThere = existsSync(CORPUS)

describe.skipIf(!isThere)('every profile of the corpus', () => {
  const names = isThere ? readdirSync(CORPUS).filter((name) => name.endsWith('.cpuprofile')) : []
  test.each(names)('%s is the same in pieces, and has the same sums', (name) => {
    const bytes = readFileSync(join(CORPUS, name))
    const whole = readCpuprofile(bytes, name)
    expect(readCpuprofile(sourceOf(bytes, 5000), name)).toEqual(whole)
    const summed = readCpuprofile(sourceOf(bytes, 5000), name, { summed: true })
    expect(sums(checkProfile(summed))).toEqual(sums(whole))
  })
})
