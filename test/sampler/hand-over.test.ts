/** Windows on their way to whoever needs them, by hand. */
import { expect, test } from 'vitest'
import type { Steps } from '../../src/profile/steps.js'
import { WaitLog } from '../../src/sampler/async/wait-log.js'
import { Contexts } from '../../src/sampler/contexts.js'
import { HandOver } from '../../src/sampler/hand-over.js'
import { Recordings } from '../../src/sampler/recordings.js'
import type { BareWindow } from '../../src/sampler/window.js'
import { WindowBuilder } from '../../src/sampler/window-builder.js'
import {
  allOf,
  apart,
  newStacks,
  recordingOf,
  SetClock,
  segmentsOf,
} from '../support/sampler-parts.js'

const NONE = new Float64Array(0)
const stacks = newStacks()

function windowOf(from: number, to: number, keepFrom = 0, samples = 0): BareWindow {
  const frames = [{ name: 'f', file: '/app.js', line: 1, column: 1 }]
  const taken = Array.from({ length: samples }, (_, i) => ({
    epochMicros: from * 1000 + i,
    cpuNanos: 0,
    label: null,
    unit: -1,
    frames,
  }))
  const facts = {
    from,
    to,
    keepFrom,
    windowCpu: 0,
    cpuLeftOut: 0,
    machineAt: NONE,
    machineRunQueue: NONE,
    machineThrottled: NONE,
    ...new WaitLog().take(),
  }
  const turns = { at: NONE, slept: new Uint8Array(0) }
  return allOf(new WindowBuilder(stacks, taken, segmentsOf(), turns, apart(0), facts).steps())
}

function scene() {
  new SetClock()
  const told: string[] = []
  const recordings = new Recordings()
  const listener = {
    *expect(): Steps<void> {
      told.push('expect')
      yield
    },
    stacks: () => void told.push('stacks'),
    window: ({ from, to }: BareWindow) => void told.push(`${from} to ${to}`),
    ended: () => void told.push('ended'),
  }
  const handOver = new HandOver(listener, recordings, new Contexts(), false)
  /** What is told of the next window, step by step. */
  function next(window: BareWindow, takenAt = window.to): string[] {
    const steps = handOver.steps(window, takenAt, stacks)
    const each: string[] = []
    do {
      if (told.length > 0) each.push(told.splice(0).join(', '))
    } while (!steps.next().done)
    return [...each, ...told.splice(0)]
  }
  function begin() {
    const recording = recordingOf(1)
    recordings.begin(recording)
    return (at: number) => {
      recordings.end(recording)
      recording.endedAt = at
    }
  }
  return { next, begin, handOver, recordings }
}

test('windows are kept until somebody whose code is in them has ended', () => {
  const { next, begin } = scene()
  const end = begin()
  expect(next(windowOf(0, 250))).toEqual([])
  expect(next(windowOf(250, 500))).toEqual([])
  end(600)
  expect(next(windowOf(500, 750))).toEqual([
    'expect',
    '0 to 250',
    '250 to 500',
    '500 to 750',
    'ended',
  ])
  expect(next(windowOf(750, 1000)), 'nothing is left').toEqual([])
})

test('those that nobody needs any more are forgotten', () => {
  const { next, begin, recordings } = scene()
  recordings.pastMs = 1000
  for (let from = 0; from < 5000; from += 250) {
    expect(next(windowOf(from, from + 250, from - 750))).toEqual([])
  }
  begin()(5100)
  expect(next(windowOf(5000, 5250, 4500))).toEqual([
    'expect',
    ...['4250 to 4500', '4500 to 4750', '4750 to 5000', '5000 to 5250'],
    'ended',
  ])
})

test('all are, as soon as nobody may need them', () => {
  const { next, begin, handOver } = scene()
  const end = begin()
  next(windowOf(0, 250))
  handOver.forget()
  end(300)
  expect(next(windowOf(250, 500))).toEqual(['expect', '250 to 500', 'ended'])
})

test('200,000 rows are too many to be kept here', () => {
  const { next, begin } = scene()
  begin()
  expect(next(windowOf(0, 250, 0, 150_000))).toEqual([])
  expect(next(windowOf(250, 500, 0, 50_001))).toEqual(['expect', '0 to 250', '250 to 500'])
})

test('new stacks go 250 at a time', () => {
  const { next, begin } = scene()
  for (let line = 1; line <= 1000; line++) {
    stacks.of([stacks.intern('f', '/many.js', line, 1, true)])
  }
  const { unsent } = stacks
  begin()(100)
  const told = next(windowOf(0, 250))
  const parts = Math.ceil(unsent / 250) - 1
  expect(parts).toBeGreaterThanOrEqual(3)
  expect(told).toEqual(['expect', ...Array(parts).fill('stacks'), '0 to 250', 'ended'])
  expect(stacks.unsent).toBe(0)
})
