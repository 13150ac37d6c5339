import { describe, expect, test } from 'vitest'
import { CallFrameCache } from '../../src/formats/cpuprofile/call-frame-cache.js'
import { decodeProfile } from '../../src/formats/registry.js'
import type { Frame } from '../../src/profile/profile.js'

const encoder = new TextEncoder()

function frameOf(name: string): Frame {
  return { name, file: 'a.js', line: 1, column: 1 }
}

function callFrame(name: string, scriptId = '1'): Uint8Array {
  return encoder.encode(JSON.stringify({ functionName: name, scriptId, url: 'a.js' }))
}

function find(cache: CallFrameCache, bytes: Uint8Array): number {
  return cache.find(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0)
}

function learn(cache: CallFrameCache, bytes: Uint8Array, frame: Frame): number {
  expect(find(cache, bytes)).toBe(-1)
  return cache.add(bytes, 0, bytes.length, frame)
}

describe('call frames that were decoded before', () => {
  test('are known by their bytes, equal frames by one number', () => {
    const cache = new CallFrameCache()
    const names = Array.from({ length: 3000 }, (_, i) => `f${i}${i % 3 === 0 ? '}' : ''}`)
    const numbers = names.map((name) => learn(cache, callFrame(name), frameOf(name)))
    expect(new Set(numbers).size).toBe(names.length)
    names.forEach((name, i) => {
      expect(find(cache, callFrame(name))).toBe(numbers[i])
      expect(cache.length).toBe(callFrame(name).length)
      expect(learn(cache, callFrame(name, '22'), frameOf(name))).toBe(numbers[i])
    })
  })

  test('are not mistaken for others that differ in one byte anywhere', () => {
    const bytes = callFrame('aFunctionWithALongName')
    const cache = new CallFrameCache()
    learn(cache, bytes, frameOf('a'))
    for (let i = 0; i < bytes.length; i++) {
      const other = bytes.slice()
      other[i]! ^= 1
      expect(find(cache, other)).toBe(-1)
    }
    expect(find(cache, bytes.subarray(0, bytes.length - 1))).toBe(-1)
  })

  test('make one frame of a function without a name and of one whose name is empty', () => {
    const unnamed = [{}, { functionName: '' }, { functionName: '', scriptId: '7' }, {}]
    const nodes = unnamed.map((callFrame, i) => ({ id: i + 1, callFrame, hitCount: 1 }))
    for (const order of [nodes, [...nodes].reverse(), nodes]) {
      const bytes = encoder.encode(JSON.stringify({ nodes: order }))
      const { frames } = decodeProfile(bytes, 'x.cpuprofile')
      expect(frames.map(({ name }) => name)).toEqual(['(root)', '(anonymous)'])
    }
  })
})
