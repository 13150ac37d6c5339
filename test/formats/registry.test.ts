import { describe, expect, test } from 'vitest'
import { decodeProfile, encodeProfile, formatOfFileName } from '../../src/formats/registry.js'
import { FORMATS, refusal } from '../support/formats.js'
import { formatTree, profileOf } from '../support/trees.js'

const PROFILE = profileOf`
  main;ünïcode 😀 3
  main 4`

function utf16(bytes: Uint8Array, littleEndian: boolean, mark: boolean): Uint8Array {
  const text = `${mark ? '\ufeff' : ''}${new TextDecoder().decode(bytes)}`
  const view = new DataView(new ArrayBuffer(text.length * 2))
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), littleEndian)
  return new Uint8Array(view.buffer)
}

describe('detection', () => {
  test('goes by the bytes, not by the name', () => {
    for (const format of FORMATS) {
      const bytes = encodeProfile(PROFILE, format)
      for (const name of ['unknown', 'x.cpuprofile', 'x.json', '-']) {
        expect(formatTree(decodeProfile(bytes, name)), `${format} as ${name}`).toEqual(
          formatTree(PROFILE),
        )
      }
    }
  })

  test('reads text in UTF-8 and UTF-16, with and without a mark', () => {
    for (const format of ['cpuprofile', 'speedscope', 'collapsed'] as const) {
      const bytes = encodeProfile(PROFILE, format)
      const encodings: Uint8Array[] = [new Uint8Array([0xef, 0xbb, 0xbf, ...bytes])]
      for (const littleEndian of [true, false]) {
        encodings.push(utf16(bytes, littleEndian, true), utf16(bytes, littleEndian, false))
      }
      for (const encoded of encodings) {
        expect(formatTree(decodeProfile(encoded, 'x'))).toEqual(formatTree(PROFILE))
      }
    }
  })

  test('keeps characters whole that lie across the blocks of a long text', () => {
    const text = `${'x'.repeat(8191)}😀${'y'.repeat(20_000)} 1`
    const profile = decodeProfile(utf16(new TextEncoder().encode(text), true, true), 'x.folded')
    expect(profile.frames[1]!.name).toBe(text.slice(0, -2))
  })

  test('refuses what is no profile', () => {
    expect(refusal('')).toBe('BAD_INPUT: the file is empty')
    for (const text of [
      'null',
      '[]',
      '0',
      '"x"',
      '{}',
      '{"a":1}',
      'hello',
      '\u007fELF\0\0',
      '<html>\n',
    ]) {
      expect(refusal(text)).toBe(
        'UNKNOWN_FORMAT: not a profile: none of cpuprofile, speedscope, chrome-trace, pprof, collapsed',
      )
    }
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])
    expect(refusal(png)).toMatch(/^UNKNOWN_FORMAT/)
    expect(refusal('{}', 'x.cpuprofile')).toBe('BAD_INPUT: not a CPU profile: it has no nodes')
    expect(refusal(new Uint8Array([0x1f, 0x8b, 8]))).toBe(
      'BAD_INPUT: compressed with gzip more than once',
    )
  })
})

test('knows the format that a file name asks for', () => {
  const names = [
    'a.cpuprofile',
    'b.PB.gz',
    'c.pb',
    'd.pprof',
    'e.speedscope.json',
    'f.collapsed.txt',
    'g.firefox.json',
  ]
  expect([...names, 'h.folded', 'i.json', 'j'].map(formatOfFileName)).toEqual([
    'cpuprofile',
    'pprof',
    'pprof',
    'pprof',
    'speedscope',
    'collapsed',
    'firefox',
    'collapsed',
    null,
    null,
  ])
})
