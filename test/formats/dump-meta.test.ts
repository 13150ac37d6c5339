import { describe, expect, test } from 'vitest'
import { encodeProfile } from '../../src/formats/registry.js'
import { readDumpMeta } from '../../src/formats/shared/dump-meta.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { dumpOf } from '../support/dumps.js'
import { profileOf } from '../support/trees.js'

const DUMP = dumpOf('id-1', 'main;é 3\nmain 4', { labels: { __proto__: 'x', trace_id: '"}' } })
const BYTES = encodeProfile(DUMP, 'cpuprofile')
const encode = (text: string) => new TextEncoder().encode(text)

describe('readDumpMeta', () => {
  test('needs no more than the head of a dump, and says when it has too little', () => {
    const end = new TextDecoder().decode(BYTES).indexOf('"nodes"')
    for (let length = 0; length < end - 4; length++) {
      expect(readDumpMeta(BYTES.subarray(0, length))).toBe('incomplete')
    }
    expect(readDumpMeta(BYTES.subarray(0, end))).toEqual(DUMP.sources[0])
    expect(readDumpMeta(BYTES)).toEqual(DUMP.sources[0])
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
      expect(readDumpMeta(bytes)).toBeNull()
    }
  })

  test('refuses facts that are damaged, with their place', () => {
    const text = new TextDecoder().decode(BYTES)
    const damaged = (from: string, to: string) => () => readDumpMeta(encode(text.replace(from, to)))
    expect(damaged('"version":1', '"version":7')).toThrow(
      'made by a newer profview (dump version 7, this one reads 1)',
    )
    expect(damaged('"version":1', '"version":"1"')).toThrow('$profview.version is not 1')
    expect(damaged('"cpu":7', '"cpu":-7')).toThrow('$profview.ledger.cpu is not a whole number')
    expect(damaged('"aborted":false', '"aborted":0')).toThrow(
      '$profview.request.aborted is not true',
    )
    expect(damaged('"kind":"request"', '"kind":"x"')).toThrow(
      '$profview.kind is not request or process or function',
    )
    expect(damaged('"process":{', '"process":[],"x":{')).toThrow(
      '$profview.process is not an object',
    )
  })
})
