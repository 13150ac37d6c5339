/** Time in somebody's code in which the thread did not run: how much, and where. */
import { describe, expect, test } from 'vitest'
import { assemble } from '../../src/assembler/assemble.js'
import { appendSegment, noSegments, type Slice } from '../../src/assembler/slice.js'
import { GC } from '../../src/profile/frames.js'
import { sumOfLedger } from '../../src/profile/ledger.js'
import type { DumpMeta, Profile } from '../../src/profile/profile.js'
import { StackTable } from '../../src/sampler/stack-table.js'
import {
  CODE,
  COLLECTING,
  type Finished,
  IDLING,
  OURSELVES,
  PROFILING,
  UNSEEN,
} from '../../src/sampler/window.js'
import { lineOf } from '../support/sampler-parts.js'
import { formatTree } from '../support/trees.js'

const ME = 7
const OTHER = 8
const END = 20

/** Functions from the root, or what the thread did instead. */
type Place = string | typeof GC | '(idle)'
/** CPU time since the sample before, ms; of the first since 0. */
type Sample = [time: number, cpu: number, place: Place, context?: number, kind?: number]
type Segment = [start: number, end: number, context: number, chain?: string]
type Changes = Partial<Omit<Finished, 'meta'>> & {
  readonly slice?: Partial<Slice>
  readonly meta?: Partial<DumpMeta>
}

function recorded(samples: Sample[], segments: Segment[], changes: Changes = {}): Profile {
  const stacks = new StackTable('/profview/')
  const stackOf = (path: string, kind = CODE) =>
    stacks.of(
      path.split(';').map((name) => stacks.intern(name, '/app.js', lineOf(name), 1, true)),
      kind,
    )
  const kindOf = (place: Place) => (place === GC ? COLLECTING : place === '(idle)' ? IDLING : CODE)
  const columns = noSegments()
  for (const [start, end, context, chain] of segments) {
    appendSegment(columns, start, end, context)
    if (chain !== undefined) columns.chain[columns.chain.length - 1] = stackOf(chain)
  }
  const slice: Slice = {
    knownFrom: 0,
    hasCpuTime: true,
    precision: 0.01,
    titleOf: (id) => (id === OTHER ? 'GET /other' : ''),
    samples: {
      time: samples.map(([time]) => time),
      cpu: samples.map(([, cpu]) => cpu),
      since: samples.map((_, i) => samples[i - 1]?.[0] ?? 0),
      tail: null,
      stack: samples.map(([, , place, , kind]) => stackOf(place, kind ?? kindOf(place))),
      context: samples.map(([, , , context]) => context ?? ME),
    },
    segments: columns,
    waits: { context: [], begin: [], end: [], what: [] },
    turns: { at: [], slept: [] },
    machine: { at: [], runQueue: [], throttled: [] },
    ...changes.slice,
  }
  const meta = {
    kind: 'request',
    intervalMicros: 1000,
    attribution: 'request',
    warnings: [],
    ...changes.meta,
  }
  const finished: Finished = {
    contextId: ME,
    start: 0,
    end: END,
    hasRunSegments: true,
    chain: stackOf('app'),
    labelled: true,
    labelsAll: true,
    queueing: null,
    ...changes,
    meta: meta as unknown as DumpMeta,
  }
  const profile = assemble(finished, stacks, slice)
  expect(sumOfLedger(profile.sources[0]!.ledger)).toBe((changes.end ?? END) * 1000)
  return profile
}

function treeOf(samples: Sample[], segments: Segment[], changes: Changes = {}): string[] {
  return formatTree(recorded(samples, segments, changes))
}

const WHOLE: Segment[] = [[0, END, ME, 'app']]

test('a thread that was taken off is found where it was, later than it should have been', () => {
  const samples: Sample[] = [
    [2, 2, 'app;a'],
    [12, 1, 'app;b;wait'],
    [20, 8, 'app;c'],
  ]
  expect(treeOf(samples, WHOLE)).toEqual([
    'app 20000 0',
    '  b 13500 0',
    '    wait 13500 4500',
    '      [off-CPU] 9000 9000',
    '  c 4000 4000',
    '  a 2500 2500',
  ])
})

test('one that waits is sampled all the same', () => {
  const samples = Array.from(
    { length: 20 },
    (_, i): Sample => [i + 1, i < 4 || i > 15 ? 1 : 0.01, i < 4 || i > 15 ? 'app' : 'app;wait'],
  )
  expect(treeOf(samples, WHOLE)).toEqual([
    'app 20000 7505',
    '  wait 12495 615',
    '    [off-CPU] 11880 11880',
  ])
})

describe('a gap’s CPU time is shared by what was busy in it', () => {
  test('not by what was idle', () => {
    const samples: Sample[] = [
      [1, 1, 'app;a'],
      [19, 3, 'app;a'],
    ]
    const segments: Segment[] = [
      [0, 2, ME, 'app'],
      [17, END, ME, 'app'],
    ]
    expect(recorded(samples, segments).sources[0]!.ledger).toMatchObject({ cpu: 5000, offcpu: 0 })
  })

  test('nor by what nobody saw', () => {
    const samples: Sample[] = [
      [10, 3, 'app;a'],
      [20, 10, 'app;a'],
    ]
    const segments: Segment[] = [
      [0, 4, ME, 'app'],
      [4, 7, UNSEEN],
      [7, END, ME, 'app'],
    ]
    const { ledger } = recorded(samples, segments).sources[0]!
    expect(ledger).toMatchObject({ cpu: 13_000, offcpu: 4000, unknown: 3000 })
  })

  test('of others too, whose part is not split', () => {
    const samples: Sample[] = [
      [1, 1, 'app;a'],
      [18, 5, 'app;a'],
      [20, 2, 'app;a'],
    ]
    const segments: Segment[] = [
      [0, 2, ME, 'app'],
      [2, 9, OTHER],
      [11, 13, OURSELVES],
      [13, END, ME, 'app'],
    ]
    // 15 ms busy, 5 of them on the CPU: of the own 1 and 5 ms, two thirds were off it.
    const { ledger } = recorded(samples, segments).sources[0]!
    expect(ledger).toMatchObject({ cpu: 5000, offcpu: 4000, blocked: 7000, await: 2000 })
  })

  test('where the code has no sample that ends the gap, it was in the one before', () => {
    const samples: Sample[] = [
      [2, 2, 'app;a'],
      [14, 2, 'other', OTHER],
    ]
    const segments: Segment[] = [
      [0, 10, ME, 'app'],
      [10, END, OTHER],
    ]
    expect(treeOf(samples, segments, { end: 10 })).toEqual([
      'app 10000 0',
      '  a 10000 3333',
      '    [off-CPU] 6667 6667',
    ])
  })

  test('and where it has none at all, in the function that went on', () => {
    const samples: Sample[] = [[16, 4, 'other', OTHER]]
    const segments: Segment[] = [
      [0, 8, ME, 'app;handler'],
      [8, END, OTHER],
    ]
    expect(treeOf(samples, segments, { end: 8 })).toEqual([
      'app 8000 0',
      '  handler 8000 2000',
      '    [off-CPU] 6000 6000',
    ])
  })
})

describe('what the clocks cannot tell is CPU time', () => {
  const spin = (missing: number): Sample[] =>
    Array.from({ length: 20 }, (_, i) => [i + 1, 1 - missing, 'app;spin'])

  test.each([0, 0.05, 0.099, -0.3])('%f ms short of a gap', (missing) => {
    const { ledger } = recorded(spin(missing), WHOLE).sources[0]!
    expect(ledger).toMatchObject({ cpu: 20_000, offcpu: 0 })
  })

  test('but not what is more', () => {
    const { ledger } = recorded(spin(0.12), WHOLE).sources[0]!
    expect(ledger).toMatchObject({ cpu: 17_600, offcpu: 2400 })
  })

  test('nor, where code begins in the gap, what the clocks of samples and segments differ by', () => {
    const offIn = (cpu: number) =>
      recorded([[10, cpu, 'app']], [[4, 10, ME, 'app']], { slice: { precision: 0.3 } }).sources[0]!
        .ledger.offcpu
    expect([5.61, 5.59].map(offIn)).toEqual([0, 410])
  })

  test('from a window’s last sample to the rotation', () => {
    const samples: Sample[] = [
      [2, 2, 'app'],
      [14, 2, 'app'],
    ]
    const profile = recorded(samples, WHOLE)
    expect(profile.sources[0]!.ledger).toMatchObject({ offcpu: 10_000 })
    const { stack, context } = { stack: [1, 1], context: [ME, ME] }
    const rotated = { time: [2, 14], cpu: [2, 2], since: [0, 9], tail: null, stack, context }
    const { ledger } = recorded(samples, WHOLE, { slice: { samples: rotated } }).sources[0]!
    expect(ledger).toMatchObject({ cpu: 17_000, offcpu: 3000 })
  })

  test('and all of it where the system does not say, which the dump says', () => {
    const samples: Sample[] = [
      [2, Number.NaN, 'app'],
      [14, Number.NaN, 'app'],
    ]
    const profile = recorded(samples, WHOLE, { slice: { hasCpuTime: false } })
    expect(profile.sources[0]!.ledger).toMatchObject({ cpu: 20_000, offcpu: 0 })
    expect(profile.sources[0]!.warnings).toEqual([
      {
        code: 'no-cpu-time',
        text: 'cpu may hold time off the CPU: this system does not tell a thread’s CPU time',
      },
    ])
  })
})

test('garbage collection waits for its helpers, which is no time off the CPU', () => {
  const samples = Array.from(
    { length: 20 },
    (_, i): Sample => (i < 10 ? [i + 1, 1, 'app'] : [i + 1, 0.1, GC]),
  )
  expect(treeOf(samples, WHOLE)).toEqual(['app 20000 10050', '  (garbage collector) 9950 9950'])
})

test('our own work is ours for an interval, on the CPU', () => {
  const samples: Sample[] = [
    [8, 8, 'app'],
    [18, 4, 'app', ME, PROFILING],
    [20, 2, 'app'],
  ]
  expect(treeOf(samples, WHOLE)).toEqual([
    'app 20000 13000',
    '  [off-CPU] 6000 6000',
    '  [profiler] 1000 1000',
  ])
})

describe('without hooks', () => {
  const derived = { hasRunSegments: false }

  test('between two samples of one context', () => {
    const samples: Sample[] = [
      [2, 2, 'app;a'],
      [17, 1, 'app;b'],
      [19, 2, 'app;b'],
    ]
    expect(treeOf(samples, [], derived)).toEqual([
      'app 20000 0',
      '  b 17500 3500',
      '    [off-CPU] 14000 14000',
      '  a 2500 2500',
    ])
  })

  describe('between two of one context that are far apart', () => {
    const samples: Sample[] = [
      [2, 2, 'app'],
      [17, 1, 'app'],
      [19, 2, 'app'],
    ]
    const ledgerOf = (at: number[], slept: number[]) =>
      recorded(samples, [], { ...derived, slice: { turns: { at, slept } } }).sources[0]!.ledger

    test('nobody knows, if a turn of the loop came and went that slept', () => {
      // But for the 3 ms that each reaches.
      expect(ledgerOf([5, 9, 25], [0, 1, 0])).toMatchObject({ offcpu: 5_000, unknown: 9_000 })
    })

    test.each([
      ['the loop was awake', [5, 9, 25], [0, 0, 0]],
      ['it may have slept before the first', [9, 25], [1, 0]],
      ['it may have slept after the last', [9, 25], [0, 1]],
    ])('it was off where the later found it, if %s', (_what, at, slept) => {
      expect(ledgerOf(at, slept)).toMatchObject({ offcpu: 14_000, unknown: 0 })
    })
  })

  describe('between a neighbour’s sample and its own', () => {
    const samples: Sample[] = [
      [2, 2, 'app;report', OTHER],
      [17, 1, 'app;b'],
      [19, 2, 'app;b'],
    ]
    const turn = (slept: number) => ({ ...derived, slice: { turns: { at: [25], slept: [slept] } } })

    test('it was where the later one found it, if the loop did not sleep', () => {
      const { ledger } = recorded(samples, [], turn(0)).sources[0]!
      expect(ledger).toMatchObject({ offcpu: 13_533, cpu: 3_967, blocked: 2_500, unknown: 0 })
    })

    test('nobody knows, if the loop may have slept', () => {
      for (const changes of [turn(1), derived]) {
        const { ledger } = recorded(samples, [], changes).sources[0]!
        // But for the 3 ms that it reaches.
        expect(ledger).toMatchObject({ offcpu: 2_500, unknown: 9_000 })
      }
    })

    test('nor if somebody else may have come and gone', () => {
      const [first, [time, , place], ...rest] = samples as [Sample, Sample, ...Sample[]]
      const { ledger } = recorded([first, [time, 2.1, place], ...rest], [], turn(0)).sources[0]!
      expect(ledger).toMatchObject({ unknown: 9_000 })
    })
  })

  test.each(['request', 'process'] as const)('never next to an idle sample: %s', (attribution) => {
    const samples: Sample[] = [
      [1, 0.01, '(idle)', 0],
      [2, 0.01, 'app'],
      [3, 1, 'app'],
      [4, 0.01, '(idle)', 0],
      [5, 0.01, '(idle)', 0],
      [6, 0.01, 'app'],
    ]
    const { ledger } = recorded(samples, [], {
      ...derived,
      end: 6,
      meta: { attribution, kind: attribution },
    }).sources[0]!
    expect(ledger).toMatchObject({ cpu: 2500, offcpu: 0, await: 3500 })
  })

  test('of a process, whoever ran', () => {
    const samples: Sample[] = [
      [2, 2, 'app', OTHER],
      [18, 1, 'app', 0],
    ]
    const changes = { ...derived, meta: { attribution: 'process', kind: 'process' } } as const
    const { ledger } = recorded(samples, [], changes).sources[0]!
    expect(ledger).toMatchObject({ cpu: 5000, offcpu: 15_000 })
  })
})
