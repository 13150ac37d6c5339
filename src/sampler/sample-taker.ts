/**
 * Takes V8's windows, so few samples at once that nobody waits for it: V8 hands over the tree of
 * their stacks in one go, 1–4 µs a node, and of stacks that are all different each sample has a
 * hundred nodes of its own.
 */
import { now } from './clock.js'
import type { MachineLog } from './machine-log.js'
import type { NativeSampler } from './native.js'
import type { TakenSamples } from './native-samples.js'
import type { Facts } from './window-builder.js'

/** Nobody shall wait longer for it, ms. */
const TARGET_MS = 8
/** Of a window without anything in it, ms. */
const EMPTY_MS = 1
/** Whatever they cost, samples are not taken more often than this, ms. */
const SHORTEST_MS = 25

interface Native extends Pick<NativeSampler, 'rotate' | 'discard' | 'intervalMicros'> {
  readonly profiler: Pick<NativeSampler['profiler'], 'pending'>
}

/** A window's samples, if there are any and somebody needs them; CPU times as `Facts` has them. */
export interface Taken extends Pick<Facts, 'windowCpu' | 'cpuLeftOut'> {
  readonly samples: TakenSamples | null
}

export class SampleTaker {
  readonly #native: Native
  readonly #machine: Pick<MachineLog, 'read'>
  /** The thread's CPU time, ms, when the window began, and what of it was left out. */
  #cpuAtStart = Number.NaN
  #cpuLeftOut = 0
  /** Between these times samples were left out last, ms. */
  leftOut = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY }
  /** What a sample cost, the last time and the time before, ms. */
  #last = 0
  #before = Number.POSITIVE_INFINITY

  constructor(native: Native, machine: Pick<MachineLog, 'read'>) {
    this.#native = native
    this.#machine = machine
  }

  /** All there are. */
  take(isNeeded: boolean): Taken {
    const cpu = this.#machine.read()
    // A rotation without samples would make the library restart V8's profiler.
    if (this.#native.profiler.pending() === 0) return NOTHING
    const samples = this.#rotate(isNeeded, cpu)
    const taken = { samples, windowCpu: cpu - this.#cpuAtStart, cpuLeftOut: this.#cpuLeftOut }
    this.#cpuAtStart = cpu
    this.#cpuLeftOut = 0
    return taken
  }

  /** So many samples that differ cannot be put together as fast as they come. */
  leaveOut(from: number): void {
    if (!this.isTooMuch) return
    const cpu = this.#machine.read()
    this.#rotate(false, cpu)
    this.#cpuLeftOut = cpu - this.#cpuAtStart
    this.leftOut = { from, to: now() }
  }

  /** After this time more should be taken; Infinity: it does not matter. */
  get longestMs(): number {
    const samples = TARGET_MS / this.#cost
    return Math.max(SHORTEST_MS, (samples * this.#native.intervalMicros) / 1000)
  }

  /** Somebody will wait far too long. */
  get isTooMuch(): boolean {
    return this.#native.profiler.pending() * this.#cost > 2 * TARGET_MS
  }

  // --- internal ---

  #rotate(isNeeded: boolean, cpu: number): TakenSamples | null {
    const at = now()
    const count = this.#native.profiler.pending()
    let samples: TakenSamples | null = null
    if (isNeeded) samples = this.#native.rotate()
    else this.#native.discard()
    // Others on the machine lengthen no CPU time.
    const ms = Number.isNaN(cpu) ? now() - at : this.#machine.read() - cpu
    if (this.#last > 0) this.#before = this.#last
    this.#last = Math.max(0, ms - EMPTY_MS) / count
    return samples
  }

  /** Of one time alone nobody knows what else there was to do. */
  get #cost(): number {
    return Math.min(this.#last, this.#before)
  }
}

// --- internal ---

const NOTHING: Taken = { samples: null, windowCpu: 0, cpuLeftOut: 0 }
