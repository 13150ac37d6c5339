import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeProfile } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { anyProfile } from '../support/arbitrary.js'
import { dumpOf, metaOf } from '../support/dumps.js'
import {
  type FirefoxThreadFile,
  firefoxFileOf,
  markersOf,
  samplesOf,
  weightOf,
} from '../support/firefox.js'
import { refusal } from '../support/formats.js'
import { profileFrom, profileOf } from '../support/trees.js'

const DUMP = dumpOf(
  '1',
  `
  handler@/app/x.js:3:4 1000
  handler@/app/x.js:3:4;[await] timer 20 ms 800
  handler@/app/x.js:3:4;[await] timer 20 ms;[blocked];GET /y;spin@/app/y.js:1:2 500
  handler@/app/x.js:3:4;[await] timer 20 ms 100
  (root) 200`,
)

const worker = (workerId: number) => ({
  process: { ...metaOf('').process, workerId, pid: 100 + workerId },
})

test('is a processed profile, whole', () => {
  const { threads, meta } = firefoxFileOf(DUMP)
  expect(meta).toMatchObject({
    interval: 1,
    startTime: Date.parse('2026-01-02T03:04:05.678Z'),
    profilingEndTime: 2.6,
    product: 'profview',
    profileName: 'GET /x',
    version: 28,
    preprocessedProfileVersion: 48,
  })
  const categories = meta.categories.map(({ name, color }) => `${name} ${color}`)
  expect(categories).toEqual([
    ...['Unknown grey', 'JavaScript yellow', 'Library blue', 'Node green', 'Native darkgrey'],
    ...['GC purple', 'Off-CPU brown', 'Await lightblue', 'Blocked red', 'Profiler magenta'],
    'Idle transparent',
  ])
  const none = Array(6).fill(null)
  const zeros = Array(6).fill(0)
  expect(threads).toEqual([
    {
      name: 'worker 1',
      processType: 'default',
      isMainThread: true,
      processStartupTime: 0,
      processShutdownTime: null,
      registerTime: 0,
      unregisterTime: null,
      pausedRanges: [],
      pid: '100',
      tid: '100',
      nativeSymbols: { libIndex: [], address: [], name: [], functionSize: [], length: 0 },
      resourceTable: { lib: [], name: [], host: [], type: [], length: 0 },
      frameTable: {
        address: Array(6).fill(-1),
        inlineDepth: zeros,
        category: [0, 1, 7, 8, 4, 1],
        subcategory: zeros,
        func: [0, 1, 2, 3, 4, 5],
        nativeSymbol: none,
        innerWindowID: none,
        implementation: none,
        line: none,
        column: none,
        length: 6,
      },
      funcTable: {
        isJS: [false, true, false, false, false, true],
        relevantForJS: [true, false, true, true, true, false],
        name: [0, 1, 2, 3, 4, 5],
        resource: Array(6).fill(-1),
        fileName: [null, 6, null, null, null, 7],
        lineNumber: [null, 3, null, null, null, 1],
        columnNumber: [null, 4, null, null, null, 2],
        length: 6,
      },
      stackTable: {
        frame: [0, 1, 2, 3, 4, 5],
        category: [0, 1, 7, 8, 8, 8],
        subcategory: zeros,
        prefix: [null, null, 1, 2, 3, 4],
        length: 6,
      },
      samples: {
        stack: [1, 2, 5, 2, 0],
        time: [0, 1, 1.8, 2.3, 2.4],
        weight: [1, 0.8, 0.5, 0.1, 0.2],
        weightType: 'tracing-ms',
        length: 5,
      },
      markers: {
        name: [8, 2, 9],
        startTime: [0, 1, 1.8],
        endTime: [2.6, 2.4, 2.3],
        phase: [1, 1, 1],
        category: [1, 7, 8],
        data: [
          {
            type: 'Request',
            title: 'GET /x',
            id: '1',
            status: '200',
            duration: 2.6,
            startedAt: '2026-01-02T03:04:05.678Z',
          },
          { type: 'Await', resource: 'timer 20 ms', title: 'GET /x' },
          { type: 'Blocked', culprit: 'GET /y', title: 'GET /x' },
        ],
        length: 3,
      },
      stringArray: [
        ...['(root)', 'handler', '[await] timer 20 ms', '[blocked]'],
        ...['GET /y [in the way]', 'spin [in the way]'],
        ...['/app/x.js', '/app/y.js', 'GET /x', '[blocked] GET /y'],
      ],
    },
  ])
})

test('knows what V8 calls idle, its own work and garbage', () => {
  const profile = profileOf`
    (idle) 1
    (program) 2
    main@/app/x.js:1:1;(garbage collector) 3
    (idle)@/app/x.js:9:1 4
    [await] timer 20 ms 5`
  const { threads, meta } = firefoxFileOf(profile)
  const [{ samples, stackTable }] = threads as [FirefoxThreadFile]
  const names = samples.stack.map((stack) => meta.categories[stackTable.category[stack]!]!.name)
  expect(names).toEqual(['Idle', 'Unknown', 'GC', 'JavaScript', 'Await'])
})

test('says how a request ended', () => {
  const statusIn = (status: number, aborted: boolean) => {
    const request = { method: 'GET', route: '/x', status, aborted }
    const [thread] = firefoxFileOf(dumpOf('1', 'a 5', { request })).threads
    return (thread!.markers.data[0] as { status?: string }).status
  }
  expect([
    statusIn(500, false),
    statusIn(200, true),
    statusIn(0, true),
    statusIn(0, false),
  ]).toEqual(['500', '200 aborted', 'aborted', undefined])
})

describe('times', () => {
  test('of a long run are pieces, so that a part of it can be selected', () => {
    const [thread] = firefoxFileOf(dumpOf('1', 'a 500\nb;[await] timer 2500')).threads
    expect(samplesOf(thread!)).toEqual([
      '0 a 0.5',
      '0.5 b;[await] timer 0.833',
      '1.333 b;[await] timer 0.834',
      '2.167 b;[await] timer 0.833',
    ])
  })

  test('of a merged profile are laid end to end, request after request, and it says so', () => {
    const file = firefoxFileOf(
      mergeProfiles([
        dumpOf('1', 'a 1000\nb;[await] timer 2000\na 500', worker(1)),
        dumpOf('2', 'c 4000', worker(2)),
        dumpOf('3', 'a 300', worker(1)),
      ]),
    )
    expect(file.threads.map(({ name, pid }) => `${name}, pid ${pid}`)).toEqual([
      'worker 1, pid 101',
      'worker 2, pid 102',
    ])
    expect(file.threads.map(samplesOf)).toEqual([
      ['0 a 1.5', '1.5 b;[await] timer 2', '3.5 a 0.3'],
      ['0 c 4'],
    ])
    expect(file.threads.map(markersOf)).toEqual([
      ['0-3.5 Request: GET /x', '1.5-3.5 Await: [await] timer', '3.5-3.8 Request: GET /x'],
      ['0-4 Request: GET /x'],
    ])
    expect(JSON.stringify(file.meta.extra)).toContain('laid end to end')
    expect(firefoxFileOf(DUMP).meta.extra).toBeUndefined()
  })

  test('of a timeline stay where they are, whichever worker they are of', () => {
    const profile = profileFrom('a 1 {worker=1}\nb 2 {worker=2}\na 3 {worker=1}\na 4 {worker=1}')
    expect(firefoxFileOf(profile).threads.map(samplesOf)).toEqual([
      ['0 a 0.001', '0.003 a 0.007'],
      ['0.001 b 0.002'],
    ])
  })
})

describe('markers', () => {
  test('are one for each stretch, not for each sample', () => {
    const lines = `
      f;[await] timer;[blocked];GET /y;a 10
      f;[await] timer;[blocked];GET /y;b 20
      f;[await] timer;[blocked];GET /z;a 30
      f;[await] timer;[blocked] 5
      f 1
      f;[await] timer 2
      f;[await] 3`
    expect(markersOf(firefoxFileOf(dumpOf('1', lines)).threads[0]!)).toEqual([
      '0-0.071 Request: GET /x',
      '0-0.065 Await: [await] timer',
      '0-0.03 Blocked: [blocked] GET /y',
      '0.03-0.06 Blocked: [blocked] GET /z',
      '0.06-0.065 Blocked: [blocked]',
      '0.066-0.068 Await: [await] timer',
      '0.068-0.071 Await: [await]',
    ])
  })

  test('are none where a profile of another tool only idles', () => {
    expect(markersOf(firefoxFileOf(profileFrom('(idle) 5\nf 1')).threads[0]!)).toEqual([])
  })
})

describe('units', () => {
  test.each([
    ['samples', 'samples'],
    ['bytes', 'bytes'],
  ] as const)('%s are counted as they are', (unit, weightType) => {
    const profile = profileFrom('a 3\nb 4', { unit, timeline: false })
    const file = firefoxFileOf(profile)
    expect(file.threads[0]!.samples).toMatchObject({ weightType, weight: [3, 4], time: [0, 3] })
  })

  test('what a difference takes away stays negative', () => {
    const file = firefoxFileOf(profileFrom('a 5\na -2\nb -4', { timeline: false }))
    expect(samplesOf(file.threads[0]!)).toEqual(['0 a 0.005', '0.005 a -0.002', '0.007 b -0.004'])
  })
})

test('conserves the total of any profile, and is the same every time', () => {
  fc.assert(
    fc.property(anyProfile(), (profile) => {
      expect(weightOf(firefoxFileOf(profile))).toBe(totalWeight(profile))
      const merged = mergeProfiles([profile, DUMP])
      expect(weightOf(firefoxFileOf(merged))).toBe(totalWeight(merged))
      const [once, again] = [1, 2].map(() => encodeProfile(merged, 'firefox'))
      expect(Buffer.compare(once!, again!)).toBe(0)
    }),
    { numRuns: 100 },
  )
})

test('a thread has the stacks that it uses', () => {
  const [first, second] = firefoxFileOf(
    profileFrom('a;b 1 {worker=1}\nc 2 {worker=2}', { timeline: false }),
  ).threads
  expect([first!.stringArray, second!.stringArray]).toEqual([['a', 'b'], ['c']])
})

test('is written, not read', () => {
  expect(refusal(encodeProfile(DUMP, 'firefox'), 'x.firefox.json')).toMatch(/^UNKNOWN_FORMAT: /)
})
