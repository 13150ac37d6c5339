import {
  Line,
  Location,
  Function as PprofFunction,
  Profile as PprofProfile,
  type ProfileInput,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format'
import { describe, expect, test } from 'vitest'
import { decodeProfile, encodeProfile } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import { frameKind } from '../../src/profile/frames.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { dumpOf, metaOf } from '../support/dumps.js'
import { checkRoundTrip, refusal } from '../support/formats.js'
import { formatTree, profileFrom } from '../support/trees.js'

const strings = new StringTable()
const at = (text: string) => strings.dedup(text)

/** Locations 1 to 3 are a, b, c; location 4 is c inlined into b. */
function encode(facts: ProfileInput): Uint8Array {
  const names = ['a', 'b', 'c'].map(at)
  const fn = names.map((name, i) => new PprofFunction({ id: i + 1, name, filename: at('f.js') }))
  const location = [1, 2, 3].map((id) => new Location({ id, line: [{ functionId: id, line: id }] }))
  location.push(
    new Location({ id: 4, line: [3, 2].map((functionId) => ({ functionId, line: functionId })) }),
  )
  const sampleType = [
    { type: at('samples'), unit: at('count') },
    { type: at('wall'), unit: at('nanoseconds') },
  ]
  const data = { sampleType, location, function: fn, stringTable: strings, ...facts }
  return new PprofProfile(data).encode()
}

const read = (facts: ProfileInput) => decodeProfile(encode(facts), 'x')
const one = (locationId: (number | bigint)[], value: (number | bigint)[]) => ({
  sample: [{ locationId, value }],
})

describe('reading', () => {
  test('turns stacks round and puts inlined calls under their callers', () => {
    const profile = read({
      sample: [
        { locationId: [2, 1], value: [1, 1500] },
        { locationId: [4, 1], value: [1, 1500] },
        { locationId: [], value: [1, 2000] },
      ],
    })
    expect(formatTree(profile, { places: true })).toEqual([
      '(root) 5 2',
      'a@f.js:1:0 3 0',
      '  b@f.js:2:0 3 1',
      '    c@f.js:3:0 2 2',
    ])
  })

  test('chooses the value by name, not by place', () => {
    const types = (...pairs: string[]) =>
      pairs.map((pair) => {
        const [type, unit] = pair.split('/')
        return { type: at(type!), unit: at(unit!) }
      })
    const weight = (value: number[], ...pairs: string[]) => {
      const profile = read({ ...one([1], value), sampleType: types(...pairs) })
      return `${totalWeight(profile)} ${profile.unit}`
    }
    expect(weight([1, 7000, 9000], 'sample/count', 'wall/nanoseconds', 'cpu/nanoseconds')).toBe(
      '7 microseconds',
    )
    expect(weight([9, 1], 'cpu/milliseconds', 'samples/count')).toBe('9000 microseconds')
    expect(weight([1, 64, 3], 'objects/count', 'space/bytes', 'x/count')).toBe('64 bytes')
    expect(weight([4], 'samples/count')).toBe('4 samples')
  })

  test('knows the collections of @datadog/pprof for what they are', () => {
    const named = (id: number, name: string) => new PprofFunction({ id, name: at(name) })
    const bytes = encode({
      function: [named(1, 'Node.js'), named(2, 'Garbage Collection'), named(3, 'c')],
      sample: [{ locationId: [2, 1], value: [1, 7_000] }],
    })
    const kinds = decodeProfile(bytes, 'x').frames.map(frameKind)
    expect(kinds.filter((kind) => kind !== 'native')).toEqual(['root', 'gc'])
    expect(formatTree(decodeProfile(bytes, 'x')).join()).toContain('(garbage collector) 7')
  })

  test('carries what rounding leaves, so that the total is right', () => {
    const sample = Array.from({ length: 1000 }, () => ({ locationId: [1], value: [1, 333] }))
    expect(totalWeight(read({ sample }))).toBe(333)
  })

  test('keeps ids past 2^53 apart', () => {
    const ids = [2n ** 60n + 1n, 2n ** 60n + 2n]
    const location = ids.map(
      (id, i) => new Location({ id, line: [{ functionId: i + 1, line: 1 }] }),
    )
    const sample = ids.map((id, i) => ({ locationId: [id], value: [1, (i + 1) * 1000] }))
    expect(formatTree(read({ location, sample }))).toEqual(['b 2 2', 'a 1 1'])
  })

  test('reads columns that are packed into lines', () => {
    const location = [new Location({ id: 1, line: [{ functionId: 1, line: (7n << 32n) | 5n }] })]
    const profile = read({ location, ...one([1], [1, 1000]) })
    expect(formatTree(profile, { places: true })).toEqual(['a@f.js:5:7 1 1'])
  })

  test('makes label sets of texts and numbers', () => {
    const label = [
      { key: at('route'), str: at('GET /x') },
      { key: at('size'), num: 12, numUnit: at('bytes') },
      { key: at('try'), num: 2 },
    ]
    const profile = read({ sample: [{ locationId: [1], value: [1, 1000], label }] })
    const set = profile.labelSets[profile.samples.labelSet[0]!]!
    expect(Object.fromEntries(set)).toEqual({ route: 'GET /x', size: '12 bytes', try: '2' })
  })
})

describe('refusing', () => {
  test('names the field', () => {
    const refused = (facts: ProfileInput) => refusal(encode(facts))
    expect(refused(one([9], [1, 1]))).toBe(
      'BAD_INPUT: sample[0].location_id[0] names no location (9)',
    )
    expect(refused(one([1], [1]))).toBe('BAD_INPUT: sample[0].value has 1 of 2 values')
    expect(refused(one([1], [1, 2n ** 64n - 5n]))).toBe('BAD_INPUT: sample[0].value[1] is negative')
    expect(refused({ location: [new Location({ id: 0, address: 7 })] })).toBe(
      'BAD_INPUT: location[0].id is 0',
    )
    expect(refused({ location: [new Location({ id: 1, line: [{ functionId: 8 }] })] })).toBe(
      'BAD_INPUT: location[0].line[0].function_id names no function (8)',
    )
    expect(refused({ function: [new PprofFunction({ id: 1, name: 999 })] })).toBe(
      'BAD_INPUT: function[0].name names no string (999)',
    )
    expect(refused({ sampleType: [{ type: 999 }] })).toBe(
      'BAD_INPUT: sample_type[0].type names no string (999)',
    )
  })

  test('finds what the bytes should not have', () => {
    const broken = (...bytes: number[]) => refusal(new Uint8Array(bytes), 'x.pb')
    expect(broken(0x02, 0x00)).toBe('BAD_INPUT: the file has field number 0')
    expect(broken(0x0b, 0x00)).toBe('BAD_INPUT: the file has field number 0')
    expect(broken(0x0b, 0x08)).toBe('BAD_INPUT: field 1 is cut short')
    expect(broken(0x0c)).toBe('BAD_INPUT: field 1 has wire type 4')
    const type = [0x0a, 0x02, 0x08, 0x00]
    expect(broken(...type, 0x12, 0x02, 0x0a, 0x01)).toBe(
      'BAD_INPUT: sample[0].location_id is cut short',
    )
    expect(broken(...type, 0x10, 0x01)).toBe('BAD_INPUT: sample[0] has wire type 0')
    expect(broken(0x48, ...Array(11).fill(0xff))).toBe(
      'BAD_INPUT: field 9 has a number without an end',
    )
    expect(broken(0x28, 0xb5, 0x2f, 0xfd, 0)).toMatch(/^BAD_INPUT: compressed with zstd/)
    const legacy = new Uint8Array(new BigUint64Array([0n, 3n, 0n, 10000n, 0n]).buffer)
    expect(refusal(legacy)).toMatch(/^BAD_INPUT: a legacy gperftools profile/)
  })

  test('never reads part of a file', () => {
    const bytes = encodeProfile(dumpOf('1', 'main;a 3 {k=v}\nmain;b@/b.js:3:4 4\n'), 'pprof')
    let read = 0
    for (let length = 1; length < bytes.length; length++) {
      const said = refusal(bytes.subarray(0, length), 'x.pb')
      if (said === 'was read') read++
      else expect(said).toMatch(/^BAD_INPUT: /)
    }
    // A file cut between two of its last fields (time, duration, period, default) is a whole
    // profile.
    expect(read).toBeLessThanOrEqual(5)
  })
})

describe('writing', () => {
  test('keeps labels, equal names in different places, and time of the root', () => {
    const profile = profileFrom(`a@x.js:1:2 3 {route=GET /x, worker=1}
      a@x.js:9:2 4
      (root) 2`)
    const back = checkRoundTrip(profile, 'pprof')
    expect(Object.fromEntries(back.labelSets[1]!)).toEqual({ route: 'GET /x', worker: '1' })
  })

  test('tells functions without a name apart by their places', () => {
    const profile = profileFrom(`main;(anonymous)@x.js:12:3 5
      (anonymous)@x.js:12:30 4
      (anonymous)@x.js:7;[await] timer;[blocked];GET /y;(anonymous)@y.js:1:2 3
      (anonymous) 2
      (garbage collector) 1`)
    const bytes = encodeProfile(profile, 'pprof')
    expect(textOf(bytes).slice(1)).toEqual([
      'main;(anonymous:L#12:C#3) 1 5000',
      '(anonymous:L#12:C#30) 1 4000',
      '(anonymous:L#7);[await] timer;[blocked];GET /y [in the way];' +
        '(anonymous:L#1:C#2) [in the way] 1 3000',
      '(anonymous) 1 2000',
      '(garbage collector) 1 1000',
    ])
    checkRoundTrip(profile, 'pprof')
  })

  test('says when the request was', () => {
    const file = PprofProfile.decode(encodeProfile(dumpOf('1', 'a 5'), 'pprof'))
    expect(BigInt(file.timeNanos)).toBe(BigInt(Date.parse('2026-01-02T03:04:05.678Z')) * 1000000n)
    expect(Number(file.durationNanos)).toBe(5000)
  })

  test('is what other tools of pprof ask for', () => {
    const process = { ...metaOf('').process, workerId: 2 }
    const merged = mergeProfiles([
      dumpOf('1', 'a;b 5\na 1\na;b;[await] timer 20 ms 2'),
      dumpOf('2', 'a 7', { process, request: null, kind: 'process' }),
    ])
    expect(textOf(encodeProfile(merged, 'pprof'))).toEqual([
      'samples/count cpu/nanoseconds wall/nanoseconds, shown: wall, period: 1000000 wall/nanoseconds',
      'a 1 1000 1000 request="1" route="GET /x" worker="1" account="cpu"',
      'a 1 7000 7000 request="2" worker="2" account="cpu"',
      'a;b 1 5000 5000 request="1" route="GET /x" worker="1" account="cpu"',
      'a;b;[await] timer 20 ms 1 0 2000 request="1" route="GET /x" worker="1" account="await"',
    ])
    const mixed = mergeProfiles([dumpOf('1', 'a 5'), dumpOf('2', 'a 5', { intervalMicros: 5000 })])
    expect(textOf(encodeProfile(mixed, 'pprof'))[0]).toMatch(/shown: wall, period: 0 \/$/)
    const counts = profileFrom('a 3 {k=}', { unit: 'samples' })
    expect(textOf(encodeProfile(counts, 'pprof'))).toEqual([
      'samples/count, shown: samples, period: 0 /',
      'a 3',
    ])
  })

  test('says of each sample what its dump says of the request', () => {
    const [first, second] = ['1', '2'].map((id) => {
      return dumpOf(id, 'a 5\na 1 {k=v}', { labels: { trace_id: `t${id}`, span_id: 's', k: 'w' } })
    })
    expect(textOf(encodeProfile(first!, 'pprof')).slice(1)).toEqual([
      'a 1 5000 5000 trace_id="t1" span_id="s" k="w" account="cpu"',
      'a 1 1000 1000 trace_id="t1" span_id="s" k="v" account="cpu"',
    ])
    const merged = mergeProfiles([first!, second!, dumpOf('3', 'a 2')])
    const written = encodeProfile(merged, 'pprof')
    const from = (id: number) => `request="${id}" route="GET /x" worker="1" account="cpu"`
    expect(textOf(written).slice(1)).toEqual([
      `a 1 1000 1000 trace_id="t1" span_id="s" k="v" ${from(1)}`,
      `a 1 1000 1000 trace_id="t2" span_id="s" k="v" ${from(2)}`,
      `a 1 5000 5000 trace_id="t1" span_id="s" k="w" ${from(1)}`,
      `a 1 5000 5000 trace_id="t2" span_id="s" k="w" ${from(2)}`,
      `a 1 2000 2000 ${from(3)}`,
    ])
    const back = decodeProfile(written, 'x')
    expect(back.labelSets.map((set) => set.get('trace_id'))).toContain('t2')
  })

  test('tells the accounts apart, and whose code it was', () => {
    const lines = `
      add 3
      add;(garbage collector) 1
      add;[off-CPU] 2
      [await] timer;[blocked];GET /y;add 90
      [await] timer;[blocked];GET /y;add;(garbage collector) 4
      [profiler] 5
      [unknown] 6`
    const bytes = encodeProfile(dumpOf('1', lines), 'pprof')
    const blocked = '[await] timer;[blocked];GET /y [in the way];add [in the way]'
    expect(textOf(bytes).slice(1)).toEqual([
      'add 1 3000 3000 account="cpu"',
      'add;(garbage collector) 1 0 1000 account="gc"',
      'add;[off-CPU] 1 0 2000 account="offcpu"',
      `${blocked} 1 0 90000 account="blocked"`,
      `${blocked};(garbage collector) [in the way] 1 0 4000 account="blocked"`,
      '[profiler] 1 0 5000 account="profiler"',
      '[unknown] 1 0 6000 account="unknown"',
    ])
    const { function: functions, stringTable } = PprofProfile.decode(bytes)
    const text = (index: number | bigint) => stringTable.strings[Number(index)]!
    const marked = functions.find(({ name }) => text(name) === 'add [in the way]')
    expect(text(marked!.systemName)).toBe('add')
    expect(totalWeight(decodeProfile(bytes, 'x'))).toBe(111)
  })

  test('says beside a label of somebody else what is ours', () => {
    const labelled = dumpOf('1', 'a 3 {account=acme}\n[await] 4 {account=await}')
    expect(textOf(encodeProfile(labelled, 'pprof'), { unique: false }).slice(1)).toEqual([
      'a 1 3000 3000 account="acme" account="cpu"',
      '[await] 1 0 4000 account="await"',
    ])
  })

  test('keeps numbers with a unit numbers', () => {
    const label = [
      { key: at('size'), num: 12, numUnit: at('bytes') },
      { key: at('status'), str: at('200 OK') },
    ]
    const profile = read({ sample: [{ locationId: [1], value: [1, 1000], label }] })
    expect(textOf(encodeProfile(profile, 'pprof'))[1]).toBe(
      'a 1 1000 size=12 bytes status="200 OK"',
    )
  })
})

// --- internal ---

/** What the bytes say: the types of the values, then one line a sample, root first. */
function textOf(bytes: Uint8Array, { unique = true } = {}): string[] {
  const file = PprofProfile.decode(bytes)
  expect(file.stringTable.strings[0]).toBe('')
  const text = (index: number | bigint) => file.stringTable.strings[Number(index)]!
  const typeOf = (type: { type: number | bigint; unit: number | bigint } | undefined) =>
    `${text(type?.type ?? 0)}/${text(type?.unit ?? 0)}`
  const functions = new Map(file.function.map((each) => [each.id, each]))
  const locations = new Map(file.location.map((each) => [each.id, each]))
  const nameOf = (id: number | bigint) =>
    text(functions.get(locations.get(id)!.line[0]!.functionId)!.name)
  const samples = file.sample.map(({ locationId, value, label }) => {
    expect(value).toHaveLength(file.sampleType.length)
    if (unique) expect(new Set(label.map(({ key }) => key)).size).toBe(label.length)
    const labels = label.map(({ key, str, num, numUnit }) => {
      expect(Number(str) !== 0 && Number(num) !== 0).toBe(false)
      return ` ${text(key)}=${str ? JSON.stringify(text(str)) : `${num} ${text(numUnit)}`}`
    })
    return `${[...locationId].reverse().map(nameOf).join(';')} ${value.join(' ')}${labels.join('')}`
  })
  const period = `period: ${file.period} ${typeOf(file.periodType)}`
  const shown = `shown: ${text(file.defaultSampleType)}`
  return [`${file.sampleType.map(typeOf).join(' ')}, ${shown}, ${period}`, ...samples]
}

describe('functions without a line of their own', () => {
  const file = (
    named: readonly [name: string, file: string][],
    lines: readonly (readonly [number, number])[],
  ) =>
    new PprofProfile({
      stringTable: strings,
      sampleType: [new ValueType({ type: at('samples'), unit: at('count') })],
      function: named.map(
        ([name, filename], i) =>
          new PprofFunction({ id: i + 1, name: at(name), filename: at(filename) }),
      ),
      location: lines.map(
        ([functionId, line], i) =>
          new Location({ id: i + 1, line: [new Line({ functionId, line })] }),
      ),
      sample: lines.map((_, i) => new Sample({ locationId: [i + 1], value: [10 * (i + 1)] })),
    }).encode()
  const tree = (bytes: Uint8Array) => formatTree(decodeProfile(bytes, 'x.pb'), { places: true })

  test('are one each, at the first line that was seen', () => {
    const bytes = file(
      [
        ['main.hot', '/src/main.go'],
        ['main.main', '/src/main.go'],
      ],
      [
        [1, 6],
        [1, 4],
        [1, 5],
        [2, 20],
      ],
    )
    expect(tree(bytes)).toEqual([
      'main.hot@/src/main.go:4:0 60 60',
      'main.main@/src/main.go:20:0 40 40',
    ])
  })

  test('and without a name are where @datadog/pprof says in place of a name', () => {
    const bytes = file(
      [
        ['(anonymous:L#4:C#9)', '/a.js'],
        ['(anonymous:L#4:C#30)', '/a.js'],
        ['(anonymous:L#9)', '/a.js'],
        ['(anonymous:L#99999999999)', '/a.js'],
      ],
      [
        [1, 4],
        // With `lineNumbers`, a location may be anywhere in its function.
        [1, 6],
        [2, 4],
        [3, 9],
        [4, 1],
      ],
    )
    expect(tree(bytes)).toEqual([
      '(anonymous:L#99999999999)@/a.js:1:0 50 50',
      '(anonymous)@/a.js:9:0 40 40',
      '(anonymous)@/a.js:4:30 30 30',
      '(anonymous)@/a.js:4:9 30 30',
    ])
  })

  test('of one name in a file of JavaScript are as many as their lines', () => {
    const bytes = file(
      [
        ['hot', '/a.js'],
        ['main', '/a.js'],
      ],
      [
        [1, 6],
        [1, 4],
        [2, 20],
      ],
    )
    expect(tree(bytes)).toEqual([
      'main@/a.js:20:0 30 30',
      'hot@/a.js:4:0 20 20',
      'hot@/a.js:6:0 10 10',
    ])
  })
})
