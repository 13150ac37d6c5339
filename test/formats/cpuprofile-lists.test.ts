/** Files that come in pieces: the same profile as of the whole, wherever they are cut. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ListReader } from '../../src/formats/cpuprofile/lists.js'
import { readCpuprofile } from '../../src/formats/cpuprofile/read.js'
import { decodeProfile, decodeProfilePieces, encodeProfile } from '../../src/formats/registry.js'
import type { Profile } from '../../src/profile/profile.js'
import { anyProfile } from '../support/arbitrary.js'
import { formatTree, profileOf } from '../support/trees.js'

const encode = (file: unknown) =>
  new TextEncoder().encode(typeof file === 'string' ? file : JSON.stringify(file))

/** Each piece overwrites the one before, as when a file is read. */
function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  const buffer = new Uint8Array(size)
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size)
    buffer.set(piece)
    yield buffer.subarray(0, piece.length)
  }
}

function readCut(bytes: Uint8Array, size: number): Profile | null {
  const reader = new ListReader(bytes.length)
  for (const piece of cut(bytes, size)) if (!reader.push(piece)) return null
  const { bytes: rest, lists } = reader.finish()
  return readCpuprofile(rest, 'x', lists)
}

const FRAME = { functionName: 'a', scriptId: '1', url: '', lineNumber: -1, columnNumber: -1 }
const NODES = [{ id: 1, callFrame: FRAME, children: [] }]
const FILE = { nodes: NODES, startTime: 0, endTime: 9, samples: [1, 1], timeDeltas: [2, 3] }

test('gives the profile that the whole gives', () => {
  fc.assert(
    fc.property(anyProfile(), fc.integer({ min: 1, max: 60 }), (profile, size) => {
      const bytes = encodeProfile(profile, 'cpuprofile')
      expect(readCut(bytes, size)).toEqual(readCpuprofile(bytes, 'x'))
    }),
    { numRuns: 100 },
  )
})

test('reads any order of lists, with white space, and negative deltas', () => {
  const text = `{ "timeDeltas" : [ 2 , -1\n,3 ], "nodes": ${JSON.stringify(NODES)},
    "samples":[ 1,1 , 1 ] , "startTime": 5, "endTime": 20 }`
  for (let size = 1; size < 40; size++) {
    const profile = readCut(encode(text), size)!
    expect(profile).toEqual(readCpuprofile(encode(text), 'x'))
    expect(formatTree(profile)).toEqual(['a 14 14', '[unknown] 1 1'])
  }
})

describe('leaves alone', () => {
  test.each<[string, object]>([
    ['lists inside of other things', { ...FILE, x: { samples: ['q'], y: [['samples', [1.5]]] } }],
    ['texts that look like lists', { ...FILE, y: 'samples":[1,2', '"samples":[': [1.5], z: '\\' }],
    ['empty lists', { ...FILE, samples: [], timeDeltas: [] }],
  ])('%s', (_what, file) => {
    const bytes = encode(file)
    expect(readCut(bytes, 7)).toEqual(readCpuprofile(bytes, 'x'))
  })
})

describe('leaves to the reader of wholes', () => {
  test.each<[string, unknown]>([
    ['ids that are texts', { ...FILE, samples: ['1', '1'] }],
    ['ids that are negative', { ...FILE, samples: [-1, 1] }],
    ['ids past 2^31', { ...FILE, samples: [1, 2 ** 31] }],
    ['times that are fractions', { ...FILE, timeDeltas: [0.5, 1] }],
    ['times that are none', { ...FILE, timeDeltas: [null, 1] }],
    ['a list that comes twice', '{"nodes":[],"samples":[1],"samples":[1]}'],
    ['numbers without a comma', '{"nodes":[],"samples":[1 1]}'],
    ['a comma too many', '{"nodes":[],"samples":[1,]}'],
    ['a sign without a number', '{"nodes":[],"timeDeltas":[-]}'],
    ['a sign inside a number', '{"nodes":[],"timeDeltas":[1-1]}'],
  ])('%s', (_what, file) => {
    const bytes = encode(file)
    for (const size of [1, 7, 1000]) expect(readCut(bytes, size)).toBeNull()
  })

  test('other formats, and what is broken', () => {
    const pieces = (bytes: Uint8Array) =>
      decodeProfilePieces(cut(bytes, 4096), bytes.length, 'x.cpuprofile')
    const profile = profileOf`main;a 3`
    const good = encodeProfile(profile, 'cpuprofile')
    expect(pieces(good)).toEqual(decodeProfile(good, 'x.cpuprofile'))
    for (let end = 1; end < good.length - 1; end++) expect(pieces(good.subarray(0, end))).toBeNull()
    for (const format of ['pprof', 'speedscope', 'collapsed', 'firefox'] as const) {
      expect(pieces(encodeProfile(profile, format))).toBeNull()
    }
  })
})
