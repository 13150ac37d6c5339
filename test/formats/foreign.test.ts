/** Files that are taken for profiles, and profiles as other tools write them. */
import { describe, expect, test } from 'vitest'
import { decodeProfile, encodeProfile } from '../../src/formats/registry.js'
import { refusal } from '../support/formats.js'
import { formatTree, profileFrom } from '../support/trees.js'

const read = (text: string, name = 'unknown') => decodeProfile(new TextEncoder().encode(text), name)

describe('what is no CPU profile is refused, and what it is is said', () => {
  const LOG =
    '::1 - - [28/Nov/2026:01:02:03 +0000] "GET /a;b HTTP/1.1" 200 1234\n'.repeat(3) +
    '::1 - - [28/Nov/2026:01:02:04 +0000] "GET /c HTTP/1.1" 304 0\n'
  const SCRIPT =
    'node 4711 12.345678: 1000 cycles:u:\n\t7f1234 read+0x12 (/lib/x.so)\n\t55aa main+0x1 (/a)\n\n'
  test.each([
    ['a heap snapshot', '{"snapshot":{"meta":{}},"nodes":[1,2,3],"edges":[]}', /a heap snapshot/],
    [
      'a heap profile',
      '{"head":{"callFrame":{"functionName":"(root)","url":""},"selfSize":0,"id":1,"children":[]},"samples":[]}',
      /a heap profile/,
    ],
    ['a graph', '{"nodes":[{"id":1,"label":"a"},{"id":2}],"links":[]}', /none of its nodes/],
    ['a pull request', '{"url":"x","head":{"id":1,"label":"a","sha":"b"}}', /none of its nodes/],
    ['any JSON', '{"port":8080,"workers":4}', /^UNKNOWN_FORMAT/],
    ['YAML', 'port: 8080\nworkers: 4\ntimeout: 30\n', /^UNKNOWN_FORMAT/],
    ['an access log', LOG, /an access log/],
    ['CSV', 'name,count\na, 1\nb, 2\nc, 3\n', /^UNKNOWN_FORMAT/],
    ['code', 'let a = 1\nfor (let i = 0; i < 3; i++) a += 2\nconst b = 3\n', /^UNKNOWN_FORMAT/],
    ['a heap of Go, as text', 'heap profile: 1: 16 [2: 32] @ heap/1048576\n1: 16 [1: 1]', /Go/],
    ['goroutines', 'goroutine 1 [running]:\nmain.main()\n\t/a.go:3 +0x1d\n', /Go/],
    ['trace.out', 'go 1.23 trace\0\0\0\x01\x02', /runtime\/pprof/],
    ['node --prof', 'v8-version,11,3,244,8,-node.30,0\ntick,0x1,2,0,0x0,6\n', /--cpu-prof/],
    ['node --prof-process', '{\n  "code": [\n  {"name": "node",\n "type": "CPP"}]}', /--cpu-prof/],
    ['ticks of 0x', '[[],[],[{"name":"write","type":"CPP"}],[]]', /ticks of 0x/],
    ['perf script', SCRIPT, /stackcollapse-perf/],
    ['perf.data', 'PERFILE2\0\0\0', /perf script/],
    ['a zip archive', 'PK\x03\x04\x14\0', /zip archive; unpack it first/],
    ['bzip2', 'BZh91AY', /^BAD_INPUT: compressed with bzip2/],
  ])('%s', (_, text, said) => {
    expect(refusal(text)).toMatch(said)
  })

  test.each(['\n', '\r\n', ' \t\n', '#\n'])('after thousands of lines of %j, at once', (line) => {
    const text = `${line.repeat(4000)}what comes then is 12 words or 3.5: no more\n`
    expect(refusal(text)).toMatch(/^UNKNOWN_FORMAT/)
  })
})

describe('nodes that name their parent', () => {
  const file = (nodes: readonly object[]) =>
    JSON.stringify({
      nodes,
      startTime: 0,
      endTime: 6000,
      samples: [2, 3, 4],
      timeDeltas: [0, 1000, 2000],
    })
  const node = (id: number, functionName: string, more: object = {}) => ({
    id,
    callFrame: { functionName, scriptId: '1', url: '', lineNumber: -1, columnNumber: -1 },
    ...more,
  })
  const TREE = ['main 6000 1000', '  parse 5000 2000', '    token 3000 3000']

  test.each([
    [
      'each',
      [node(1, '(root)'), node(2, 'main', { parent: 1 }), node(3, 'parse', { parent: 2 })],
      node(4, 'token', { parent: 3 }),
    ],
    [
      'before its parent, and null',
      [node(3, 'parse', { parent: 2 }), node(2, 'main', { parent: 1 })],
      [node(4, 'token', { parent: 3 }), node(1, '(root)', { parent: null })],
    ],
    [
      'beside lists of children',
      [node(1, '(root)', { children: [2] }), node(2, 'main', { children: [3], parent: 1 })],
      [node(3, 'parse', { parent: 2 }), node(4, 'token', { parent: 3 })],
    ],
  ])('%s', (_, nodes, more) => {
    expect(formatTree(read(file([nodes, more].flat())))).toEqual(TREE)
  })

  test('two parents, one that is not there, a circle', () => {
    const refused = (...nodes: object[]) => refusal(file([node(1, '(root)'), ...nodes]))
    expect(refused(node(2, 'a', { children: [3] }), node(3, 'b', { parent: 1 }))).toBe(
      'BAD_INPUT: nodes[2] has two parents',
    )
    expect(refused(node(2, 'a', { parent: 9 }))).toBe(
      'BAD_INPUT: nodes[1].parent is not in the file',
    )
    expect(refused(node(2, 'a', { parent: 3 }), node(3, 'b', { parent: 2 }))).toMatch(
      /is its own ancestor$/,
    )
  })

  test('a reply of the inspector is the profile in it', () => {
    const whole = [node(1, '(root)'), node(2, 'main', { parent: 1 })]
    const profile = file([
      ...whole,
      node(3, 'parse', { parent: 2 }),
      node(4, 'token', { parent: 3 }),
    ])
    expect(formatTree(read(`{"profile":${profile}}`))).toEqual(TREE)
    expect(formatTree(read(`{"id":7,"result":{"profile":${profile}}}`))).toEqual(TREE)
    expect(refusal('{"profile":{"name":"Ada"},"id":7}')).toMatch(/^UNKNOWN_FORMAT/)
  })
})

describe('folded stacks', () => {
  test('lines that begin with # are comments, and functions that do are none', () => {
    const profile = read('# taken at 12\na;b 1\n#a;b 5\na;c 2\n')
    expect(formatTree(profile)).toEqual(['a 3 0', '  c 2 2', '  b 1 1'])
    expect(profile.warnings).toEqual([])
    const own = profileFrom('#run;#step 3', { unit: 'samples' })
    const bytes = encodeProfile(own, 'collapsed')
    expect(formatTree(decodeProfile(bytes, 'x.folded'))).toEqual(['#run 3 0', '  #step 3 3'])
  })

  test('counts with fractions are weights', () => {
    const profile = read('a;b 1.5\na;c 0.25\na 2\n')
    expect(formatTree(profile)).toEqual(['a 375 200', '  b 150 150', '  c 25 25'])
    expect(profile.warnings).toEqual(['counts have fractions: each is shown 100 times as large'])
  })

  test('two counts are a diff, of which the second is shown', () => {
    const profile = read('a;b 1 3\na;c 5 2\n')
    expect(formatTree(profile)).toEqual(['a 5 0', '  b 3 3', '  c 2 2'])
    expect(profile.warnings).toEqual([expect.stringContaining('a diff of two profiles')])
  })
})
