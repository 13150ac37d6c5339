/** What is missing where V8 hands over less than it has sampled. */
import { expect, test } from 'vitest'
import { ThreadProfiler } from '../../src/sampler/thread-profiler.js'

const SIGNALS = 0
const NO_SAMPLE = { name: '(root)', scriptName: '', lineNumber: 0, columnNumber: 0, children: [] }

function thread() {
  const state = new Uint32Array(1)
  const native = {
    state,
    start() {},
    stop: () => ({ topDownRoot: NO_SAMPLE }),
    dispose() {},
    context: undefined,
    createContextHolder: () => ({}) as never,
  }
  const others = { areActive: false, someoneWasFirst() {} }
  const said: string[] = []
  const profiler = new ThreadProfiler(
    native,
    SIGNALS,
    others,
    () => false,
    (fact) => said.push(fact),
  )
  profiler.start()
  let since = performance.now()
  /** A window of so many signals, of which V8 has so many samples. */
  const window = async (signals: number, samples: number) => {
    // Clocks of one moment would say nothing.
    await new Promise((resolve) => setTimeout(resolve, 2))
    state[SIGNALS] = signals
    const from = performance.now()
    profiler.take()
    profiler.handedOver(samples, signals, since)
    state[SIGNALS] = 0
    since = performance.now()
    return { from, to: since }
  }
  return { profiler, said, window }
}

test.each([
  [150, 148, false],
  [150, 75, false],
  [150, 74, true],
  [150, 0, true],
  [19, 0, false],
  [201, 0, true],
])('of %d signals there are %d samples: %s', async (signals, samples, isMissing) => {
  const { profiler, said, window } = thread()
  const before = await window(100, 100)
  const { from, to } = await window(signals, samples)
  const after = await window(100, 100)
  expect(profiler.missed(from - 1, to)).toBe(isMissing)
  expect(profiler.missed(0, before.from)).toBe(false)
  expect(profiler.missed(after.from, after.to)).toBe(false)
  expect([profiler.restarted, said]).toEqual([signals > 200, []])
})
