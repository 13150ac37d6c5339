/** What is no time of a CPU, and no sample, is never called so. */
import {
  Location,
  Function as PprofFunction,
  Profile as PprofProfile,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format'
import { describe, expect, test } from 'vitest'
import { diffProfiles } from '../../src/analysis/diff.js'
import { decodeProfile, encodeProfile } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import type { Profile } from '../../src/profile/profile.js'
import { flatLines } from '../../src/render/flat.js'
import { renderMarkdown } from '../../src/render/markdown.js'
import { renderText } from '../../src/render/text.js'
import { mergeProfiles } from '../../src/transform/merge.js'

/** As Go writes them: the types of values, those of `lock` under `main`, and those of `main`. */
function fromGo(name: string, types: string, ...values: [number[], number[]]): Profile {
  const strings = new StringTable()
  const at = (text: string) => strings.dedup(text)
  const file = new PprofProfile({
    stringTable: strings,
    sampleType: types.split(' ').map((pair) => {
      const [type, unit] = pair.split('/')
      return new ValueType({ type: at(type!), unit: at(unit!) })
    }),
    function: ['main.main', 'sync.(*Mutex).Lock'].map((text, i) => {
      const line = { name: at(text), filename: at('/src/main.go'), startLine: 10 * (i + 1) }
      return new PprofFunction({ id: i + 1, ...line })
    }),
    location: [1, 2].map((id) => new Location({ id, line: [{ functionId: id, line: 10 * id }] })),
    sample: values.map((value, i) => new Sample({ locationId: i === 0 ? [2, 1] : [1], value })),
  })
  return decodeProfile(file.encode(), name)
}

const BLOCK = fromGo('block.pb', 'contentions/count delay/nanoseconds', [5, 3.2e9], [2, 2e8])
const HEAP = fromGo(
  'heap.pb',
  'alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes',
  [5, 9e6, 1, 5e6],
  [2, 1e6, 1, 4e5],
)
const GOROUTINES = fromGo('goroutine.pb', 'goroutine/count', [1500], [200])
const CPU = fromGo('cpu.pb', 'samples/count cpu/nanoseconds', [5, 5e7], [2, 2e7])

const tree = (whole: string, lock: string, own: string) =>
  `${whole}  main.main  /src/main.go:10\n` +
  `|- ${lock}  sync.(*Mutex).Lock  /src/main.go:20\n\`- ${own}  [self]\n`

describe('show says what', () => {
  test('was waited', () => {
    expect(renderText(BLOCK)).toBe(
      'block.pb (delay)  3.40 s\ntime waited, of all threads together; nothing ran in it\n\n' +
        tree('3.40 s', '3.20 s', '200 ms'),
    )
  })

  test('is in use', () => {
    expect(renderText(HEAP)).toBe(
      `heap.pb (inuse_space)  5.4 MB\nbytes, not time\n\n${tree('5.4 MB', '5.0 MB', '400 kB')}`,
    )
    const ofNode = fromGo('heap.pb', 'objects/count space/bytes', [5, 5e6], [2, 4e5])
    expect(renderText(ofNode)).toBe(renderText(HEAP).replace('inuse_space', 'space'))
  })

  test('is counted', () => {
    expect(renderText(GOROUTINES)).toBe(
      `goroutine.pb (goroutine)  1,700\ncounts, not time\n\n${tree('1,700', '1,500', '200')}`,
    )
  })

  test('a sampler took, as before', () => {
    expect(renderText(CPU)).toBe(
      'cpu.pb  70.0 ms\n\nCPU: 71 % of 70.0 ms in sync.(*Mutex).Lock (/src/main.go:20).\n\n' +
        tree('70.0 ms', '50.0 ms', '20.0 ms'),
    )
    const counts = decodeProfile(new TextEncoder().encode('main;a 5\nmain 2\n'), 'x.folded')
    expect(renderText(counts)).toBe(
      'x.folded  7 samples\n\n7 samples  main\n|- 5 samples  a\n`- 2 samples  [self]\n',
    )
    const perf = fromGo('perf.pb', 'cycles_event/count', [5], [2])
    expect(renderText(perf)).toMatch(/^perf.pb {2}7 samples\n/)
    const clock = fromGo('x.pb', 'wallclock/nanoseconds', [5e6], [2e6])
    expect(clock).toMatchObject({ name: 'x.pb', unit: 'microseconds' })
  })
})

test('as a table, or for a pull request, they are no time of a CPU and no samples either', () => {
  expect([...flatLines(HEAP)].slice(3)).toEqual([
    '  self          total         pieces  function',
    '5.0 MB   93 %  5.0 MB   93 %       1  sync.(*Mutex).Lock  /src/main.go:20',
    '400 kB  7.4 %  5.4 MB  100 %       1  main.main  /src/main.go:10',
  ])
  for (const profile of [BLOCK, HEAP, GOROUTINES]) {
    const text = [...flatLines(profile), renderMarkdown(profile)].join('\n')
    expect(text).not.toMatch(/cpu|busy|sample/i)
    if (profile !== BLOCK) expect(text).not.toMatch(/\bms\b/)
  }
})

test('they are added to, and compared with, nothing else', () => {
  const pairs = [
    [BLOCK, CPU, 'cannot add microseconds to delay'],
    [HEAP, CPU, 'cannot add microseconds to bytes'],
    [HEAP, GOROUTINES, 'cannot add counts to bytes'],
  ] as const
  for (const [a, b, said] of pairs) {
    expect(() => mergeProfiles([a, b])).toThrow(said)
    expect(() => diffProfiles([a], [b])).toThrow(/^cannot compare/)
  }
  expect(totalWeight(mergeProfiles([BLOCK, BLOCK]))).toBe(6.8e6)
})

test('they are what they were when they have been written and read', () => {
  for (const profile of [BLOCK, HEAP, GOROUTINES]) {
    for (const format of ['cpuprofile', 'pprof'] as const) {
      const back = decodeProfile(encodeProfile(profile, format), 'x')
      expect(back.unit).toBe(profile.unit)
      expect(totalWeight(back)).toBe(totalWeight(profile))
    }
  }
})
