import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProfileBuilder, ROOT_STACK } from '../../src/profile/builder.js'
import { buildCallTree, childrenOf, framesOf, totalWeight } from '../../src/profile/calltree.js'
import { checkProfile } from '../../src/profile/check.js'
import { Float64Column, Int32Column } from '../../src/profile/columns.js'
import { frameKey } from '../../src/profile/frames.js'
import { PairTable } from '../../src/profile/pair-table.js'
import type { Profile } from '../../src/profile/profile.js'
import { anyFrame, anyProfile } from '../support/arbitrary.js'
import { formatTree, profileOf } from '../support/trees.js'

describe('ProfileBuilder', () => {
  test('gives equal frames, stacks and label sets one index each', () => {
    fc.assert(
      fc.property(fc.array(anyFrame(), { minLength: 1, maxLength: 20 }), (frames) => {
        const builder = new ProfileBuilder()
        const indexes = new Map(frames.map((frame) => [frameKey(frame), builder.frame(frame)]))
        for (const frame of frames) {
          const index = builder.frame({ ...frame })
          expect(index).toBe(indexes.get(frameKey(frame)))
          expect(builder.stack(ROOT_STACK, index)).toBe(builder.stack(ROOT_STACK, index))
        }
        expect(new Set(indexes.values()).size).toBe(indexes.size)
      }),
    )
    const builder = new ProfileBuilder()
    const set = builder.labelSet([
      ['b', '2'],
      ['a', '1'],
    ])
    expect(
      builder.labelSet([
        ['a', '1'],
        ['b', '2'],
      ]),
    ).toBe(set)
    expect(builder.labelSet([['a', '1b2']])).not.toBe(set)
    expect(builder.labelSet([])).toBe(0)
  })

  test('adopts the stacks of another profile', () => {
    const other = profileOf`a;b 1
      a;c 2`
    const builder = new ProfileBuilder()
    builder.stack(ROOT_STACK, builder.frame({ name: 'z', file: '', line: 0, column: 0 }))
    const ours = builder.adopt(
      other.stacks,
      other.frames.map((frame) => builder.frame(frame)),
    )
    other.samples.stack.forEach((stack, i) => {
      builder.sample(ours[stack]!, other.samples.weight[i]!)
    })
    expect(formatTree(checkProfile(builder.build({ name: '' })))).toEqual(formatTree(other))
  })
})

describe('PairTable and columns', () => {
  test('number pairs in the order of their first sight', () => {
    const table = new PairTable()
    const map = new Map<string, number>()
    for (let i = 0; i < 20_000; i++) {
      const pair = [(i * 7919) % 300, (i * 104_729) % 97] as const
      if (!map.has(String(pair))) map.set(String(pair), map.size)
      expect(table.intern(...pair)).toBe(map.get(String(pair)))
    }
    expect(table.size).toBe(map.size)
  })

  test('hand over exactly what was pushed', () => {
    for (const count of [0, 1, 63, 64, 65, 1000]) {
      const columns = [new Int32Column(1), new Float64Column(1)]
      for (const column of columns) {
        for (let i = 0; i < count; i++) column.push(i)
        expect([...column.finish()]).toEqual(Array.from({ length: count }, (_, i) => i))
      }
    }
  })
})

describe('the call tree', () => {
  test('conserves the time: the root holds it all, a node its own and its children', () => {
    fc.assert(
      fc.property(anyProfile(), (profile) => {
        const tree = buildCallTree(profile)
        expect(tree.total[ROOT_STACK]).toBe(totalWeight(profile))
        for (let node = 0; node < tree.total.length; node++) {
          const below = childrenOf(tree, node).reduce((sum, child) => sum + tree.total[child]!, 0)
          expect(tree.total[node]).toBe(tree.self[node]! + below)
          expect(framesOf(profile, node).length).toBeLessThanOrEqual(5)
        }
      }),
    )
  })
})

describe('checkProfile', () => {
  test('names the first breach', () => {
    const good = profileOf`a;b 1`
    const broken = (facts: Partial<Profile>) => () => checkProfile({ ...good, ...facts })
    const stacks = (frame: number[], parent: number[]) => ({
      stacks: { frame: Int32Array.from(frame), parent: Int32Array.from(parent) },
    })
    const samples = (stack: number, weight: number, labelSet: number) => ({
      samples: {
        stack: Int32Array.of(stack),
        weight: Float64Array.of(weight),
        labelSet: Int32Array.of(labelSet),
      },
    })
    expect(broken(stacks([], []))).toThrow('stacks[0] must be the root')
    expect(broken(stacks([0, 9], [-1, 0]))).toThrow('stacks.frame[1] names no frame (9)')
    expect(broken(stacks([0, 1, 2], [-1, 2, 0]))).toThrow(
      'stacks.parent[1] must be an earlier stack',
    )
    expect(broken(stacks([0, 1, 1], [-1, 0, 0]))).toThrow(/stacks\[[12]\] repeats another stack/)
    expect(broken(samples(9, 1, 0))).toThrow('samples.stack[0] names no stack (9)')
    expect(broken(samples(1, 0.5, 0))).toThrow('samples.weight[0] is not a whole number (0.5)')
    expect(broken(samples(1, 1, 5))).toThrow('samples.labelSet[0] names no set')
    expect(broken({ labelSets: [new Map([['a', 'b']])] })).toThrow('labelSets[0] must be empty')
  })
})
