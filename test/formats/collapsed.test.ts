import { describe, expect, test } from 'vitest'
import { decodeProfile, encodeProfile } from '../../src/formats/registry.js'
import { checkRoundTrip, refusal } from '../support/formats.js'
import { formatTree, profileFrom, profileOf } from '../support/trees.js'

const read = (text: string, name = 'x.folded') =>
  decodeProfile(new TextEncoder().encode(text), name)

describe('reading', () => {
  test('sums the lines, with any line ends', () => {
    const profile = read('a;b 1\r\na;b 2\r\n\r\na 4')
    expect(formatTree(profile)).toEqual(['a 7 4', '  b 3 3'])
    expect(profile).toMatchObject({ unit: 'samples', timeline: false, warnings: [] })
  })

  test('names the lines that are none, and refuses a file of nothing else', () => {
    expect(read('a 1\nwhat\nb 2\nc 3 four').warnings).toEqual([
      'line 2 is no folded stack',
      'line 4 is no folded stack',
    ])
    expect(refusal('what\never', 'x.folded')).toBe('BAD_INPUT: line 1 is no folded stack')
    expect(refusal('what\never 7\nelse\nit is', 'notes.txt')).toMatch(/^UNKNOWN_FORMAT/)
  })

  test('takes no comments, and nothing, for a profile, but what is written of one', () => {
    expect(refusal('# made by x\n', 'x.folded')).toBe('BAD_INPUT: line 1 is no folded stack')
    expect(refusal('# no samples of mine\n', 'notes.txt')).toMatch(/^UNKNOWN_FORMAT/)
    expect(refusal('', 'x.folded')).toBe('BAD_INPUT: the file is empty')
    expect(read('# no samples\r\n').samples.stack).toHaveLength(0)
  })

  test('understands where a frame is', () => {
    const profile = read('main (/app/main.js:3:4);f (g.js:7);plain (x) 1')
    expect(formatTree(profile, { places: true })).toEqual([
      'main@/app/main.js:3:4 1 0',
      '  f@g.js:7:0 1 0',
      '    plain (x) 1 1',
    ])
  })
})

describe('writing', () => {
  test('is one line a stack', () => {
    const profile = profileOf`
      main;a@/a.js:1:2 3
      main 1
      main;a@/a.js:1:2 4
      (root) 5`
    const text = new TextDecoder().decode(encodeProfile(profile, 'collapsed'))
    expect(text).toBe('(root) 5\nmain 1\nmain;a (/a.js:1:2) 7\n')
  })

  test('names what is waited for, and marks who was in the way', () => {
    const profile = profileOf`
      f@/f.js:1:2;[await] timer 20 ms 3
      f@/f.js:1:2;[await] timer 20 ms;[blocked];GET /y;g@/g.js:3:4 2
      f@/f.js:1:2;(garbage collector) 1
      [unknown] 4`
    const text = new TextDecoder().decode(encodeProfile(profile, 'collapsed'))
    expect(text.trimEnd().split('\n')).toEqual([
      'f (/f.js:1:2);[await] timer 20 ms 3',
      'f (/f.js:1:2);[await] timer 20 ms;[blocked];GET /y [in the way];g [in the way] (/g.js:3:4) 2',
      'f (/f.js:1:2);(garbage collector) 1',
      '[unknown] 4',
    ])
    checkRoundTrip(profile, 'collapsed')
  })

  test('brings back what would break a line', () => {
    const frames = [
      { name: 'a;b\nc\rd%3B%', file: '/x (1)/y;.js', line: 3, column: 4 },
      { name: 'looks placed (f.js:1:2)', file: '', line: 0, column: 0 },
      { name: 'ends ) ', file: ' (', line: 1, column: 0 },
      { name: '\u2028', file: '', line: 5, column: 0 },
    ]
    const profile = profileFrom('0;1;2;3 7\n0;2 1')
    const renamed = { ...profile, frames: [profile.frames[0]!, ...frames] }
    const back = checkRoundTrip(renamed, 'collapsed')
    expect(back.frames.slice(1)).toEqual(expect.arrayContaining(frames))
  })
})
