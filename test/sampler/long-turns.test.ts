/** Where in a turn the loop was busy, and why, on set clocks. */
import { describe, expect, test } from 'vitest'
import { busySpans } from '../../src/sampler/busy-spans.js'
import { LongTurns } from '../../src/sampler/long-turns.js'
import type { NativeSample } from '../../src/sampler/native-samples.js'
import {
  AFTER_POLL,
  ASLEEP,
  BEFORE_POLL,
  causeOf,
  IN_CHECK,
  NATIVE,
  SAME_PHASE,
} from '../../src/sampler/stall-cause.js'
import type { BareWindow } from '../../src/sampler/window.js'

const PHASES: Record<string, number> = {
  z: ASLEEP,
  b: BEFORE_POLL,
  a: AFTER_POLL,
  c: IN_CHECK,
  s: SAME_PHASE,
  n: NATIVE,
}

/** A sample each 10 ms, the first at 5, by their phases; `units`: a letter for each one's. */
function samplesOf(phases: string, units = phases, cpu = 10) {
  const all = [...phases]
  return {
    time: all.map((_, i) => 5 + 10 * i),
    phase: all.map((phase) => PHASES[phase]!),
    unit: [...units].map((unit) => unit.charCodeAt(0)),
    cpu: all.map(() => cpu),
  }
}

describe('the busy parts of a turn', () => {
  test.each([
    ['one that did not sleep', 'aaaaaaaaaa', 0, ['0–100']],
    ['one that slept at first', 'zzzzzaaaaa', 3, ['0–0', '48–100']],
    ['one that slept between', 'bbbzzzzaaa', 3, ['0–30', '68–100']],
    ['of two sleeps the longer: the other is native code', 'bzbbzzzzaa', 3, ['0–40', '78–100']],
    ['no sleep comes before timers: native code', 'zzbbbbbbaa', 0.01, ['0–80', '80.01–100']],
    ['one that slept unseen behind timers', 'zzbbbbbbbb', 3, ['0–97', '100–100']],
    ['immediates run before the check is noted, too', 'zzzzzaaacc', 3, ['0–0', '48–100']],
    ['native code between two immediates is no sleep', 'ccczcccccc', 3, ['0–97', '100–100']],
    ['a stack seen in part, between immediates', 'cccacccaaa', 0, ['0–70', '70–100']],
    ['a stack seen in part, and nothing was brought', 'cccacccccc', 0, ['0–100']],
    ['a stack seen in part, between timers', 'bbbabbbaaa', 0, ['0–70', '70–100']],
    ['one that looked and went on', 'bbbbbaaaaa', 0, ['0–50', '50–100']],
    ['promises go on where they were settled', 'bbbssaaaaa', 0, ['0–50', '50–100']],
    ['one of whose sleep no sample is known', 'aaaaaaaaaa', 30, ['0–0', '30–100']],
    ['one that slept unseen between', 'bbbaaaaaaa', 30, ['0–30', '60–100']],
    ['one that slept as long as it was', '', 100, ['0–0', '100–100']],
    ['one without samples', '', 0, ['0–100']],
  ])('%s', (_, phases, sleptMs, expected) => {
    const spans = busySpans({ from: 0, to: 100, sleptMs }, samplesOf(phases))
    expect(spans.map(({ from, to }) => `${from}–${to}`)).toEqual(expected)
  })
})

test('a stack seen in part, in the middle of what one callback does, is no poll', () => {
  const turn = { from: 0, to: 100, sleptMs: 0 }
  const spansOf = (units: string) => busySpans(turn, samplesOf('bbsssassss', units)).length
  expect(spansOf('kklllllmmm')).toBe(1)
  expect(spansOf('kklllmmmmm')).toBe(2)
})

describe('why it could not go on, where each callback is told apart', () => {
  test.each([
    ['callback', 'aaaaaaaaaa', 'kkkkkkkkkk'],
    ['callback', 'bbbbbbbbbb', 'abcdekkkkk'],
    ['callback', 'ssssssssss', 'kkkkkkkkkk'],
    ['burst', 'aaaaaaaaaa', 'abcdefghij'],
    ['burst', 'bbbbbbaaaa', 'aabbccddee'],
    ['microtasks', 'ssssssssss', 'abcdefghij'],
    ['microtasks', 'aaasssssss', 'abcdefghij'],
    ['native', 'nnnnnnaaaa', 'xxxxxxabcd'],
    ['unknown', '', ''],
    ['unknown', 'aaaa', 'kkkk'],
  ])('%s: %s by %s', (cause, phases, units) => {
    expect(causeOf(0, 100, samplesOf(phases, units), true)).toBe(cause)
  })
})

test('few samples of what did not run are of one call that waited', () => {
  expect(causeOf(0, 100, samplesOf('a', 'k', 2), true)).toBe('callback')
  expect(causeOf(0, 100, samplesOf('a', 'k', 80), true)).toBe('unknown')
})

describe('where only whose it is is known', () => {
  test.each([
    ['unknown', 'aaaaaaaaaa', 'kkkkkkkkkk'],
    ['burst', 'aaaaaaaaaa', 'kkllmmnnoo'],
    ['microtasks', 'ssssssssss', 'kkllmmnnoo'],
    ['native', 'nnnnnnnnnn', 'xxxxxxxxxx'],
  ])('%s: %s by %s', (cause, phases, units) => {
    expect(causeOf(0, 100, samplesOf(phases, units), false)).toBe(cause)
  })
})

describe('what is told of', () => {
  /** `stack`: of each sample, which then is of a callback of its own; leaf first. */
  function looked(stack: readonly { name: string; file: string }[] | null = null) {
    const told: string[] = []
    const turns = new LongTurns()
    turns.watch(50, true, ({ from, to, cause, goesOn }) => {
      told.push(`${from}–${to} ${cause}${goesOn ? ', goes on' : ''}`)
    })
    const frames = (stack ?? [{ name: 'work', file: 'node:fs' }]).map((frame) => {
      return { line: 1, column: 1, ...frame }
    })
    /** The window's samples, one each 10 ms. */
    const look = (from: number, to: number, turnFrom: number) => {
      const times = Array.from({ length: (to - from) / 10 }, (_, i) => from + 5 + 10 * i)
      const sampleTime = Float64Array.from(times)
      const window = { to, sampleTime, sampleCpu: Float64Array.from(times, () => 10) }
      const samples = times.map(
        (time, i): NativeSample => ({
          epochMicros: time * 1000,
          cpuNanos: 1e7,
          label: 1,
          unit: stack === null ? 1 : i,
          frames,
        }),
      )
      turns.look(window as unknown as BareWindow, samples, turnFrom)
      // The window is handed over to another thread.
      structuredClone(window, { transfer: [sampleTime.buffer, window.sampleCpu.buffer] })
    }
    return { told, turns, look }
  }

  test('a long turn, when the window is there that it ended in; no short one', () => {
    const { told, turns, look } = looked()
    turns.ended(0, 40, 0)
    turns.ended(40, 100, 0)
    look(0, 90, 100)
    expect(told).toEqual([])
    look(90, 110, 100)
    expect(told).toEqual(['40–100 callback'])
  })

  test('promises and ticks are what they are, whatever has called them', () => {
    const { told, turns, look } = looked([
      { name: 'step', file: '/app.mjs' },
      { name: 'runMicrotasks', file: '' },
      { name: 'processTicksAndRejections', file: 'node:internal/process/task_queues' },
      { name: 'listOnTimeout', file: 'node:internal/timers' },
      { name: 'processTimers', file: 'node:internal/timers' },
    ])
    turns.ended(0, 100, 0)
    look(0, 110, 100)
    expect(told).toEqual(['0–100 microtasks'])
  })

  test('one that goes on, and again when it has ended', () => {
    const { told, turns, look } = looked()
    turns.tellOpen(10, 100, 0)
    look(0, 100, 10)
    turns.ended(10, 200, 0)
    look(100, 210, 200)
    expect(told).toEqual(['10–100 callback, goes on', '10–200 callback'])
  })

  test('a sleep of which a busy machine took no sample is no stretch', () => {
    const { told, turns, look } = looked()
    turns.ended(0, 100, 1)
    turns.ended(100, 200, 0)
    turns.look({ to: 100, sampleTime: [], sampleCpu: [] } as unknown as BareWindow, [], 100)
    look(100, 210, 200)
    expect(told).toEqual(['100–200 callback'])
  })
})
