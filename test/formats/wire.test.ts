/** Protobufs that are legal and rare: all of profile.proto's numbers, and what it does not know. */
import { describe, expect, test } from 'vitest'
import { decodeProfile } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import { refusal } from '../support/formats.js'
import {
  bytesField,
  join,
  locationOf,
  numberField,
  packedField,
  pprofTables,
  sampleOf,
  varint,
} from '../support/protobuf.js'
import { formatTree } from '../support/trees.js'

const FILE = join(pprofTables(), locationOf(1, 1))
const read = (...parts: Uint8Array[]) => decodeProfile(join(FILE, ...parts), 'x.pb')
const refused = (...parts: Uint8Array[]) => refusal(join(FILE, ...parts), 'x.pb')

/** A field that nobody knows, of each type. */
const UNKNOWN = [
  numberField(99, 2n ** 64n - 1n),
  join(varint(99 * 8 + 1), new Uint8Array(8)),
  bytesField(99, new Uint8Array(300)),
  join(varint(99 * 8 + 3), numberField(1, 5), varint(98 * 8 + 3), varint(98 * 8 + 4), varint(796)),
  join(varint(99 * 8 + 5), new Uint8Array(4)),
]

describe('what profile.proto does not know', () => {
  test('is skipped at the top and in each message, whatever its type', () => {
    for (const unknown of UNKNOWN) {
      const sample = bytesField(2, unknown, packedField(1, [1]), unknown, packedField(2, [7]))
      const profile = read(unknown, sample, unknown)
      expect(formatTree(profile)).toEqual(['f 7 7'])
    }
  })

  test('is refused where it is cut short, or its group ends nowhere', () => {
    expect(UNKNOWN.map((unknown) => refused(unknown.subarray(0, -1)))).toEqual([
      'BAD_INPUT: field 99 is cut short',
      'BAD_INPUT: field 99 is cut short',
      'BAD_INPUT: field 99 is cut short',
      'BAD_INPUT: the file is cut short',
      'BAD_INPUT: field 99 is cut short',
    ])
    const deep = new Uint8Array(100_000).fill(0x0b)
    expect(refused(deep)).toMatch(/^BAD_INPUT: field 1 has wire type 3$/)
    expect(refused(join(varint(99 * 8 + 3), varint(97 * 8 + 4)))).toMatch(/wire type 4/)
  })
})

test('numbers are read packed and one by one, however many bytes they were written in', () => {
  const long = (value: number) => Uint8Array.from([value | 0x80, 0x80, 0x80, 0])
  const apart = bytesField(2, numberField(1, 1), numberField(1, 1), numberField(2, 4))
  const padded = bytesField(2, bytesField(1, long(1), long(1)), bytesField(2, long(3)))
  const mixed = bytesField(2, packedField(1, [1]), numberField(1, 1), packedField(2, [2]))
  expect(formatTree(read(apart, padded, mixed))).toEqual(['f 9 0', '  f 9 9'])
})

test('sums are exact up to 2^53, and refused past it', () => {
  const most = Number.MAX_SAFE_INTEGER
  expect(totalWeight(read(sampleOf([1], most - 1), sampleOf([1], 1)))).toBe(most)
  expect(refused(sampleOf([1], most), sampleOf([1], 1))).toBe(
    'BAD_INPUT: samples add up to more than 2^53: no exact sum',
  )
  expect(refused(sampleOf([1], 2n ** 53n + 1n))).toBe('BAD_INPUT: sample[0].value[0] is too large')
  expect(refused(sampleOf([1], -1n))).toBe('BAD_INPUT: sample[0].value[0] is negative')
})

test('the same holds for the other formats', () => {
  const frames = '"shared":{"frames":[{"name":"f"}]}'
  const speedscope = (...weights: (string | number)[]) =>
    `{${frames},"profiles":[{"type":"sampled","unit":"none","name":"",` +
    `"samples":[${weights.map(() => '[0]')}],"weights":[${weights}]}]}`
  expect(refusal(speedscope('9007199254740993'))).toBe(
    'BAD_INPUT: profiles[0].weights[0] is too large',
  )
  expect(refusal(speedscope('9007199254740991', 1))).toMatch(/^BAD_INPUT: /)
  expect(refusal('f 9007199254740993\n', 'x.folded')).toBe('BAD_INPUT: line 1 counts past 2^53')
  expect(refusal('f 9007199254740991\nf 1\n', 'x.folded')).toMatch(/^BAD_INPUT: samples add up/)
  const node = '"nodes":[{"id":1,"callFrame":{"functionName":"f"}}]'
  const times = (...deltas: string[]) =>
    `{${node},"startTime":0,"samples":[${deltas.map(() => 1)}],"timeDeltas":[${deltas}]}`
  expect(refusal(times('1', '9007199254740993'))).toMatch(/^BAD_INPUT: bad time/)
  expect(refusal(times('9007199254740990', '9007199254740990'))).toMatch(/^BAD_INPUT: bad time/)
})
