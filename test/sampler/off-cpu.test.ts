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
import { profile } from '../../dist/bundle/index.mjs'
import type { Profile } from '../../src/profile/profile.js'
import { inOrder, ledgerOf, msWhere, record, recordThread } from '../support/recorded.js'
import { elapsed, type ThreadTimes, threadTimes } from '../support/thread-clock.js'
import { burn, sleep } from '../support/waits.mjs'

const isPosix = process.platform !== 'win32'
/** Elsewhere only the CPU time of the whole process is known. */
const isLinux = process.platform === 'linux'

const WAYS: Readonly<Record<string, (fn: () => unknown) => Promise<Profile>>> = {
  'with hooks': record,
  'without them': async (fn) => (await profile(async () => void (await fn()), HOOKLESS)).profile!,
  'of the whole thread': recordThread,
}
const HOOKLESS = { awaits: false }

/** What the clocks may differ by, ms: a sample at each end, and the samples' own precision. */
const EDGES = 5
/** Where the machine does not let the engine sample for long, the function after has some of it. */
const MOST = 0.6

beforeAll(async () => void (await record(() => sleep(5))))

interface Measured {
  readonly recorded: Profile
  /** ms that the thread ran, and did not run, while it was in the function. */
  readonly ran: number
  readonly lost: number
  /** ms of `lost` for which the machine ran others, by the system's own account. */
  readonly queued: number
  /** Of the profile, ms: on the CPU, off it, and what may be either. */
  readonly on: number
  readonly off: number
  readonly either: number
  /** Of the profile, ms: own code before and after the function. */
  readonly around: number
}

/** Of a synchronous function. */
async function measured(way: string, fn: () => unknown): Promise<Measured> {
  let times: ThreadTimes | null = null
  const recorded = await WAYS[way]!(async () => {
    await sleep(2)
    const before = threadTimes()
    fn()
    times = elapsed(before)
  })
  const { cpu, gc, offcpu, unknown, blocked } = ledgerOf(recorded)
  const own = (cpu + gc + offcpu) / 1000
  return {
    recorded,
    ran: times!.cpu,
    lost: times!.wall - times!.cpu,
    queued: times!.queued,
    on: cpu / 1000,
    off: offcpu / 1000,
    // Without hooks, what is near a stretch without samples may be anybody’s.
    either: (gc + unknown + blocked) / 1000,
    around: Math.max(0, own - times!.wall),
  }
}

function expectTrue({ recorded: _, ...run }: Measured): void {
  const { ran, lost, on, off, either, around } = run
  const error = EDGES + 0.03 * (ran + lost)
  const told = JSON.stringify(run)
  expect(off + either, told).toBeGreaterThan(lost - error)
  expect(on, told).toBeLessThan(ran + around + error)
  if (!isLinux) return
  expect(on + either, told).toBeGreaterThan(ran - error)
  expect(off, told).toBeLessThan(lost + around + error)
}

/** Off-CPU time below these functions, ms. */
function offBelow(recorded: Profile, functions: readonly string[]): number {
  return msWhere(recorded, (names) => names.at(-1) === '[off-CPU]' && inOrder(names, functions))
}

/** Children that want the machine's CPUs until the test ends, and 30 s at most. */
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

describe.each(Object.keys(WAYS))('%s', (way) => {
  describe.runIf(isPosix)('a synchronous wait is off the CPU, in the function that waits', () => {
    test('execSync', async () => {
      function runsAChild() {
        execSync('sleep 0.2')
      }
      const run = await measured(way, runsAChild)
      expectTrue(run)
      const waited = offBelow(run.recorded, ['runsAChild', 'execSync', 'spawnSync'])
      expect(waited + run.either).toBeGreaterThan(MOST * run.lost - EDGES)
    })

    test('readFileSync', async () => {
      const dir = mkdtempSync(join(tmpdir(), 'profview-fifo-'))
      const fifo = join(dir, 'fifo')
      execSync(`mkfifo '${fifo}'`)
      const writer = spawn('sh', ['-c', `sleep 0.15; echo x > '${fifo}'`])
      const gone = once(writer, 'exit')
      const run = await measured(way, () => readFileSync(fifo))
      await gone
      rmSync(dir, { recursive: true })
      expectTrue(run)
      const waited = offBelow(run.recorded, ['readFileSync'])
      expect(waited + run.either).toBeGreaterThan(MOST * run.lost - EDGES)
    })
  })

  test('Atomics.wait', async () => {
    function waits() {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150)
    }
    const run = await measured(way, waits)
    expectTrue(run)
    const waited = offBelow(run.recorded, ['waits'])
    expect(waited + run.either).toBeGreaterThan(MOST * run.lost - EDGES)
  })

  test('a spin is on the CPU', async () => {
    expectTrue(await measured(way, () => burn(150)))
  })

  test('but for what others take beside it, which the machine tells', async () => {
    await compete()
    const run = await measured(way, () => burn(300))
    expectTrue(run)
    const inPlace = offBelow(run.recorded, ['burn'])
    expect(inPlace + run.either).toBeGreaterThan(MOST * run.lost - EDGES)
    if (!isLinux) return
    const { machine } = run.recorded.sources[0]!
    expect(machine!.runQueueMicros / 1000).toBeLessThanOrEqual(run.off)
    expect(machine!.runQueueMicros / 1000).toBeGreaterThan(Math.min(run.queued, run.off) - EDGES)
    expect(run.queued).toBeGreaterThan(50)
  })

  test('what the loop waits for is not off the CPU', async () => {
    const recorded = await WAYS[way]!(() => sleep(150))
    const { machine } = recorded.sources[0]!
    const taken = machine?.runQueueMicros ?? 0
    expect(ledgerOf(recorded).offcpu - taken).toBeLessThan(EDGES * 1000)
  })
})

test.runIf(isLinux)(
  'own CPU time is the thread’s, in slices, beside others that want it',
  async () => {
    await compete()
    const slices: ThreadTimes[] = []
    const { cpu, gc, offcpu } = ledgerOf(
      await record(async () => {
        for (let i = 0; i < 40; i++) {
          const before = threadTimes()
          burn(8)
          slices.push(elapsed(before))
          await sleep(2)
        }
      }),
    )
    const ran = slices.reduce((sum, slice) => sum + slice.cpu, 0)
    const wall = slices.reduce((sum, slice) => sum + slice.wall, 0)
    /** Own code around the slices. */
    const around = (cpu + gc + offcpu) / 1000 - wall
    const on = (cpu + gc) / 1000
    expect(on).toBeGreaterThan(0.98 * ran - EDGES)
    expect(on).toBeLessThan(1.02 * (ran + around) + gc / 1000 + EDGES)
  },
)
