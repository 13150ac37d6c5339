/** What was sampled before a request's start, by hand → how long it queued, and behind whom. */
import { describe, expect, test } from 'vitest'
import { WindowStore } from '../../src/assembler/window-store.js'
import { GC } from '../../src/profile/frames.js'
import type { DumpMeta, Queued } from '../../src/profile/profile.js'
import { WaitLog } from '../../src/sampler/async/wait-log.js'
import { type QueueBound, queueingOf } from '../../src/sampler/queue-bound.js'
import { StackTable } from '../../src/sampler/stack-table.js'
import {
  BACKGROUND,
  CODE,
  COLLECTING,
  type Finished,
  IDLING,
  PROFILING,
  type Window,
} from '../../src/sampler/window.js'

const ME = 7
const REPORT = 8
/** The request starts. */
const START = 100

/** `[time ms, 'a;b;c', context, kind, CPU time ms]`; what begins with `lib:` is a library's. */
type Sample = [number, string, number?, number?, number?]
type Segment = [start: number, end: number, context: number]

const idle = (...times: number[]): Sample[] => times.map((time) => [time, '(idle)', 0, IDLING, 0])
const busy = (path: string, context: number, ...times: number[]): Sample[] =>
  times.map((time) => [time, path, context])

function windowOf(samples: Sample[], segments: Segment[]): Window {
  const stacks = new StackTable('/profview/')
  const stackOf = (path: string, kind = CODE) =>
    stacks.of(
      path.split(';').map((name) => {
        const file = name.startsWith('lib:') ? '/node_modules/lib/index.js' : '/app.js'
        return stacks.intern(name.replace('lib:', ''), file, name.length, 1, true)
      }),
      kind,
    )
  const floats = (value: number) => new Float64Array(segments.length).fill(value)
  const ints = () => new Int32Array(segments.length).fill(-1)
  return {
    sampleTime: Float64Array.from(samples, ([time]) => time),
    sampleStack: Int32Array.from(samples, ([, path, , kind]) => stackOf(path, kind)),
    sampleContext: Int32Array.from(samples, ([, , context]) => context ?? 0),
    sampleCpu: Float64Array.from(samples, ([, , , , cpu]) => cpu ?? Number.NaN),
    segmentStart: Float64Array.from(segments, ([start]) => start),
    segmentEnd: Float64Array.from(segments, ([, end]) => end),
    segmentContext: Int32Array.from(segments, ([, , context]) => context),
    segmentChain: ints(),
    segmentWhat: ints(),
    segmentPending: ints(),
    segmentReady: floats(Number.NaN),
    segmentTask: floats(Number.NaN),
    segmentReadyUpTo: new Uint8Array(segments.length),
    segmentSettled: floats(Number.NaN),
    segmentAsked: floats(Number.NaN),
    segmentSince: floats(Number.NaN),
    segmentAnswer: new Int32Array(1),
    texts: [],
    ...new WaitLog().take(),
    turnAt: new Float64Array(0),
    turnSlept: new Uint8Array(0),
    machineAt: new Float64Array(0),
    machineRunQueue: new Float64Array(0),
    machineThrottled: new Float64Array(0),
    titles: new Map([
      [ME, 'GET /me'],
      [REPORT, 'GET /report'],
    ]),
    from: 0,
    to: 1000,
    tailCpu: Number.NaN,
    precision: 0,
    keepFrom: 0,
    table: stacks.delta(),
  }
}

interface Scene {
  readonly samples: Sample[]
  readonly segments?: Segment[]
  readonly precision?: number
  readonly bound?: Partial<QueueBound>
  readonly recording?: Partial<Finished>
}

/** The loop looked at 50, and slept not at all. */
const LOOKED: QueueBound = {
  ...{ seenAt: START, cameBy: START, isOfBatch: true, checkedAt: 50 },
  ...{ from: 50, thenSleptMs: 0, thenEndedBy: START, isOfSleep: false, sleptMs: 0 },
}

function queuedIn({
  samples,
  segments = [],
  bound,
  recording,
  precision = 0,
}: Scene): Queued | null {
  const store = new WindowStore()
  store.add({ ...windowOf(samples, segments), precision })
  const meta = { kind: 'request', intervalMicros: 1000, attribution: 'request', warnings: [] }
  return store.finish({
    contextId: ME,
    start: START,
    end: START + 10,
    hasRunSegments: true,
    chain: -1,
    labelled: true,
    labelsAll: true,
    queueing: queueingOf({ ...LOOKED, ...bound }),
    meta: meta as unknown as DumpMeta,
    ...recording,
  }).sources[0]!.queued
}

/** The poll that brought it slept for so long at its end. */
function slept(ms: number): Partial<QueueBound> {
  return { sleptMs: ms, thenSleptMs: ms, isOfSleep: ms > 0 }
}

/** `0–50 ms`; null: it is not known. */
function bounds(scene: Scene): string | null {
  const queued = queuedIn(scene)
  if (queued === null) return null
  const max = queued.maxMicros === null ? '?' : queued.maxMicros / 1000
  return `${queued.minMicros / 1000}–${max} ms`
}

/** `50 ms GET /report add:3`, longest first. */
function culprits(scene: Scene): string[] {
  return queuedIn(scene)!.by.map(
    ({ title, name, line, micros }) => `${micros / 1000} ms ${title} ${name}:${line}`,
  )
}

describe('no longer', () => {
  test('than since the loop looked without finding it', () => {
    expect(bounds({ samples: busy('hog', 0, 60, 99) })).toBe('0–50 ms')
  })

  test('than nobody knows: there is no maximum, and a minimum only if it is proved', () => {
    expect(bounds({ samples: [], bound: { from: null } })).toBe('0–? ms')
    expect(queuedIn({ samples: [], bound: { from: null } })!.by).toEqual([])
    expect(bounds({ samples: [], bound: { from: null, cameBy: 96 } })).toBe('4–? ms')
  })

  test('than since a signal before the last, as far as its clock agrees with the loop’s', () => {
    const samples = [...idle(60, 61, 62, 63), ...busy('hog', 0, 64, 80, 99)]
    const bound = { ...slept(0.4), thenEndedBy: 63.9 }
    expect(bounds({ samples, bound })).toBe('36–38 ms')
    expect(bounds({ samples, bound, precision: 0.25 })).toBe('35.75–38.25 ms')
  })

  test('than since somebody says that it had not come', () => {
    const queueing = (notBefore: number) =>
      ({ ...queueingOf(LOOKED), notBefore }) satisfies Finished['queueing']
    const since = (notBefore: number) =>
      bounds({ samples: [], recording: { queueing: queueing(notBefore) } })
    expect([since(80), since(20)]).toEqual(['0–20 ms', '0–50 ms'])
  })

  test('what is no request has no queue', () => {
    expect(bounds({ samples: [], recording: { queueing: null } })).toBeNull()
  })

  describe('than since a signal after which the loop slept on in that poll:', () => {
    /** What is said if that poll slept for so long at its end, and had ended by then. */
    const after = (samples: Sample[], thenSleptMs: number, thenEndedBy: number) =>
      bounds({ samples, bound: { ...slept(thenSleptMs), thenEndedBy } })

    test('the last one, if nothing but that sleep is between it and what the poll brought', () => {
      expect(after(idle(60, 61, 62), 0.6, 62.7)).toBe('0–38.3 ms')
      expect(after(idle(60, 61, 70), 0.6, 70.7)).toBe('0–30.3 ms')
    })

    test('it may have come while the signal was taken', () => {
      const samples: Sample[] = [...idle(60, 61), [62, '(idle)', 0, IDLING, 0.2]]
      expect(after(samples, 0.6, 62.7)).toBe('0–38.5 ms')
      samples[2]![4] = Number.NaN
      expect(after(samples, 0.6, 62.7)).toBe('0–38.55 ms')
    })

    test('else the last but one', () => {
      expect(after(idle(60, 61, 62), 0.6, 63)).toBe('0–39 ms')
    })

    test('so where the sleep before that one is as long, and may have been the last', () => {
      expect(after(idle(60, 61, 62), 0.9, 63)).toBe('0–39 ms')
      expect(after(idle(70), 19.8, 90)).toBe('0–50 ms')
    })

    test('not where code has run meanwhile', () => {
      expect(after([...idle(60, 63), ...busy('batch', 0, 63.8)], 2.5, 65.7)).toBe('36.2–50 ms')
    })

    test('so after a short sleep: the last one may have been late by as much', () => {
      expect(after(idle(60, 61, 62), 0.4, 62.5)).toBe('0–39 ms')
    })

    test('none if it did not sleep: V8 calls native code idle', () => {
      expect(after(idle(60, 61, 62, 99), 0, 100)).toBe('0–50 ms')
    })

    test('not one that came with the request, while the thread had no CPU', () => {
      expect(after(idle(60, 61, 66.9, 67), 5.8, 67.1)).toBe('0–39.3 ms')
    })

    test('not one after which it cannot have slept for so long', () => {
      expect(after(idle(51), 1, 51.1)).toBe('0–50 ms')
    })

    test('not one in native code of the batch, which uses CPU', () => {
      const native: Sample[] = [[63, '(idle)', 0, IDLING, 0.9]]
      expect(after([...idle(59, 60, 61, 62), ...native], 0.6, 63.7)).toBe('0–39 ms')
    })

    test('not those that had to wait for the CPU', () => {
      expect(after(idle(60, 61, 62, 65, 68, 68.5), 0.05, 69)).toBe('0–39 ms')
      expect(after(idle(60, 63, 66), 0.05, 67)).toBe('0–50 ms')
    })

    test('not those of later polls', () => {
      expect(after(idle(60, 61, 62, 70, 71, 72), 0.6, 62.7)).toBe('0–38.3 ms')
    })

    test('timers run before the poll: idle are the samples of the poll alone', () => {
      const timer = busy('timer', 0, 51, 55)
      const samples = [...timer, ...idle(60, 61, 62), ...busy('batch', 0, 63, 70)]
      expect(after(samples, 0.6, 71)).toBe('37–39 ms')
    })
  })
})

describe('at least', () => {
  test('since the first code of the turn after the poll', () => {
    const samples = [...busy('timer', 0, 51), ...idle(60), ...busy('hog', 0, 61, 80, 99)]
    expect(bounds({ samples, bound: slept(0.5) })).toBe('39–50 ms')
  })

  test('nothing, where the poll found at once what it brought: it came while timers ran', () => {
    const samples = [...idle(50.5), ...busy('timer', 0, 51.5, 75, 99)]
    expect(bounds({ samples })).toBe('0–50 ms')
  })

  test('nothing, where timers alone have run in the turn', () => {
    expect(bounds({ samples: busy('timer', 0, 51, 75, 99) })).toBe('0–50 ms')
  })

  test('nothing, where the poll may have brought something else of the connection', () => {
    const samples = [...idle(60), ...busy('hog', 0, 61, 80, 99)]
    expect(bounds({ samples, bound: { ...slept(0.5), isOfBatch: false } })).toBe('0–50 ms')
  })
})

describe('behind whom', () => {
  test('the route and its innermost function of the app, longest first', () => {
    const samples = [
      ...busy('handler;add;lib:sum', REPORT, 70, 72, 74, 76),
      ...busy('handler;parse', REPORT, 78),
      ...busy('lib:flush', 0, 80, 82),
      ...busy('sweepAll', 0, 84),
    ]
    expect(culprits({ samples, bound: { from: 69 } })).toEqual([
      // From the first half-way; what no sample tells of, to the start.
      '13 ms [unknown] :0',
      '8 ms GET /report add:3',
      '4 ms background flush:9',
      '4 ms background sweepAll:8',
      '2 ms GET /report parse:5',
    ])
  })

  test('they add up to the maximum, to the microsecond', () => {
    const samples = busy('hog', REPORT, 60.0003, 62.0005, 63.7777, 65.1234)
    const { by, maxMicros } = queuedIn({ samples, bound: { from: 59.9996 } })!
    expect(by.reduce((sum, { micros }) => sum + micros, 0)).toBe(maxMicros)
  })

  test('idle samples and long gaps accuse nobody', () => {
    const samples = [...busy('hog', REPORT, 60), ...idle(61, 62, 63, 64), ...busy('me', ME, 101)]
    expect(culprits({ samples, bound: { from: 60 } })).toEqual([
      '39.5 ms [unknown] :0',
      '0.5 ms GET /report hog:3',
    ])
  })

  test('a long gap between two samples of one function is its own', () => {
    const samples = [...busy('hog', REPORT, 60, 90), ...busy('sweepAll', 0, 99)]
    expect(culprits({ samples, bound: { from: 60 } })).toEqual([
      '33 ms GET /report hog:3',
      '4 ms background sweepAll:8',
      '3 ms [unknown] :0',
    ])
  })

  test('collecting garbage and our own work are called so', () => {
    const samples: Sample[] = [
      [96, GC, REPORT, COLLECTING],
      [98, 'rotate', 0, PROFILING],
    ]
    expect(culprits({ samples, bound: { from: 95 } })).toEqual([
      '3 ms background [profiler]:0',
      '2 ms GET /report (garbage collector):0',
    ])
  })

  test('where not all requests have labels, what ran outside the hooks is of an unknown owner', () => {
    const samples = busy('hog', 0, 91, 93, 95, 97, 99)
    const segments: Segment[] = [
      [94, 96, BACKGROUND],
      [96, 98, REPORT],
    ]
    const recording = { labelsAll: false }
    expect(culprits({ samples, segments, bound: { from: 90 }, recording })).toEqual([
      '6 ms [unknown] hog:3',
      '2 ms background hog:3',
      '2 ms GET /report hog:3',
    ])
  })

  test('somebody whose name is not known is unknown', () => {
    expect(culprits({ samples: busy('hog', 99, 99), bound: { from: 98 } })).toEqual([
      '2 ms [unknown] hog:3',
    ])
  })
})
