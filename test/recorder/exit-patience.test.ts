/** How long an exit waits, on machines that are quiet, busy or stuck. */
import { Worker } from 'node:worker_threads'
import { describe, expect, test, vi } from 'vitest'
import { ExitPatience, PROCESS_CLOCK } from '../../src/recorder/writer/exit-patience.js'

/** How long (ms) is waited for a thread that gets such a share of the CPU, until it blocks. */
function waited(share: number, blocksAt: number, doneAt: number[] = []): number {
  let [wall, cpu] = [0, 500]
  const clock = { wallMs: () => 1000 + wall, cpuMs: () => cpu, wantsCpu: () => wall < blocksAt }
  const patience = new ExitPatience({ firstMs: 150, nextMs: 50, allMs: 1000 }, clock)
  while (!patience.isOver) {
    patience.wait((ms) => {
      cpu += Math.min(ms, Math.max(0, blocksAt - wall)) * share
      wall += ms
    })
    if (doneAt.includes(wall)) patience.renew()
  }
  return wall
}

describe('a disk that does not answer is waited for', () => {
  test('150 ms if nothing is done, 50 ms after what was', () => {
    expect(waited(1, 0)).toBe(150)
    expect(waited(1, 20)).toBe(150)
    expect(waited(1, 20, [20])).toBe(70)
    expect(waited(1, 300, [20, 300])).toBe(350)
  })

  test('no longer than it takes to see it, on a busy machine', () => {
    expect(waited(0.2, 400, [20])).toBeLessThanOrEqual(420)
  })
})

describe('what gets on is waited for', () => {
  test('a second on a quiet machine, with one thread or two', () => {
    expect(waited(1, Infinity)).toBe(1000)
    expect(waited(2, Infinity, [100, 200])).toBe(1000)
  })

  test('three times its CPU time on a busy machine, and ten times as long on any', () => {
    expect(waited(0.5, Infinity)).toBe(6000)
    expect(waited(0.01, Infinity)).toBe(10_000)
  })
})

test.skipIf(process.platform !== 'linux')(
  'a thread that works is seen, not one that waits',
  async () => {
    const state = new Int32Array(new SharedArrayBuffer(4))
    const source = `
    const { workerData: state } = require('node:worker_threads')
    Atomics.store(state, 0, 1)
    while (Atomics.load(state, 0) === 1);
    Atomics.wait(state, 0, 2)
  `
    const worker = new Worker(source, { eval: true, workerData: state })
    await vi.waitFor(() => expect(Atomics.load(state, 0)).toBe(1), 30_000)
    for (let i = 0; i < 20; i++) expect(PROCESS_CLOCK.wantsCpu()).toBe(true)
    Atomics.store(state, 0, 2)
    await vi.waitFor(() => expect(PROCESS_CLOCK.wantsCpu()).toBe(false), 30_000)
    await worker.terminate()
  },
)
