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
import { DueTimer } from './due-timer.js'
import type { Originals } from './function-table.js'
import type { HandOver } from './hand-over.js'
import { NOBODY } from './label-carrier.js'
import type { LoopTurns } from './loop-turns.js'
import { MachineLog } from './machine-log.js'
import type { NativeSampler } from './native.js'
import { samplesOf, type TakenSamples } from './native-samples.js'
import { clearInterval, setImmediate, setInterval, setTimeout } from './node-timers.js'
import { quietly } from './quietly.js'
import type { Recordings } from './recordings.js'
import { SampleTaker } from './sample-taker.js'
import { Slices } from './slices.js'
import { StackTable } from './stack-table.js'
import { StackTables } from './stack-tables.js'
import { whenLeaving } from './visit.js'
import { type Facts, WindowBuilder } from './window-builder.js'

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
  readonly #stacks: StackTables
  /** The window that is being put together. */
  readonly #work = new Slices((slice, ms) => {
    setTimeout(() => this.#guard(() => this.#charged(slice)), ms).unref()
  })
  #rotatedAt = now()
  readonly #taker: SampleTaker
  /** Its timer is nobody's: neither label nor context of whoever runs may reach our own work. */
  readonly #due = new DueTimer(
    (isDue, at) =>
      this.#native.labels.run(NOBODY, () =>
        this.#log.ownerless.run(() => setTimeout(isDue, at - now()).unref()),
      ),
    () => this.#guard(() => (this.#recordings.needSamples ? this.#rotate() : this.#forgetSoon())),
  )

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
    this.#stacks = new StackTables(new StackTable(OWN_CODE, originals))
    this.#taker = new SampleTaker(native, this.machine)
    const ticks = setInterval(() => this.#guard(() => this.#tick()), BUSY_WINDOW_MS).unref()
    whenLeaving(() => clearInterval(ticks))
  }

  /** Between these times samples were left out last, ms. */
  get leftOut(): SampleTaker['leftOut'] {
    return this.#taker.leftOut
  }

  /** The thread's stacks, of which the windows bring the new ones. */
  get stacks(): StackTable {
    return this.#stacks.current
  }

  /** Sees to it that recordings that wait for their last window get it soon. */
  schedule(): void {
    if (!this.#recordings.areWaiting) return
    this.#due.at(Math.max(now() + ROTATE_AFTER_END_MS, this.#rotatedAt + this.#shortestMs()))
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

  /** Our own failure costs the window that was being put together, and nobody else anything. */
  #guard(work: () => void): void {
    try {
      this.#log.ownerless.run(work)
    } catch {
      this.#work.stop()
      quietly(() => this.stacks.resend())()
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
    else this.#forgetSoon()
  }

  /**
   * What calls it runs right after what kept the loop busy, and before who waited is seen. Two
   * turns that do not sleep, and they are.
   */
  #forgetSoon(): void {
    setImmediate(() => setImmediate(() => this.#guard(() => this.#forget())))
  }

  /** Throws the samples away, unless somebody still to be seen waits behind what they show. */
  #forget(): void {
    const age = now() - this.#rotatedAt
    const isCaughtUp = now() - this.#connections.waitingSince < CAUGHT_UP_MS
    const isOver = isCaughtUp || age > OLDEST_MS || this.#taker.isTooMuch
    if (this.#recordings.needSamples || !isOver) return
    this.#rotate()
  }

  /** Takes the window. Nothing is rotated while the one before is still being put together. */
  #rotate(): void {
    this.epoch.observe()
    if (this.#work.underWay) {
      this.#taker.leaveOut(this.#rotatedAt)
      return this.#takeSoon()
    }
    const [from, start] = [this.#rotatedAt, now()]
    const isNeeded = this.#recordings.needSamples
    const { samples, ...cpu } = this.#taker.take(isNeeded)
    // V8 begins the next window before it hands over this one.
    this.#rotatedAt = start
    this.#takeSoon()
    if (!isNeeded) return this.#discard()
    this.#log.charge(start, now())
    const segments = this.#log.take()
    const steps = this.#put(samples, segments, { from, to: start, ...cpu })
    this.#charged(() => this.#work.start(steps, this.#recordings.areStreamed))
  }

  /** Where samples cost much, before the next tick. */
  #takeSoon(): void {
    const { longestMs } = this.#taker
    if (longestMs < BUSY_WINDOW_MS) this.#due.at(now() + longestMs)
  }

  #discard(): void {
    this.turns.take()
    this.machine.take()
    this.#owners.waits.take()
    this.#handOver.forget()
    if (this.stacks.isFilled) this.#stacks.renew()
  }

  /** Takes all else that is of the window; what is left are steps that put it together. */
  #put(
    taken: TakenSamples | null,
    segments: Segments,
    span: Pick<Facts, 'from' | 'to' | 'windowCpu' | 'cpuLeftOut'>,
  ): Steps<void> {
    const takenAt = now()
    const turns = this.turns.take()
    const facts = {
      ...span,
      keepFrom: Math.min(this.#recordings.keepFrom(), this.#connections.waitingSince),
      ...this.machine.take(),
      ...this.#owners.waits.take(),
    }
    const [tables, stacks, epoch, loop] = [this.#stacks, this.stacks, this.epoch, this.turns]
    const [handOver, { profiler }] = [this.#handOver, this.#native]
    const done = (isLast: boolean) => {
      if (isLast) tables.renew()
      this.#owners.drivers.look()
      this.schedule()
    }
    return (function* () {
      const failed = (error: unknown) => profiler.handedOverNonsense(error, facts.from)
      const samples = taken === null ? [] : yield* samplesOf(taken, failed)
      if (taken !== null) profiler.handedOver(samples.length, taken.signals, facts.from)
      const builder = new WindowBuilder(stacks, samples, segments, turns, epoch, facts)
      const window = yield* builder.steps()
      loop.long.look(window, samples, loop.checkedAt)
      const isLast = tables.isOver
      yield* handOver.steps(window, takenAt, stacks, isLast)
      done(isLast)
    })()
  }
}
