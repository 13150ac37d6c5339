/**
 * One thread's profiler: armed once, never stopped. Recordings begin and end on it at will and
 * overlap; what it samples goes, window by window, to a listener, for the assembler to divide it
 * among them.
 */

import type { Warning } from '../profile/profile.js'
import { captureStack } from './async/capture-stack.js'
import { Owners } from './async/owners.js'
import { adoptParser } from './async/resource-waits.js'
import { RunLog } from './async/run-log.js'
import { Runner } from './async/runner.js'
import { WaitLabels } from './async/wait-labels.js'
import { chainOf, type RequestContext } from './async/waits.js'
import { now } from './clock.js'
import { Connections } from './connections.js'
import { Contexts } from './contexts.js'
import { FailedEvents } from './failed-events.js'
import type { Originals } from './function-table.js'
import { HandOver, type SamplerListener } from './hand-over.js'
import { NOBODY } from './label-carrier.js'
import { LoopClock } from './loop-clock.js'
import { LoopTurns } from './loop-turns.js'
import { type NativeSampler, startNative } from './native.js'
import { Passage } from './passage.js'
import { Past } from './past.js'
import { quietly } from './quietly.js'
import { type Detail, Passing, Recording, type SoFar } from './recording.js'
import { Recordings } from './recordings.js'
import { Rotation } from './rotation.js'
import { warningsOf } from './sampling-warnings.js'
import { BACKGROUND } from './window.js'

export class ThreadSampler {
  readonly #native: NativeSampler
  readonly #log: RunLog
  readonly #failed: FailedEvents
  readonly #recordings = new Recordings()
  readonly #contexts = new Contexts()
  readonly #runner: Runner
  /** Whoever acquires them for good spares recordings that come and go a hundred times as much. */
  readonly owners: Owners
  readonly #rotation: Rotation
  /** When requests may have come. */
  readonly connections: Connections
  /** For requests that are not recorded. */
  readonly passage: Passage
  readonly past: Past

  /**
   * Starts the thread's profiler, 6–25 ms, or waits until somebody else's has stopped. Throws
   * NO_PROFILER where it cannot run.
   */
  constructor(
    intervalMicros: number,
    listener: SamplerListener,
    originals: Originals = (frame) => frame,
  ) {
    this.#native = startNative(intervalMicros, (fact) => listener.warn?.(fact))
    const { labels } = this.#native
    const nobody = <T>(fn: () => T): T => labels.run(NOBODY, fn)
    const turns = new LoopTurns(nobody)
    const clock = new LoopClock(nobody)
    this.connections = new Connections(turns)
    this.connections.watch()
    const waitLabels = new WaitLabels(labels, (id) => this.#contexts.of(id))
    this.#log = new RunLog(turns, clock, waitLabels)
    this.#failed = new FailedEvents(this.#log.hooks, labels, listener)
    this.#runner = new Runner(labels, this.#log, waitLabels)
    this.owners = new Owners(
      this.#runner,
      (peer) => this.#contexts.standing(`background: connection to ${peer}`).root,
      (request) => {
        const waiting = this.connections.waitingFor(request)
        return waiting instanceof Passing ? waiting : null
      },
    )
    this.passage = new Passage(this.#native, this.#contexts, this.#recordings, this.#runner)
    this.#rotation = new Rotation(
      this.#native,
      this.#log,
      turns,
      this.owners,
      this.connections,
      this.#recordings,
      new HandOver(listener, this.#recordings, this.#contexts, this.labelsAll),
      originals,
    )
    this.past = new Past(this.owners, labels, this.#contexts, this.#recordings, this.#rotation)
  }

  /** Something is sampled: else a profile would show no code at all. */
  get isRunning(): boolean {
    return this.#native.profiler.isRunning
  }

  /** Each sample of a context carries its label. */
  get labelled(): boolean {
    return this.#native.labels.kind === 'slot'
  }

  /** Each sample of any request that passes carries its label, even while nobody is recorded. */
  get labelsAll(): boolean {
    const { kind } = this.#native.labels
    return kind === 'frame' || (kind === 'slot' && this.#recordings.pastMs > 0)
  }

  get intervalMicros(): number {
    return this.#native.intervalMicros
  }

  get attribution(): 'request' | 'process' {
    return this.#native.labels.kind === 'none' ? 'process' : 'request'
  }

  /** Whose code runs now; null where it is nobody's that is known. */
  get running(): RequestContext | null {
    return this.#runner.current?.context ?? null
  }

  /** Recordings that have not ended. */
  get active(): number {
    return this.#recordings.tellingApart
  }

  /** `backMs`: it began so long ago, as far as that is still known (`reachMs`). */
  begin(title: () => string, detail: Detail, backMs = 0): Recording {
    this.#rotation.machine.read()
    const isWhole = detail === 'whole'
    const follows = detail === 'awaits' || isWhole
    // What is nobody's is the whole's.
    const id = isWhole ? BACKGROUND : this.#contexts.newId()
    const program = isWhole ? this.#log.ownerless.program : null
    const startedAt = now() - this.#recordings.reachMs(backMs)
    const recording = new Recording(id, title, detail, startedAt, program)
    this.#failed.begins(recording)
    if (!isWhole) this.#contexts.add(recording)
    this.#recordings.begin(recording)
    this.#rotation.epoch.observe()
    if (detail !== 'none') this.owners.acquire(recording.startedAt)
    if (recording.needsLabels) this.#native.labels.acquire()
    if (follows) {
      if (isWhole) this.#log.follow()
      else this.#log.acquire()
      if (detail === 'awaits') captureStack(recording.root)
      this.#log.charge(recording.startedAt, now())
    }
    this.#rotation.schedule()
    return recording
  }

  /** Runs `fn`, and whatever asynchronous work comes of it, as the request's. */
  run<T>(context: Recording | Passing, fn: () => T): T {
    return this.#runner.run(context.root, fn)
  }

  /** What comes in for the request is the context's. */
  own(request: object, context: Recording | Passing): void {
    this.owners.bodies.own(request, context.root)
  }

  /** Goes on with a server's request as the recording's: `next` is called, once. */
  serve(recording: Recording, request: object, next: () => void): void {
    quietly(() => this.own(request, recording))()
    this.#runner.serve(recording.root, next)
  }

  /**
   * Counts the callbacks of the resource that runs now as the recording's, until the returned
   * function is called.
   */
  adopt(recording: Recording): () => void {
    return recording.knowsAwaits ? adoptParser(recording.root) : () => {}
  }

  /** Once; later calls do nothing. */
  end(recording: Recording): void {
    if (!this.#recordings.end(recording)) return
    recording.over(now())
    this.#failed.ends(recording)
    this.#rotation.machine.read()
    // The log is still read by the next rotation; switching it off now spares everybody else.
    if (recording.detail === 'whole') this.#log.unfollow()
    else if (recording.knowsAwaits) this.#log.release()
    else if (recording.needsLabels) this.#native.labels.release()
    if (recording.detail !== 'none') this.owners.release()
    this.#rotation.schedule()
  }

  /** Ends everything and hands it over at once: the process exits. */
  flush(): void {
    for (const recording of this.#recordings.active) this.end(recording)
    this.#rotation.flush()
  }

  /** The next window brings all stacks anew: what was made of their frames is forgotten. */
  resend(): void {
    this.#rotation.stacks.resend()
  }

  /** Null where run segments are not known. */
  soFar(recording: Recording): SoFar | null {
    return recording.knowsAwaits ? recording.soFar(this.#log.ranMs(recording)) : null
  }

  /** The logical call chain in which the recording began, as a stack of the windows. */
  chainOf(recording: Recording): number {
    return chainOf(recording.root, this.#rotation.stacks)
  }

  /** What the recording's profile does not know, one line each. */
  warningsOf(recording: Recording): Warning[] {
    this.#failed.tell(recording)
    return warningsOf(recording, this.#native.profiler, this.#rotation.leftOut)
  }
}
