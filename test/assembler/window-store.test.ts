/** Windows written by hand: which microsecond goes where, exactly. */
import { describe, expect, test } from 'vitest'
import { WindowStore } from '../../src/assembler/window-store.js'
import { checkProfile } from '../../src/profile/check.js'
import { GC } from '../../src/profile/frames.js'
import type { DumpMeta, Profile } from '../../src/profile/profile.js'
import { WaitLog } from '../../src/sampler/async/wait-log.js'
import { StackTable } from '../../src/sampler/stack-table.js'
import {
  BACKGROUND,
  CODE,
  COLLECTING,
  type Finished,
  IDLING,
  OURSELVES,
  PROFILING,
  type Window,
} from '../../src/sampler/window.js'
import { lineOf } from '../support/sampler-parts.js'
import { formatTree } from '../support/trees.js'

const ME = 7
const OTHER = 8

/** `[time ms, 'a;b;c', context, kind]` */
type Sample = [number, string, number, number?]
/** `[start ms, end ms, context, 'logical;callers', what]` */
type Segment = [number, number, number, string?, string?]

function scene(
  samples: Sample[],
  segments: Segment[],
  changes: Partial<Window> = {},
  stacks = new StackTable('/profview/'),
) {
  const stackOf = (path: string, kind = CODE) =>
    stacks.of(
      path === ''
        ? []
        : path.split(';').map((name) => stacks.intern(name, '/app.js', lineOf(name), 1, true)),
      kind,
    )
  const texts = segments.map(([, , , , what]) => what ?? '')
  const window = {
    sampleTime: Float64Array.from(samples, ([time]) => time),
    sampleStack: Int32Array.from(samples, ([, path, , kind]) => stackOf(path, kind)),
    sampleContext: Int32Array.from(samples, ([, , context]) => context),
    sampleCpu: new Float64Array(samples.length).fill(Number.NaN),
    // Whatever goes on could have done so all the time.
    segmentReady: new Float64Array(segments.length),
    segmentTask: Float64Array.from(segments, ([start]) => start),
    segmentReadyUpTo: new Uint8Array(segments.length),
    segmentSettled: new Float64Array(segments.length).fill(Number.NaN),
    segmentAsked: new Float64Array(segments.length).fill(Number.NaN),
    segmentAnswer: new Int32Array(segments.length),
    segmentSince: new Float64Array(segments.length).fill(Number.NaN),
    turnAt: new Float64Array(0),
    turnSlept: new Uint8Array(0),
    machineAt: new Float64Array(0),
    machineRunQueue: new Float64Array(0),
    machineThrottled: new Float64Array(0),
    ...new WaitLog().take(),
    segmentStart: Float64Array.from(segments, ([start]) => start),
    segmentEnd: Float64Array.from(segments, ([, end]) => end),
    segmentContext: Int32Array.from(segments, ([, , context]) => context),
    segmentChain: Int32Array.from(segments, ([, , , chain]) =>
      chain === undefined ? -1 : stackOf(chain),
    ),
    segmentWhat: Int32Array.from(segments, (_segment, i) => i),
    segmentPending: new Int32Array(segments.length).fill(-1),
    texts,
    titles: new Map([
      [ME, 'GET /me'],
      [OTHER, 'GET /other'],
    ]),
    from: 0,
    to: 100,
    tailCpu: Number.NaN,
    precision: 0.01,
    keepFrom: 0,
    ...changes,
  }
  const chain = stackOf('app')
  return { window: { ...window, table: stacks.delta() }, chain }
}

function dumpOf(samples: Sample[], segments: Segment[], changes: Partial<Finished> = {}): Profile {
  const { window, chain } = scene(samples, segments)
  const store = new WindowStore()
  store.add(window)
  const meta = { kind: 'request', intervalMicros: 1000, attribution: 'request', warnings: [] }
  return checkProfile(
    store.finish({
      contextId: ME,
      start: 0,
      end: 20,
      hasRunSegments: true,
      chain,
      labelled: true,
      labelsAll: true,
      queueing: null,
      meta: meta as unknown as DumpMeta,
      ...changes,
    }),
  )
}

describe('own segments', () => {
  test('each sample owns the time half-way to its neighbours', () => {
    const profile = dumpOf(
      [
        [1, 'handler;a', ME],
        [2, 'handler;a', ME],
        [6, 'handler;b', ME],
      ],
      [[0, 20, ME, 'app;handler']],
    )
    expect(formatTree(profile)).toEqual([
      'app 20000 0',
      '  handler 20000 0',
      '    b 16000 16000',
      '    a 4000 4000',
    ])
    expect(profile.sources[0]).toMatchObject({ durationMicros: 20_000, samples: 3 })
  })

  test('resumed code hangs below its logical caller, once', () => {
    const profile = dumpOf(
      [
        [1, 'load;parse', ME],
        [12, 'callback', ME],
      ],
      [
        [0, 10, ME, 'app;handler;load'],
        [10, 20, ME, 'app;handler'],
      ],
    )
    expect(formatTree(profile)).toEqual([
      'app 20000 0',
      '  handler 20000 0',
      '    load 10000 0',
      '      parse 10000 10000',
      '    callback 10000 10000',
    ])
  })

  test('a segment without a sample goes to the function that resumed', () => {
    expect(formatTree(dumpOf([], [[0, 20, ME, 'app;handler']]))).toEqual([
      'app 20000 0',
      '  handler 20000 20000',
    ])
  })

  test('garbage collection is below the code that it interrupted; our own work is ours for an interval', () => {
    const profile = dumpOf(
      [
        [4, 'handler', ME],
        [8, GC, ME, COLLECTING],
        [16, 'handler;query', ME, PROFILING],
      ],
      [[0, 20, ME, 'app']],
    )
    expect(formatTree(profile)).toEqual([
      'app 20000 0',
      '  handler 20000 6000',
      '    query 8000 7000',
      '      [profiler] 1000 1000',
      '    (garbage collector) 6000 6000',
    ])
    expect(profile.sources[0]!.ledger).toEqual({
      cpu: 13_000,
      gc: 6000,
      offcpu: 0,
      await: 0,
      blocked: 0,
      profiler: 1000,
      unknown: 0,
    })
  })
})

describe('between own segments', () => {
  const segments: Segment[] = [
    [0, 2, ME, 'app;handler'],
    [4, 9, OTHER],
    [10, 11, BACKGROUND],
    [12, 13, OURSELVES],
    [18, 20, ME, 'app;handler;query', 'timer 16 ms'],
  ]

  test('idle is awaited, others block, our own work is the profiler’s', () => {
    const profile = dumpOf(
      [
        [3, '(idle)', 0, IDLING],
        [5, 'report;render', OTHER],
        [8, 'report', OTHER],
        [9.5, '(idle)', 0, IDLING],
        [10.5, 'flush', 0],
        [11.5, '(idle)', 0, IDLING],
        [15, '(idle)', 0, IDLING],
      ],
      segments,
    )
    expect(formatTree(profile)).toEqual([
      'app 20000 0',
      '  handler 20000 2000',
      '    query 18000 2000',
      '      [await] timer 16 ms 15000 9000',
      '        [blocked] 6000 0',
      '          GET /other 5000 0',
      '            report 5000 2500',
      '              render 2500 2500',
      '          background 1000 0',
      '            flush 1000 1000',
      '      [profiler] 1000 1000',
    ])
    expect(profile.sources[0]!.ledger).toEqual({
      cpu: 4000,
      gc: 0,
      offcpu: 0,
      await: 9000,
      blocked: 6000,
      profiler: 1000,
      unknown: 0,
    })
  })

  test('nobody’s sample becomes the request’s own, whatever the clocks say', () => {
    const profile = dumpOf(
      [
        [1.99, 'foreign', OTHER],
        [18.01, 'foreign', OTHER],
        [19, 'unlabelled', 0],
      ],
      segments,
    )
    const running = formatTree(profile).filter((line) => /foreign|unlabelled/.test(line))
    expect(running).toEqual([])
    expect(profile.sources[0]!.ledger.cpu).toBe(4000)
  })
})

describe('a recording whose windows mean different tables', () => {
  const meta = { kind: 'request', intervalMicros: 1000, warnings: [] } as unknown as DumpMeta
  const told = { contextId: ME, labelled: true, labelsAll: true, queueing: null, meta }
  /** Of a table of its own, from one time to another. */
  const windowOf = (stacks: StackTable, name: string, from: number, to: number) =>
    scene([[from + 1, `app;${name}`, ME]], [[from, to, ME, 'app']], { from, to }, stacks)

  test('has the stacks of each, and all of the time', () => {
    const first = new StackTable('/profview/')
    const store = new WindowStore()
    store.add(windowOf(first, 'a', 0, 10).window)
    const { window, chain } = windowOf(first.next(), 'b', 10, 20)
    store.add(window)
    const recording = { ...told, start: 0, end: 20, hasRunSegments: true, chain }
    const profile = checkProfile(store.finish(recording))
    expect(formatTree(profile)).toEqual(['app 20000 0', '  a 10000 10000', '  b 10000 10000'])
  })

  test('is told anew of none but the last: what was before is unknown', () => {
    const first = new StackTable('/profview/')
    const store = new WindowStore()
    store.add(windowOf(first, 'a', 0, 10).window)
    const second = first.next()
    const { window, chain } = windowOf(second, 'b', 10, 20)
    store.add(window)
    second.resend()
    store.learn(second.delta())
    const recording = { ...told, start: 0, end: 20, hasRunSegments: true, chain }
    const { ledger } = store.finish(recording).sources[0]!
    expect(ledger).toMatchObject({ unknown: 10_000, cpu: 10_000 })
  })

  test('forgets all but the last four', () => {
    const store = new WindowStore()
    let stacks = new StackTable('/profview/')
    let chain = 0
    for (let i = 0; i < 10; i++) {
      const { window, chain: app } = windowOf(stacks, `f${i}`, i * 10, i * 10 + 10)
      store.add(window)
      chain = app
      stacks = stacks.next()
    }
    const recording = { ...told, start: 0, end: 100, hasRunSegments: true, chain }
    const { ledger, warnings } = store.finish(recording).sources[0]!
    expect(ledger).toMatchObject({ unknown: 60_000, cpu: 40_000 })
    expect(warnings.map(({ code }) => code)).toEqual(['forgotten', 'no-cpu-time'])
  })
})

test('of stacks that were cut the dump says how much of its time they are', () => {
  const few = { stacks: 4, functions: 100 }
  const stacks = new StackTable('/profview/', undefined, few)
  const { window, chain } = scene(
    [
      [1, 'app;a', ME],
      [11, 'app;a;b;c;d', ME],
    ],
    [[0, 20, ME, 'app']],
    {},
    stacks,
  )
  const store = new WindowStore()
  store.add(window)
  const meta = { kind: 'request', intervalMicros: 10_000, warnings: [] } as unknown as DumpMeta
  const recording = { contextId: ME, start: 0, end: 20, hasRunSegments: true, chain, meta }
  const more = { labelled: true, labelsAll: true, queueing: null }
  const profile = checkProfile(store.finish({ ...recording, ...more }))
  expect(formatTree(profile)).toEqual([
    'app 20000 0',
    '  a 20000 6000',
    '    (stack cut off) 14000 14000',
  ])
  const { ledger, warnings } = profile.sources[0]!
  expect(ledger).toMatchObject({ cpu: 20_000, unknown: 0 })
  expect(warnings.find(({ code }) => code === 'cut-stacks')?.text).toMatch(/^of 14 ms /)
})

test('what was before the first known window is unknown', () => {
  const { window, chain } = scene([], [[10, 20, ME, 'app']], { from: 8 })
  const store = new WindowStore()
  store.add(window)
  const meta = { kind: 'request', intervalMicros: 1000, warnings: [] } as unknown as DumpMeta
  const recording = {
    contextId: ME,
    start: 0,
    end: 20,
    hasRunSegments: true,
    chain,
    labelled: true,
    labelsAll: true,
    queueing: null,
    meta,
  }
  const profile = store.finish(recording)
  expect(profile.sources[0]!.ledger.unknown).toBe(8000)
  expect(formatTree(profile)[0]).toBe('app 12000 10000')
})

test('a window’s first sample tells of the time since the rotation, a late one of the gap before it', () => {
  const { window, chain } = scene(
    [
      [8, 'app;a', ME],
      [40, '(idle)', 0, IDLING],
      [41, '(idle)', 0, IDLING],
    ],
    [[0, 20, ME, 'app']],
    { from: 2, sampleCpu: Float64Array.of(1, 2, 0) },
  )
  const store = new WindowStore()
  store.add(window)
  const meta = { kind: 'request', intervalMicros: 1000, warnings: [] } as unknown as DumpMeta
  const recording = {
    contextId: ME,
    start: 2,
    end: 20,
    hasRunSegments: true,
    chain,
    labelled: true,
  }
  const profile = store.finish({ ...recording, labelsAll: true, queueing: null, meta })
  // 5 of the 6 ms since the rotation, 10 of the 12 until the idle sample.
  expect(formatTree(profile)).toEqual([
    'app 18000 0',
    '  a 18000 3000',
    '    [off-CPU] 15000 15000',
  ])
})

test('after the last sample, the CPU time of the rest of the window is known', () => {
  const samples: Sample[] = [[8, 'app;a', ME]]
  const { window, chain } = scene(samples, [[0, 20, ME, 'app']], {
    sampleCpu: Float64Array.of(8),
    tailCpu: 3,
  })
  const store = new WindowStore()
  store.add(window)
  const meta = { kind: 'request', intervalMicros: 1000, warnings: [] } as unknown as DumpMeta
  const recording = { contextId: ME, start: 0, end: 20, hasRunSegments: true, chain }
  const more = { labelled: true, labelsAll: true, queueing: null }
  expect(formatTree(store.finish({ ...recording, ...more, meta }))).toEqual([
    'app 20000 0',
    '  a 20000 11000',
    '    [off-CPU] 9000 9000',
  ])
})

test('a window in which nobody was sampled is kept for whoever ran in it', () => {
  const { window: empty, chain } = scene([], [], { to: 50 })
  const { window: late } = scene([], [[60, 70, ME, 'app']], { from: 50, keepFrom: 5 })
  const store = new WindowStore()
  store.add(empty)
  store.add(late)
  const meta = { kind: 'request', intervalMicros: 1000, warnings: [] } as unknown as DumpMeta
  const recording = { contextId: ME, start: 5, end: 70, hasRunSegments: true, chain }
  const more = { labelled: true, labelsAll: true, queueing: null }
  const profile = store.finish({ ...recording, ...more, meta })
  expect(profile.warnings.filter((text) => text.includes('known of its first'))).toEqual([])
  expect(profile.sources[0]!.ledger.unknown).toBe(0)
})

describe('the gap between two windows is one', () => {
  /** Off-CPU time, µs, of code that ran all the time from 0 to 20, seen at 2, 4, 16 and 18. */
  function offIn(first: Partial<Window>, second: Partial<Window>): number {
    const own: Segment[] = [[0, 20, ME, 'app']]
    const { window, chain } = scene(
      [
        [2, 'app', ME],
        [4, 'app', ME],
      ],
      own,
      { sampleCpu: Float64Array.of(2, 2), to: 10, ...first },
    )
    const { window: late } = scene(
      [
        [16, 'app', ME],
        [18, 'app', ME],
      ],
      [],
      { sampleCpu: Float64Array.of(1, 2), from: 10, ...second },
    )
    const store = new WindowStore()
    store.add(window)
    store.add(late)
    const meta = { kind: 'request', intervalMicros: 1000, warnings: [] } as unknown as DumpMeta
    const recording = { contextId: ME, start: 0, end: 20, hasRunSegments: true, chain }
    const more = { labelled: true, labelsAll: true, queueing: null }
    return store.finish({ ...recording, ...more, meta }).sources[0]!.ledger.offcpu
  }

  test('where the thread’s CPU time after the last sample is known', () => {
    // 12 ms, 4 of them on the CPU.
    expect(offIn({ tailCpu: 3 }, {})).toBe(8000)
  })

  test('else it begins at the rotation', () => {
    expect(offIn({ tailCpu: Number.NaN }, {})).toBe(5000)
    expect(offIn({ tailCpu: 3 }, { from: 11 })).toBe(4000)
  })
})

test('without hooks, runs of labelled samples are the segments', () => {
  const profile = dumpOf(
    [
      [0.5, 'handler', ME],
      [1.5, 'handler', ME],
      [2.5, '(idle)', 0, IDLING],
      [3.5, '(idle)', 0, IDLING],
      [4.5, 'report', OTHER],
      [5.5, 'handler', ME],
    ],
    [],
    { hasRunSegments: false, end: 6 },
  )
  expect(profile.sources[0]!.ledger).toMatchObject({ cpu: 3000, await: 2000, blocked: 1000 })
})

test('without hooks, a stretch without samples is unknown', () => {
  const profile = dumpOf(
    [
      [0.5, 'handler', ME],
      [19.5, 'handler', ME],
    ],
    [],
    { hasRunSegments: false },
  )
  expect(profile.sources[0]!.ledger).toMatchObject({ cpu: 7000, await: 0, unknown: 13_000 })
})

test('what the machine took is known from a reading in a window that ended before the request began', () => {
  const reading = (at: number, runQueue: number): Partial<Window> => ({
    machineAt: Float64Array.of(at),
    machineRunQueue: Float64Array.of(runQueue),
    machineThrottled: Float64Array.of(0),
  })
  const store = new WindowStore()
  store.add(scene([[1, 'a', BACKGROUND]], [], { to: 10, ...reading(10, 5) }).window)
  const later: Sample[] = [
    [50, 'a', ME],
    [70, 'a', ME],
  ]
  const { window, chain } = scene(later, [[50, 70, ME]], { from: 10, ...reading(70, 17) })
  store.add({ ...window, sampleCpu: Float64Array.of(0, 8) })
  const meta = { kind: 'request', intervalMicros: 1000, attribution: 'request', warnings: [] }
  const profile = store.finish({
    contextId: ME,
    start: 50,
    end: 70,
    hasRunSegments: true,
    chain,
    labelled: true,
    labelsAll: true,
    queueing: null,
    meta: meta as unknown as DumpMeta,
  })
  const { ledger, machine } = profile.sources[0]!
  expect(ledger.offcpu).toBeGreaterThan(10_000)
  expect(machine).toEqual({ runQueueMicros: Math.min(12_000, ledger.offcpu), throttledMicros: 0 })
})
