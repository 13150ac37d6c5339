/**
 * One thread's profiler: armed once, rotated, never stopped. Recordings begin and end on it at will
 * and overlap; what it samples goes, window by window, to a desk (`desk.ts`) that divides it among
 * them.
 */

import { RunLog } from './async/run-log.js'
import { captureStack, chainOf, type Owner } from './async/waits.js'
import { EpochOffset, now } from './clock.js'
import { Owners } from './contexts.js'
import { type NativeSample, type NativeSampler, startNative } from './native.js'
import { type Detail, Neighbour, Recording } from './recording.js'
import { pathOf, StackIndex } from './stack-table.js'
import { BACKGROUND, type Window } from './window.js'
import { WindowBuilder } from './window-builder.js'

/** Where windows and ended recordings go. Calls must not throw. */
export interface Outlet {
  window(window: Window): void
  /** All windows up to the recording's end have been handed over. */
  ended(recording: Recording): void
}

/**
 * An ended recording's share of the rotation is due after this long; others that end meanwhile
 * share it.
 */
const ROTATE_AFTER_END_MS = 100
/** A window at least this long (ms), since each rotation may lose the last sample. */
const SHORTEST_WINDOW_MS = 150
/** While somebody records, and while nobody does. */
const BUSY_WINDOW_MS = 250
const QUIET_WINDOW_MS = 1000

/** Everything of this package: its frames are the profiler's own. */
const OWN_CODE = pathOf(new URL('..', import.meta.url).href)

export class ThreadSampler {
  readonly #native: NativeSampler
  readonly #epoch = new EpochOffset()
  #stacks = new StackIndex(OWN_CODE)
  readonly #log: RunLog
  readonly #active = new Set<Recording>()
  /** Active recordings that tell whose each sample is. */
  #tellingApart = 0
  /** How far back neighbours can be recalled, ms. */
  #pastMs = 0
  readonly #owners = new Owners()
  #ended: Recording[] = []
  #builder: WindowBuilder | null = null
  #outlet: Outlet | null = null
  #rotatedAt = now()
  #due: NodeJS.Timeout | null = null
  #lastOwner = BACKGROUND

  /** Starts the thread's profiler, 6–25 ms. Throws NO_PROFILER where it cannot run. */
  constructor(intervalMicros: number) {
    this.#native = startNative(intervalMicros)
    this.#log = new RunLog((owner) => this.#native.setSlot(owner))
    this.#epoch.calibrate()
    setInterval(() => this.#guard(() => this.#tick()), BUSY_WINDOW_MS).unref()
  }

  /** Each sample of an owner carries its label. */
  get labelled(): boolean {
    return this.#native.carrier === 'slot'
  }

  get intervalMicros(): number {
    return this.#native.intervalMicros
  }

  get attribution(): 'request' | 'process' {
    return this.#native.carrier === 'none' ? 'process' : 'request'
  }

  /**
   * Recordings that have not ended; while there are some, neighbours should be introduced with
   * `introduce`.
   */
  get active(): number {
    return this.#tellingApart
  }

  set outlet(outlet: Outlet) {
    this.#outlet = outlet
  }

  begin(title: () => string, detail: Detail): Recording {
    const follows = detail === 'awaits'
    const hooked = follows || (detail === 'labels' && this.#native.carrier === 'slot')
    const recording = new Recording(this, ++this.#lastOwner, title, detail, hooked)
    this.#owners.add(recording)
    this.#active.add(recording)
    if (detail !== 'none') this.#tellingApart++
    this.#epoch.observe()
    if (hooked) {
      this.#log.acquire()
      recording.ranAtStart = this.#log.ranMs(recording).all
      if (follows) captureStack(recording.root)
      this.#log.charge(recording.startedAt, now())
    }
    this.#schedule()
    return recording
  }

  /** A neighbour whose code and name profiles of others shall show. */
  introduce(title: () => string): Neighbour {
    const owner = new Neighbour(this, ++this.#lastOwner, title)
    this.#owners.add(owner)
    return owner
  }

  run<T>(owner: Recording | Neighbour, fn: () => T): T {
    return this.#native.run(owner, () => (this.#log.active ? this.#log.run(owner.root, fn) : fn()))
  }

  /**
   * Counts the callbacks of the resource that runs now as the recording's, until the returned
   * function is called.
   */
  adopt(recording: Recording): () => void {
    return recording.hooked ? this.#log.adopt(recording.root) : () => {}
  }

  end(recording: Recording): void {
    if (!this.#active.delete(recording)) return
    if (recording.detail !== 'none') this.#tellingApart--
    this.#ended.push(recording)
    // The log is still read by the next rotation; switching it off now spares everybody else.
    if (recording.hooked) this.#log.release()
    this.#schedule()
  }

  /**
   * From now on the last `ms` can be looked back on: whatever was a neighbour then may be recalled.
   * Where labels need the hooks, they stay on: switching them at each request would cost more.
   */
  keepPast(ms: number): void {
    if (this.#pastMs === 0 && this.#native.carrier === 'slot') this.#log.acquire()
    this.#pastMs = Math.max(this.#pastMs, ms)
  }

  /** A recording of what the neighbour did until now. */
  recall({ id, title, startedAt }: Neighbour): Recording {
    const hooked = this.#native.carrier === 'slot'
    const recording = new Recording(this, id, title, 'labels', hooked, startedAt)
    recording.endedAt = now()
    this.#owners.add(recording)
    this.#ended.push(recording)
    this.#schedule()
    return recording
  }

  /** The neighbour has ended; its name is all that is needed of it. */
  dismiss(neighbour: Neighbour): void {
    this.#owners.settle(neighbour)
  }

  /** Ends everything and hands it over at once: the process exits. */
  flush(): void {
    for (const recording of this.#active) recording.end()
    if (this.#builder !== null) this.#build(Number.POSITIVE_INFINITY)
    this.#rotate()
    if (this.#builder !== null) this.#build(Number.POSITIVE_INFINITY)
  }

  /**
   * The next window brings all stacks anew: what was made of their frames until now shall be
   * forgotten.
   */
  handAgain(): void {
    this.#stacks.handAgain()
  }

  /** Time that the owner, and anybody at all, has run since the hooks went on; ms. */
  ranMs(owner: Owner): { readonly own: number; readonly all: number } {
    return this.#log.ranMs(owner)
  }

  chainOf(recording: Recording): number {
    return chainOf(recording.root, this.#stacks)
  }

  /** What is known to be wrong with the samples since a restart, one line each. */
  get caveats(): string[] {
    if (!this.#native.restarted()) return []
    return [
      "the engine's profiler had to be restarted: loops that were running before are not seen",
    ]
  }

  // --- internal ---

  #schedule(): void {
    if (this.#ended.length === 0 || this.#due !== null) return
    const wait = Math.max(ROTATE_AFTER_END_MS, this.#rotatedAt + SHORTEST_WINDOW_MS - now())
    // The timer is nobody's: neither label nor owner of whoever runs now may reach our own work.
    this.#due = this.#native.unlabelled(() =>
      this.#log.aside(() =>
        setTimeout(() => {
          this.#due = null
          this.#guard(() => this.#rotate())
        }, wait).unref(),
      ),
    )
  }

  /** Our own failure costs the window that was being put together, and nobody else anything. */
  #guard(work: () => void): void {
    try {
      work()
    } catch {
      this.#builder = null
      this.#stacks.handAgain()
    }
  }

  #tick(): void {
    const age = now() - this.#rotatedAt + 1 // a timer may be early by a millisecond
    if (age >= (this.#active.size > 0 ? BUSY_WINDOW_MS : QUIET_WINDOW_MS)) this.#rotate()
  }

  /** Takes the window. Nothing is rotated while the one before is still being put together. */
  #rotate(): void {
    if (this.#builder !== null) return
    const start = now()
    const from = this.#rotatedAt
    const needed = this.#active.size > 0 || this.#ended.length > 0 || this.#pastMs > 0
    const samples = this.#take(needed)
    this.#rotatedAt = now()
    if (samples === null) return
    this.#epoch.calibrate()
    this.#log.charge(start, now())
    this.#builder = new WindowBuilder(this.#stacks, samples, this.#log.take(), this.#epoch.value, {
      from,
      keepFrom: this.#keepFrom(),
      precision: this.#epoch.uncertainty,
    })
    this.#build(SLICE_MS)
  }

  /** Null if nobody needs the samples. */
  #take(needed: boolean): NativeSample[] | null {
    // A rotation without samples would make the library restart V8's profiler.
    const any = this.#native.pending() > 0
    if (needed) return any ? this.#native.rotate() : []
    if (any) this.#native.discard()
    if (this.#stacks.size > MAX_STACKS) this.#stacks = new StackIndex(OWN_CODE)
    return null
  }

  /** Puts the window together in slices, so that neighbours hardly notice. */
  #build(budget: number): void {
    const builder = this.#builder!
    const start = now()
    const window = builder.advance(start + budget)
    if (window === null) {
      this.#log.charge(start, now())
      // Where turns of the loop are long, short slices would never come to an end.
      const paused = now()
      const next = () =>
        this.#builder === builder && this.#build(Math.max(SLICE_MS, (now() - paused) / 10))
      // Not unref’d: on a quiet loop the next turn would be a long time coming. It keeps the
      // process for as long only as it takes.
      setImmediate(() => this.#guard(next))
      return
    }
    this.#builder = null
    this.#outlet?.window({ ...window, titles: this.#owners.titlesIn(window) })
    const ended = this.#ended.filter((recording) => recording.endedAt <= builder.takenAt)
    this.#ended = this.#ended.filter((recording) => recording.endedAt > builder.takenAt)
    for (const recording of ended) {
      this.#outlet?.ended(recording)
      this.#owners.handedOver(recording)
    }
    const isQuiet = this.#active.size === 0 && this.#ended.length === 0
    if (isQuiet && this.#pastMs === 0) this.#owners.clear()
    this.#log.charge(start, now())
    this.#schedule()
  }

  #keepFrom(): number {
    let from = now() - this.#pastMs
    for (const recording of this.#active) from = Math.min(from, recording.startedAt)
    for (const recording of this.#ended) from = Math.min(from, recording.startedAt)
    return from
  }
}

const SLICE_MS = 0.5
/** Stacks after which the table starts anew as soon as nobody records. */
const MAX_STACKS = 200_000
