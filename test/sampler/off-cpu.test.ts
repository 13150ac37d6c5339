/**
 * Time in own code in which the thread did not run, against the thread's own clocks of the same
 * run: how much, and in which function.
 */
import { type ChildProcess, execSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { inOrder, ledgerOf, msWhere, record } from '../support/recorded.js'
import { type ThreadTimes, timesOf } from '../support/thread-clock.js'
import { burn, sleep } from '../support/waits.mjs'

/** What the clocks may differ by, ms: a sample at each end, and the samples' own precision. */
const EDGES = 5

beforeAll(async () => void (await record(() => sleep(5))))

async function measured(fn: () => unknown) {
  let times: ThreadTimes | null = null
  const recorded = await record(async () => {
    times = await timesOf(fn)
  })
  return { recorded, times: times!, ledger: ledgerOf(recorded) }
}

const isOffCpu = (names: string[]) => names.at(-1) === '[off-CPU]'

/** Children that keep the machine's CPUs busy until the test ends, and 30 s at most. */
async function compete(): Promise<void> {
  const code =
    'process.stdout.write("x"); const end = Date.now() + 30000; while (Date.now() < end);'
  const children: ChildProcess[] = [0, 1].map(() =>
    spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  onTestFinished(async () => {
    for (const child of children) {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
  })
  for (const child of children) await once(child.stdout!, 'data')
}

describe.runIf(process.platform !== 'win32')('a synchronous wait is off the CPU', () => {
  function runsAChild() {
    execSync('sleep 0.2')
  }
  function waits() {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150)
  }
  const dir = mkdtempSync(join(tmpdir(), 'profview-fifo-'))
  const fifo = join(dir, 'fifo')
  execSync(`mkfifo '${fifo}'`)
  async function reads() {
    const writer = spawn('sh', ['-c', `sleep 0.15; echo x > '${fifo}'`])
    const gone = once(writer, 'exit')
    readFileSync(fifo)
    await gone
    rmSync(dir, { recursive: true })
  }

  test.each([
    { wait: runsAChild, below: ['runsAChild', 'execSync', 'spawnSync'], least: 200 },
    { wait: waits, below: ['waits'], least: 150 },
    { wait: reads, below: ['reads', 'readFileSync'], least: 100 },
  ])('$wait.name', async ({ wait, below, least }) => {
    const { recorded, times, ledger } = await measured(wait)
    const inPlace = msWhere(recorded, (names) => isOffCpu(names) && inOrder(names, below))
    // The signals of the samples themselves take CPU time meanwhile.
    expect(inPlace).toBeGreaterThan(Math.min(least, times.wall - times.cpu) * 0.9 - EDGES)
    expect(ledger.offcpu / 1000).toBeGreaterThanOrEqual(inPlace)
    expect(ledger.cpu / 1000).toBeLessThan(times.cpu + EDGES)
  })
})

describe('a spin is on the CPU but for what the machine takes', () => {
  async function spins(ms: number) {
    const { recorded, times, ledger } = await measured(() => burn(ms))
    const off = ledger.offcpu / 1000
    const error = EDGES + 0.03 * times.wall
    if (Number.isNaN(times.queued)) return
    expect(Math.abs(off - times.queued)).toBeLessThan(error)
    expect(Math.abs((ledger.cpu + ledger.gc) / 1000 - (times.wall - times.queued))).toBeLessThan(
      error,
    )
    const inPlace = msWhere(recorded, (names) => isOffCpu(names) && names.includes('burn'))
    expect(inPlace).toBeGreaterThan(off - error)
    const { machine } = recorded.sources[0]!
    expect(machine!.runQueueMicros).toBeLessThanOrEqual(ledger.offcpu)
    expect(machine!.runQueueMicros / 1000).toBeGreaterThan(off - error)
  }

  test('alone', () => spins(150))

  test('beside two others that want it', async () => {
    await compete()
    await spins(300)
  })
})

test('what the loop waits for is not off the CPU', async () => {
  const { ledger } = await measured(() => sleep(150))
  expect(ledger.await).toBeGreaterThan(140_000)
  expect(ledger.offcpu).toBeLessThan(EDGES * 1000)
})
