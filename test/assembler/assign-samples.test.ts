/** Which segment each sample belongs to, to the microsecond. */
import { describe, expect, test } from 'vitest'
import { assignSamples } from '../../src/assembler/assign-samples.js'
import { noSegments, type Slice } from '../../src/assembler/slice.js'
import { CODE, type Finished, IDLING, OURSELVES } from '../../src/sampler/window.js'

const ME = 7
const OTHER = 8
const IDLE_STACK = 1
const BUSY_STACK = 2
const STACKS = { frames: [], parent: [-1, 0, 0], frame: [-1, 0, 1], kind: [CODE, IDLING, CODE] }

type Sample = [time: number, context: number, stack?: number, cpu?: number]
type Segment = [start: number, end: number, context: number]

function sliceOf(samples: Sample[], segments: Segment[]): Slice {
  const columns = noSegments()
  for (const [start, end, context] of segments) {
    columns.start.push(start)
    columns.end.push(end)
    columns.context.push(context)
  }
  return {
    knownFrom: 0,
    hasCpuTime: true,
    precision: 0.01,
    titleOf: () => '',
    samples: {
      time: samples.map(([time]) => time),
      stack: samples.map(([, , stack]) => stack ?? BUSY_STACK),
      context: samples.map(([, context]) => context),
      cpu: samples.map(([, , , cpu]) => cpu ?? Number.NaN),
      since: samples.map((_, i) => samples[i - 1]?.[0] ?? 0),
      tail: null,
    },
    waits: { context: [], begin: [], end: [], what: [] },
    turns: { at: [], slept: [] },
    machine: { at: [], runQueue: [], throttled: [] },
    segments: columns,
  }
}

interface Changes {
  readonly hasRunSegments?: boolean
  readonly labelled?: boolean
  readonly attribution?: 'request' | 'process'
}

function recordingOf({ attribution = 'request', ...changes }: Changes): Finished {
  const meta = { attribution, intervalMicros: 1000 } as Finished['meta']
  const known = { contextId: ME, start: 0, end: 20, hasRunSegments: true, chain: 0, labelled: true }
  return { ...known, labelsAll: true, queueing: null, ...changes, meta }
}

/** For each sample the segment that it went to; -1: to none. */
function assigned(samples: Sample[], segments: Segment[], changes: Changes = {}): number[] {
  const { bySegment } = assignSamples(recordingOf(changes), STACKS, sliceOf(samples, segments))
  const found = samples.map(() => -1)
  for (const [segment, own] of bySegment) for (const sample of own) found[sample] = segment
  return found
}

const SEGMENTS: Segment[] = [
  [0, 5, ME],
  [5, 9, OTHER],
  [9, 10, OURSELVES],
  [10, 12, 0],
  [15, 20, ME],
]

describe('a label decides whose a sample is, time which of the segments', () => {
  test.each<[string, Sample, number]>([
    ['within', [3, ME], 0],
    ['a clock off by 100 µs', [5.1, ME], 0],
    ['within somebody else’s, 2 ms away at most', [7, ME], 0],
    ['2 ms before', [13, ME], 4],
    ['nearer to the later one', [14, ME], 4],
    ['too far from any: within the background', [11, ME], 3],
    ['too far from any, and in between', [12.5, ME], -1],
    ['of somebody else, at the seam', [4.99, OTHER], 1],
    ['of somebody else, within the background', [10.5, OTHER], 3],
    ['of somebody unknown, in my own', [3, 99], -1],
    ['of somebody unknown, in the background', [11, 99], 3],
    ['idle', [3, ME, IDLE_STACK], -1],
  ])('%s', (_what, sample, segment) => {
    expect(assigned([sample], SEGMENTS)).toEqual([segment])
  })
})

describe('without a label, where all are labelled', () => {
  test.each<[number, number]>([
    [3, -1],
    [7, -1],
    [9.5, 2],
    [11, 3],
    // 40 µs from the ends nobody can tell.
    [10.04, -1],
    [10.041, 3],
    [11.959, 3],
    [11.96, -1],
  ])('at %f', (time, segment) => {
    expect(assigned([[time, 0]], SEGMENTS)).toEqual([segment])
  })
})

test('without a label, where labels may be missing, the segment around it is it', () => {
  const samples: Sample[] = [3, 7, 11, 13, 16, 4.99].map((time) => [time, 0])
  expect(assigned(samples, SEGMENTS, { labelled: false })).toEqual([0, 1, 3, -1, 4, -1])
})

describe('without run segments, the samples make them', () => {
  const changes = { hasRunSegments: false }

  /** `7: 0–2`, by context. */
  function segmentsOf(samples: Sample[], more: Changes = {}): string[] {
    const recording = recordingOf({ ...changes, ...more })
    const { segments } = assignSamples(recording, STACKS, sliceOf(samples, []))
    return segments.start.map((start, i) => `${segments.context[i]}: ${start}–${segments.end[i]}`)
  }

  test('half-way to the sample before and to the one after', () => {
    const samples: Sample[] = [
      [1, ME],
      [3, ME],
      [5, OTHER],
      [9, ME, IDLE_STACK],
      [11, ME],
      [18, ME],
    ]
    expect(segmentsOf(samples)).toEqual([`7: -2–4`, `8: 4–7`, `7: 10–14`, `-2: 14–15`, `7: 15–21`])
    expect(assigned(samples, [], changes)).toEqual([0, 0, 1, -1, 2, 4])
  })

  test('what is further from a sample than three intervals is unknown', () => {
    expect(segmentsOf([[10, ME]])).toEqual(['-2: 0–7', '7: 7–13', '-2: 13–20'])
    expect(segmentsOf([])).toEqual(['-2: 0–20'])
  })

  test('but for what is between two of one context, where its CPU time is known', () => {
    const segmentsAfter = (first: Sample) => segmentsOf([first, [16, ME, BUSY_STACK, 1]])
    expect(segmentsAfter([4, ME])).toEqual(['-2: 0–1', '7: 1–19', '-2: 19–20'])
    expect(segmentsAfter([4, OTHER])).toEqual([
      '-2: 0–1',
      '8: 1–7',
      '-2: 7–13',
      '7: 13–19',
      '-2: 19–20',
    ])
    const fromIdle = ['-2: 0–1', '-2: 7–13', '7: 13–19', '-2: 19–20']
    expect(segmentsAfter([4, ME, IDLE_STACK])).toEqual(fromIdle)
    const idle: Sample[] = [
      [4, ME],
      [16, ME, IDLE_STACK, 1],
    ]
    expect(segmentsOf(idle)).toEqual(['-2: 0–1', '7: 1–7', '-2: 7–13', '-2: 19–20'])
  })

  test('of a process as a whole, whatever the label', () => {
    const samples: Sample[] = [
      [1, OTHER],
      [3, 0],
      [5, ME],
      [19, 0],
    ]
    const more = { attribution: 'process' } as const
    expect(segmentsOf(samples, more)).toEqual(['7: -2–8', '-2: 8–16', '7: 16–22'])
    expect(assigned(samples, [], { ...changes, ...more })).toEqual([0, 0, 0, 2])
  })
})

test('the first segment that ends after a time, asked in rising order', () => {
  const { firstAfter } = assignSamples(recordingOf({}), STACKS, sliceOf([], SEGMENTS))
  expect([0, 4.9, 5, 9, 11, 12, 20].map((time) => firstAfter(time))).toEqual([0, 0, 1, 2, 3, 4, 5])
})
