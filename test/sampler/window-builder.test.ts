/** A window put together from samples and segments written by hand. */
import { describe, expect, test } from 'vitest'
import type { Segments } from '../../src/sampler/async/segments.js'
import { WaitLog } from '../../src/sampler/async/wait-log.js'
import type { Wait } from '../../src/sampler/async/waits.js'
import type { StackTable } from '../../src/sampler/stack-table.js'
import type { BareWindow } from '../../src/sampler/window.js'
import { WindowBuilder } from '../../src/sampler/window-builder.js'
import {
  allOf,
  apart,
  lineOf,
  namesOf,
  newStacks,
  recordingOf,
  SetClock,
  segmentsOf,
  waitOf,
} from '../support/sampler-parts.js'

const TURNS = { at: new Float64Array(0), slept: new Uint8Array(0) }
const MACHINE = {
  machineAt: new Float64Array(0),
  machineRunQueue: new Float64Array(0),
  machineThrottled: new Float64Array(0),
}
const WAITS = new WaitLog().take()
const FACTS = {
  from: 0,
  to: 100,
  windowCpu: Number.NaN,
  cpuLeftOut: 0,
  keepFrom: 0,
  ...MACHINE,
  ...WAITS,
}

function windowOf(stacks: StackTable, segments: Segments): BareWindow {
  return allOf(new WindowBuilder(stacks, [], segments, TURNS, apart(0), FACTS).steps())
}

/** The logical caller of each segment. */
function chainsOf(stacks: StackTable, { segmentChain }: BareWindow): string[] {
  return [...segmentChain].map((chain) => namesOf(stacks, chain))
}

describe('a wait that no code of the app has made hangs where the next of the same turn does', () => {
  const recording = recordingOf(1)
  const root = () => waitOf(recording, null, 'app handler›')
  const nobodys = () => waitOf(recording, root(), '')
  const query = () => waitOf(recording, root(), 'handler› query')
  const QUERY = 'app › handler › query'

  test.each<[string, [number, number, Wait][], string[]]>([
    [
      'within 50 µs',
      [
        [10, 11, nobodys()],
        [11.049, 12, query()],
      ],
      [QUERY, QUERY],
    ],
    [
      'but not later, which is another turn',
      [
        [10, 11, nobodys()],
        [11.051, 12, query()],
      ],
      ['app › handler', QUERY],
    ],
    [
      'after others of the kind',
      [
        [10, 11, nobodys()],
        [11.01, 12, nobodys()],
        [12.01, 13, query()],
      ],
      [QUERY, QUERY, QUERY],
    ],
    [
      'but not after somebody else’s',
      [
        [10, 11, nobodys()],
        [11.01, 12, waitOf(recordingOf(2), null, 'app other')],
        [12.01, 13, query()],
      ],
      ['app › handler', 'app › other', QUERY],
    ],
    [
      'nor after eight others',
      [
        ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((i): [number, number, Wait] => [i, i + 1, nobodys()]),
        [9, 10, query()],
      ],
      ['app › handler', ...Array(8).fill(QUERY), QUERY],
    ],
  ])('%s', (_when, segments, expected) => {
    new SetClock()
    const stacks = newStacks()
    const window = windowOf(stacks, segmentsOf(...segments))
    expect(chainsOf(stacks, window)).toEqual(expected)
  })
})

test('a file is told by the function that the app called', () => {
  new SetClock()
  const stacks = newStacks()
  const recording = recordingOf(1)
  const root = waitOf(recording, null, 'app')
  const told = (path: string, cause: string | null) => {
    const wait = waitOf(recording, root, path)
    wait.what = 'file'
    if (cause !== null) wait.cause = waitOf(recording, root, cause)
    return wait
  }
  const timer = waitOf(recording, root, 'app')
  timer.what = 'timer 5 ms'
  const window = windowOf(
    stacks,
    segmentsOf(
      [0, 1, told('load node:fs#readFile node:internal/fs#open', null)],
      [2, 3, told('load', 'load node:fs#writeFileHandle')],
      [4, 5, told('load', null)],
      [6, 7, told('load node:fs#(anonymous)', null)],
      [8, 9, timer],
      [10, 11, told('load node:fs#readFile', null)],
    ),
  )
  const names = [...window.segmentWhat].map((text) => window.texts[text])
  expect(names).toEqual(['readFile', 'writeFile', 'file', 'file', 'timer 5 ms', 'readFile'])
  expect(window.texts).toEqual(['readFile', 'writeFile', 'file', 'timer 5 ms'])
})

test('samples are in the order of their time, on the clock of the segments', () => {
  new SetClock()
  const stacks = newStacks()
  const label = 7
  const frames = (name: string) => [{ name, file: '/app.js', line: lineOf(name), column: 1 }]
  const samples = [
    { epochMicros: 1_000_030_500, cpuNanos: 3e6, unit: -1, label: null, frames: frames('late') },
    { epochMicros: 1_000_010_250, cpuNanos: 2e6, unit: -1, label, frames: frames('early') },
  ]
  const builder = new WindowBuilder(stacks, samples, segmentsOf(), TURNS, apart(1_000_000), FACTS)
  const window = allOf(builder.steps())
  expect([...window.sampleTime]).toEqual([10.25, 30.5])
  expect([...window.sampleContext]).toEqual([7, 0])
  expect([...window.sampleCpu]).toEqual([2, 3])
  expect([...window.sampleStack].map((stack) => namesOf(stacks, stack))).toEqual(['early', 'late'])
})

describe('CPU time', () => {
  /** Of each sample in its place, ms; `null` for samples without code. */
  function cpuOf(...samples: [name: string | null, cpuMs: number][]): Record<string, number> {
    new SetClock()
    const stacks = newStacks()
    const natives = samples.map(([name, ms], i) => ({
      epochMicros: i * 1000,
      cpuNanos: ms * 1e6,
      label: null,
      unit: -1,
      frames: name === null ? null : [{ name, file: '/app.js', line: lineOf(name), column: 1 }],
    }))
    const builder = new WindowBuilder(stacks, natives, segmentsOf(), TURNS, apart(0), FACTS)
    const { sampleStack, sampleCpu } = allOf(builder.steps())
    return Object.fromEntries([...sampleStack].map((id, i) => [namesOf(stacks, id), sampleCpu[i]!]))
  }

  test('of a sample that has no code is the next one’s', () => {
    const samples = cpuOf([null, 0.5], ['a', 1], [null, 0.25], [null, 0.5], ['b', 0.25], ['c', 0])
    expect(samples).toEqual({ a: 1.5, b: 1, c: 0 })
  })

  test('after the last sample is what the samples do not tell of the window’s', () => {
    new SetClock()
    const frames = [{ name: 'a', file: '/app.js', line: 1, column: 1 }]
    const sampled = [1e6, 2e6].map((cpuNanos, i) => ({
      epochMicros: i,
      cpuNanos,
      label: null,
      unit: -1,
      frames: i === 0 ? null : frames,
    }))
    const tailOf = (windowCpu: number) =>
      allOf(
        new WindowBuilder(newStacks(), sampled, segmentsOf(), TURNS, apart(0), {
          ...FACTS,
          windowCpu,
        }).steps(),
      ).tailCpu
    expect([5.5, 2.9, Number.NaN].map(tailOf)).toEqual([2.5, 0, Number.NaN])
  })

  test('that is nothing for all of them is not known', () => {
    expect(cpuOf(['a', 0], ['b', 0])).toEqual({ a: Number.NaN, b: Number.NaN })
  })
})

test('each captured stack is a step, and so is each place that is looked up, which comes last', () => {
  new SetClock()
  const stacks = newStacks()
  const waits = ['a', 'b', 'c', 'd', 'e'].map((path) => waitOf(recordingOf(1), null, path))
  const segments = segmentsOf(...waits.map((wait, i): [number, number, Wait] => [i, i + 1, wait]))
  const steps = new WindowBuilder(stacks, [], segments, TURNS, apart(0), FACTS).steps()
  const unread = () => waits.filter(({ captured }) => captured !== null).length
  const left: number[] = []
  while (!steps.next().done) left.push(unread())
  expect(left.slice(0, 5)).toEqual([4, 3, 2, 1, 0])
  expect(left.length).toBeGreaterThanOrEqual(2 * waits.length)
})
