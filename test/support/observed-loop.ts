/** What the profiler notes of an event loop of set times, and the profiles that become of it. */
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { WindowStore } from '../../src/assembler/window-store.js'
import { checkProfile } from '../../src/profile/check.js'
import type { Profile } from '../../src/profile/profile.js'
import { Readiness } from '../../src/sampler/async/readiness.js'
import { SegmentLog } from '../../src/sampler/async/segments.js'
import { WaitLog } from '../../src/sampler/async/wait-log.js'
import { Wait } from '../../src/sampler/async/waits.js'
import { TurnLog } from '../../src/sampler/loop-turns.js'
import { type Queueing, queueingOf } from '../../src/sampler/queue-bound.js'
import type { Bystander, Recording } from '../../src/sampler/recording.js'
import { StackTable } from '../../src/sampler/stack-table.js'
import { WindowBuilder } from '../../src/sampler/window-builder.js'
import { BARE_META } from './bare-meta.js'
import {
  type Callback,
  type CallbackKind,
  EventLoop,
  NOBODY,
  type Observer,
  type Run,
} from './event-loop.js'
import { cpuOf, type KnownRun, samplesOf } from './sampled-runs.js'
import { allOf, apart, bystanderOf, recordingOf, SetTimers, SetTurns } from './sampler-parts.js'

/** How the thread is looked at. */
export interface Look {
  /** Whose awaits are followed, from when they begin; the hooks are off before and after. */
  readonly recorded: readonly number[]
  /** The hooks are on from the beginning, for somebody else's sake. */
  readonly alwaysOn?: boolean
  /** Each sample says whose it is, as on Node 24; else it says what the hooks know. */
  readonly labelsAll: boolean
  /** Of the first sample, ms; one each ms. */
  readonly phase: number
}

export class ObservedLoop implements Observer {
  readonly loop: EventLoop
  readonly #look: Look
  readonly #turns = new SetTurns()
  readonly #timers = new SetTimers()
  readonly #readiness = new Readiness(this.#turns, this.#timers)
  readonly #log = new SegmentLog(this.#readiness)
  readonly #contexts = new Map<number, Recording | Bystander>()
  readonly #recordings = new Map<number, { queueing: Queueing; start: number; end: number }>()
  readonly #turnLog = new TurnLog()
  #sleptMs = 0
  #sleptBeforeMs = 0
  #seen = { turn: -1, at: 0 }
  /** Recordings under way; the hooks are on since `onSince`. */
  #users = 0
  #onSince = Number.POSITIVE_INFINITY
  /** A segment is open. */
  #isOpen = false
  /** When segments were opened, ms. */
  readonly #opened: number[] = []
  /** Whose, by the hooks. */
  #isKnown = false
  readonly #runs: KnownRun[] = []

  constructor(programs: ConstructorParameters<typeof EventLoop>[0], look: Look) {
    this.#look = look
    this.loop = new EventLoop(programs, this)
    if (look.alwaysOn) this.#acquire(0)
    this.loop.run()
  }

  before(kind: CallbackKind, callback: Callback, at: number): void {
    if (!this.#isOn) return
    const isKnown = callback.madeAt >= this.#onSince
    if (kind === 'timer') this.#timers.due = callback.ready
    const settled = kind === 'immediate' && isKnown ? callback.madeAt : Number.NaN
    this.#readiness.starts(RESOURCES[kind], settled, at)
    this.#enter(isKnown ? this.#waitOf(callback.of, callback.madeAt) : null, at, settled)
  }

  beforePromise(callback: Callback, at: number): void {
    // V8 tells nothing of those that were made before.
    if (!this.#isOn || callback.madeAt < this.#onSince) return
    this.#enter(this.#waitOf(callback.of, callback.madeAt), at, callback.ready)
  }

  after(at: number): void {
    this.#leave(at)
  }

  begins(id: number, at: number): void {
    if (this.#seen.turn !== this.#turns.turn) this.#seen = { turn: this.#turns.turn, at }
    const isRecorded = this.#look.recorded.includes(id)
    if (isRecorded) {
      this.#acquire(at)
      this.#recordings.set(id, { queueing: this.#queueing(at), start: at, end: Number.NaN })
    }
    this.#contexts.set(id, isRecorded ? recordingOf(id, at) : bystanderOf(id))
    if (!this.#isOn) return
    this.#leave(at)
    this.#enter(this.#waitOf(id), at, at)
  }

  ends(id: number, at: number): void {
    const recording = this.#recordings.get(id)
    if (recording === undefined) return
    recording.end = at
    this.#leave(at)
    this.#users--
    if (!this.#isOn) this.#onSince = Number.POSITIVE_INFINITY
  }

  runs(run: Run): void {
    this.#runs.push({ ...run, isKnown: this.#isKnown })
  }

  sleeps(from: number, to: number): void {
    // The sampler's signal wakes the loop.
    const { phase } = this.#look
    const signal = Math.floor(to - phase) + phase
    this.#sleptMs = to - Math.max(from, signal)
    this.#turns.slept = true
  }

  checks(at: number): void {
    this.#turns.check(at)
    this.#turnLog.ended(at, this.#turns.sleptBeforeMs > 0)
    this.#sleptBeforeMs = this.#sleptMs
    this.#sleptMs = 0
  }

  /** Of each that was recorded. */
  profiles(): Map<number, Profile> {
    const stacks = new StackTable('/profview/')
    const store = new WindowStore()
    const to = this.loop.now + 10
    const facts = { from: 0, to, keepFrom: 0, windowCpu: cpuOf(this.#runs), cpuLeftOut: 0 }
    const segments = this.#log.take()
    const turns = this.#turnLog.take()
    const columns = { ...facts, ...NO_MACHINE, ...new WaitLog().take() }
    const samples = samplesOf(this.#runs, this.#look, to)
    const builder = new WindowBuilder(
      stacks,
      samples,
      segments,
      turns,
      apart(0, PRECISION),
      columns,
    )
    const window = allOf(builder.steps())
    const titles = new Map([...this.#contexts.keys()].map((id) => [id, titleOf(id)]))
    store.add({ ...window, titles, table: stacks.delta() })
    const { labelsAll } = this.#look
    return new Map(
      [...this.#recordings].map(([id, { queueing, start, end }]) => {
        const request = { ...BARE_META.request!, route: `/${id}` }
        const meta = { ...BARE_META, id: `request ${id}`, request }
        const facts = { contextId: id, start, end, queueing, meta, chain: -1, labelsAll }
        const profile = store.finish({ ...facts, hasRunSegments: true, labelled: !labelsAll })
        return [id, checkProfile(profile)]
      }),
    )
  }

  // --- internal ---

  get #isOn(): boolean {
    return this.#users > 0
  }

  #acquire(at: number): void {
    if (this.#users++ > 0) return
    this.#onSince = at
    this.#readiness.begin(at)
  }

  /** `madeAt`: it was made then, in the segment that was open. */
  #waitOf(id: number, madeAt = Number.NaN): Wait | null {
    const context = this.#contexts.get(id)
    if (context?.follows !== true || Number.isNaN(madeAt)) return context?.root ?? null
    const wait = new Wait(context, context.root)
    wait.madeAt = this.#opened.findLast((at) => at < madeAt) ?? Number.NaN
    return wait
  }

  #enter(wait: Wait | null, at: number, settled: number): void {
    this.#log.nextSettled = settled
    if (wait !== null) this.#readiness.resumes(wait.context, at, settled)
    this.#log.open(at, wait)
    this.#opened.push(at)
    this.#isOpen = true
    this.#isKnown = wait !== null
  }

  #leave(at: number): void {
    if (this.#isOpen) this.#log.close(at)
    this.#isOpen = this.#isKnown = false
  }

  /** As of a connection that has been quiet for long. */
  #queueing(seenAt: number): Queueing {
    const { turn, slept, checkedAt, checkedBefore } = this.#turns
    const cameBy = this.#seen.at
    const known = { seenAt, sleptMs: this.#sleptMs, checkedAt, cameBy, isOfBatch: true }
    const then = slept
      ? { from: checkedAt, thenSleptMs: this.#sleptMs, thenEndedBy: cameBy, isOfSleep: true }
      : {
          from: checkedBefore,
          thenSleptMs: this.#sleptBeforeMs,
          thenEndedBy: checkedAt,
          isOfSleep: false,
        }
    const hasLooked = turn - FIRST_TURN >= (slept ? 1 : 2)
    return queueingOf({ ...known, ...then, ...(hasLooked ? {} : { from: null }) })
  }
}

export function titleOf(id: number): string {
  return id === NOBODY ? 'background' : `GET /${id}`
}

// --- internal ---

/** As `SetTurns` counts them. */
const FIRST_TURN = 1
/** How well the clocks of samples and segments agree, ms. */
const PRECISION = 0.01
const NO_MACHINE = {
  machineAt: new Float64Array(0),
  machineRunQueue: new Float64Array(0),
  machineThrottled: new Float64Array(0),
}
const TIMER = setTimeout(() => {}, 1)
const IMMEDIATE = setImmediate(() => {})
clearTimeout(TIMER)
clearImmediate(IMMEDIATE)
const RESOURCES: Readonly<Record<CallbackKind, object>> = {
  timer: TIMER,
  immediate: IMMEDIATE,
  answer: {},
}
