/**
 * When a thread's window is taken, and how it is put together without anybody noticing. The
 * profiler itself is never stopped.
 */
import { fileURLToPath } from 'node:url'
import type { Steps } from '../profile/steps.js'
import type { Owners } from './async/owners.js'
import type { RunLog } from './async/run-log.js'
import type { Segments } from './async/segments.js'
import { EpochOffset, now } from './clock.js'
import type { Connections } from './connections.js'
import type { Originals } from './function-table.js'
import type { HandOver } from './hand-over.js'
import { NOBODY } from './label-carrier.js'
import type { LoopTurns } from './loop-turns.js'
import { MachineLog } from './machine-log.js'
import type { NativeSampler } from './native.js'
import { samplesOf, type TakenSamples } from './native-samples.js'
import { clearTimeout, setImmediate, setInterval, setTimeout } from './node-timers.js'
import type { Recordings } from './recordings.js'
import { Slices } from './slices.js'
import { StackTable } from './stack-table.js'
import { WindowBuilder } from './window-builder.js'

/**
 * An ended recording's share of the rotation is due after this long; others that end meanwhile
 * share it.
 */
const ROTATE_AFTER_END_MS = 100
/** A window at least this long (ms), since each rotation may lose the last sample. */
const SHORTEST_WINDOW_MS = 150
/** Where nobody waits for it, a window is worth a rotation if it has so many samples. */
const WORTHWHILE_SAMPLES = 150
/** While somebody records, and while nobody does. */
const BUSY_WINDOW_MS = 250
const QUIET_WINDOW_MS = 1000
/** A loop that has brought all it knew of this lately (ms) has nobody waiting. */
const CAUGHT_UP_MS = 5
/** Samples that nobody needs are kept no longer than this, whoever may be waiting. */
const OLDEST_MS = 3000
/** Stacks after which the table starts anew as soon as nobody is recorded. */
const MAX_STACKS = 200_000

/** Everything of this package: its frames are the profiler's own. */
const OWN_CODE = fileURLToPath(new URL('..', import.meta.url))

export class Rotation {
  readonly epoch = new EpochOffset()
  readonly turns: LoopTurns
  readonly machine = new MachineLog()
  readonly #native: NativeSampler
  readonly #log: RunLog
  readonly #recordings: Recordings
  readonly #owners: Pick<Owners, 'waits' | 'drivers' | 'tidy'>
  readonly #connections: Connections
  readonly #handOver: HandOver
  readonly #originals: Originals
  #stacks: StackTable
  /** The window that is being put together. */
  readonly #work = new Slices((slice, ms) => {
    setTimeout(() => this.#guard(() => this.#charged(slice)), ms).unref()
  })
  #rotatedAt = now()
  /** When the stack table began. */
  #keepFrom = Number.NEGATIVE_INFINITY
  /** The thread's CPU time, ms, when V8's window began. */
  #cpuAtStart = Number.NaN
  #due: NodeJS.Timeout | null = null
  #dueAt = Number.POSITIVE_INFINITY

  constructor(
    native: NativeSampler,
    log: RunLog,
    turns: LoopTurns,
    owners: Pick<Owners, 'waits' | 'drivers' | 'tidy'>,
    connections: Connections,
    recordings: Recordings,
    handOver: HandOver,
    originals: Originals,
  ) {
    this.#native = native
    this.#log = log
    this.turns = turns
    this.#owners = owners
    this.#recordings = recordings
    this.#connections = connections
    this.#handOver = handOver
    this.#originals = originals
    this.#stacks = new StackTable(OWN_CODE, originals)
    setInterval(() => this.#guard(() => this.#tick()), BUSY_WINDOW_MS).unref()
  }

  /** The thread's stacks, of which the windows bring the new ones. */
  get stacks(): StackTable {
    return this.#stacks
  }

  /** Sees to it that recordings that wait for their last window get it soon. */
  schedule(): void {
    if (!this.#recordings.areWaiting) return
    const at = Math.max(now() + ROTATE_AFTER_END_MS, this.#rotatedAt + this.#shortestMs())
    if (at >= this.#dueAt) return
    if (this.#due !== null) clearTimeout(this.#due)
    this.#dueAt = at
    // The timer is nobody's: neither label nor context of whoever runs now may reach our own work.
    this.#due = this.#native.labels.run(NOBODY, () =>
      this.#log.ownerless.run(() => setTimeout(() => this.#isDue(), at - now()).unref()),
    )
  }

  /** Takes a window at once, and hands over all there is. */
  flush(): void {
    this.#work.finish()
    this.#rotate()
    this.#work.finish()
  }

  // --- internal ---

  #shortestMs(): number {
    if (this.#recordings.areUrgent) return SHORTEST_WINDOW_MS
    const intervalMs = this.#native.intervalMicros / 1000
    return Math.max(SHORTEST_WINDOW_MS, WORTHWHILE_SAMPLES * intervalMs)
  }

  #isDue(): void {
    this.#due = null
    this.#dueAt = Number.POSITIVE_INFINITY
    this.#guard(() => this.#rotate())
  }

  /** Our own failure costs the window that was being put together, and nobody else anything. */
  #guard(work: () => void): void {
    try {
      this.#log.ownerless.run(work)
    } catch {
      this.#work.stop()
      this.#stacks.resend()
    }
  }

  /** The time it takes is the profiler's. */
  #charged(work: () => void): void {
    const start = now()
    work()
    this.#log.charge(start, now())
  }

  #tick(): void {
    this.epoch.observe()
    this.machine.open()
    this.#owners.tidy()
    this.#native.tick()
    const age = now() - this.#rotatedAt + 1 // a timer may be early by a millisecond
    const isBusy = this.#recordings.active.size > 0
    if (age < (isBusy ? BUSY_WINDOW_MS : QUIET_WINDOW_MS)) return
    if (this.#recordings.needSamples) this.#rotate()
    // This runs right after what kept the loop busy, and before who waited is seen. Two turns that
    // do not sleep, and they are.
    else setImmediate(() => setImmediate(() => this.#guard(() => this.#forget(age))))
  }

  /** Throws the samples away, unless somebody still to be seen waits behind what they show. */
  #forget(age: number): void {
    const isCaughtUp = now() - this.#connections.waitingSince < CAUGHT_UP_MS
    if (this.#recordings.needSamples || !(isCaughtUp || age > OLDEST_MS)) return
    this.#rotate()
  }

  /** Takes the window. Nothing is rotated while the one before is still being put together. */
  #rotate(): void {
    this.epoch.observe()
    if (this.#work.underWay) return
    const start = now()
    const from = this.#rotatedAt
    const cpu = this.machine.read()
    // A rotation without samples would make the library restart V8's profiler.
    const hasSamples = this.#native.profiler.pending() > 0
    const windowCpu = hasSamples ? cpu - this.#cpuAtStart : 0
    const isNeeded = this.#recordings.needSamples
    if (this.#stacks.size > MAX_STACKS && !this.#recordings.areKept) this.#startAnew(start)
    const taken = isNeeded && hasSamples ? this.#native.rotate() : null
    // V8 begins the next window before it hands over this one.
    this.#rotatedAt = start
    if (hasSamples) this.#cpuAtStart = cpu
    if (!isNeeded) return this.#discard(hasSamples)
    this.#log.charge(start, now())
    const segments = this.#log.take()
    this.#charged(() =>
      this.#work.start(this.#put(taken, segments, { from, to: start, windowCpu })),
    )
  }

  #discard(hasSamples: boolean): void {
    if (hasSamples) this.#native.discard()
    this.turns.take()
    this.machine.take()
    this.#owners.waits.take()
    this.#handOver.forget()
  }

  /** Nothing that was before is told any more, not even to who may still be recalled. */
  #startAnew(at: number): void {
    this.#stacks = new StackTable(OWN_CODE, this.#originals)
    this.#handOver.forget()
    this.#keepFrom = at
  }

  /** Takes all else that is of the window; what is left are steps that put it together. */
  #put(
    taken: TakenSamples | null,
    segments: Segments,
    span: { readonly from: number; readonly to: number; readonly windowCpu: number },
  ): Steps<void> {
    const takenAt = now()
    const turns = this.turns.take()
    const facts = {
      ...span,
      keepFrom: Math.max(
        this.#keepFrom,
        Math.min(this.#recordings.keepFrom(), this.#connections.waitingSince),
      ),
      ...this.machine.take(),
      ...this.#owners.waits.take(),
    }
    const [stacks, epoch] = [this.#stacks, this.epoch]
    const handOver = this.#handOver
    const { profiler } = this.#native
    const done = () => {
      this.#owners.drivers.look()
      this.schedule()
    }
    return (function* () {
      const samples =
        taken === null ? [] : yield* samplesOf(taken, (error) => profiler.handedOverNonsense(error))
      const builder = new WindowBuilder(stacks, samples, segments, turns, epoch, facts)
      yield* handOver.steps(yield* builder.steps(), takenAt, stacks)
      done()
    })()
  }
}
