/**
 * Who ran when: the run segments of a thread, to the microsecond, from `async_hooks`. The hooks are
 * on only while somebody needs them, since everyone on the thread pays.
 *
 * Each resource that a context creates is tagged with a `Wait`; when its callback runs, the context
 * runs. A segment is one uninterrupted stretch of one wait's callback. What runs without a tag is
 * the background.
 */
import { createHook, executionAsyncId, executionAsyncResource } from 'node:async_hooks'
import { now } from '../clock.js'
import { OURSELVES } from '../window.js'
import { noteHost } from './describe-resource.js'
import { PendingOperations } from './pending.js'
import { Readiness, type TimerClock, type Turns } from './readiness.js'
import { waits } from './resource-waits.js'
import { SegmentLog, type Segments } from './segments.js'
import { Settling } from './settling.js'
import { WaitCause } from './wait-cause.js'
import { captureStack, type RequestContext, renewCaptures, Wait } from './waits.js'

/** Waits shorter than this (ms) are not asked what else was pending. */
const LONG_WAIT = 1

type Running = Wait | null | typeof IDLE
const IDLE = Symbol('idle')

export class RunLog {
  readonly #turns: Turns
  readonly #readiness: Readiness
  readonly #segments: SegmentLog
  readonly #settling = new Settling()
  #users = 0
  #running: Running = IDLE
  readonly #outer: Running[] = []
  #openedAt = 0
  readonly #onSwitch: (context: RequestContext | null) => void
  readonly #cause = new WaitCause(
    (text) => this.#answer(text),
    () => this.#pendingNow(),
  )
  readonly #hook = createHook({
    init: (id, type, trigger, resource) => this.#init(id, type, trigger, resource),
    before: () => this.#before(),
    after: () => this.#after(),
  })

  /**
   * `onSwitch` is told each time another context begins to run (null: nobody we know); it must not
   * throw.
   */
  constructor(turns: Turns, clock: TimerClock, onSwitch: (context: RequestContext | null) => void) {
    this.#turns = turns
    this.#readiness = new Readiness(turns, clock)
    this.#segments = new SegmentLog(this.#readiness)
    this.#onSwitch = onSwitch
  }

  get active(): boolean {
    return this.#users > 0
  }

  /** Time that the context has run while the hooks were on; ms, up to now. */
  ranMs(context: RequestContext): number {
    const running = this.#running
    const isOwn = running !== IDLE && running !== null && running.context === context
    return context.ranMs + (isOwn ? now() - this.#openedAt : 0)
  }

  /** Switches the hooks on for one more user; `follows`: one that looks at each of its waits. */
  acquire(follows: boolean): void {
    if (follows) this.#settling.acquire()
    if (this.#users++ > 0) return
    this.#readiness.begin(now())
    this.#hook.enable()
    this.#cause.enable()
  }

  release(follows: boolean): void {
    if (follows) this.#settling.release()
    if (--this.#users > 0) return
    this.#hook.disable()
    this.#cause.disable()
    this.#enter(IDLE)
    this.#outer.length = 0
  }

  /** What the code that runs now continues; null where it is nobody's that is known. */
  get running(): Wait | null {
    return this.#running === IDLE ? null : this.#running
  }

  /** The rest of the callback that runs now is the wait's context's; returns what was running. */
  enter(wait: Wait | null): Wait | null {
    const before = this.running
    const at = now()
    if (this.active) this.#enter(wait, at, at)
    return before
  }

  /** The callback that runs now brings the context what it has waited for. */
  brings(context: RequestContext, text: string): void {
    this.#cause.brings(context, text)
  }

  /** The same where it was called for nothing else. */
  answers(context: RequestContext, text: string): void {
    this.#cause.answers(context, text)
    const running = this.#running
    if (running !== IDLE && running?.context === context) this.#cause.name(running)
  }

  /** Runs `fn` as code of the wait's context; null: as nobody's. */
  run<T>(wait: Wait | null, fn: () => T): T {
    const outer = this.#running
    const at = now()
    this.#enter(wait, at, at)
    try {
      return fn()
    } finally {
      // `fn` may have ended the last user; then nothing runs any more.
      this.#enter(this.active ? outer : IDLE)
    }
  }

  /**
   * Runs `fn` as nobody: what it creates is not tagged. For our own timers, so it is not timed
   * either.
   */
  aside<T>(fn: () => T): T {
    const running = this.#running
    this.#running = IDLE
    try {
      return fn()
    } finally {
      this.#running = running
    }
  }

  /** Charges a stretch of our own work between callbacks. */
  charge(start: number, end: number): void {
    if (!this.active) return
    const running = this.#running
    if (running !== IDLE) this.#close(start, running)
    this.#segments.append(start, end, OURSELVES, null)
    if (running !== IDLE) this.#open(end, running, end)
  }

  /** All segments since the last time; one that is open now is cut in two. */
  take(): Segments {
    renewCaptures()
    const running = this.#running
    const at = now()
    if (running !== IDLE) this.#close(at, running)
    const segments = this.#segments.take()
    if (running !== IDLE) this.#open(at, running)
    return segments
  }

  // --- internal ---

  #init(id: number, type: string, trigger: number, resource: object): void {
    this.#settling.made(id, type)
    const running = this.#running
    if (running === IDLE || running === null) return
    const { context } = running
    if (!context.follows) {
      // No history is needed: all its resources share its first wait.
      waits.set(resource, running)
      return
    }
    const wait = new Wait(context, running)
    wait.madeAt = this.#openedAt
    // A promise that follows from no other is never what is resumed: `await` and `then` make one
    // that does.
    if (type !== 'PROMISE' || trigger !== executionAsyncId()) captureStack(wait)
    waits.set(resource, wait)
    if (type === 'TCPCONNECTWRAP') noteHost(resource, executionAsyncResource())
    if (PendingOperations.isOne(type)) context.pending.add(resource)
  }

  #before(): void {
    const resource = executionAsyncResource()
    const isNested = this.#outer.length > 0
    this.#outer.push(this.#running)
    if (resource === this.#turns.armed) return
    const wait = waits.get(resource)
    const at = now()
    if (!isNested && this.#cause.see(resource, wait)) {
      this.#readiness.starts(resource, this.#settling.ofCallback(resource), at)
    }
    let settled = Number.NaN
    if (wait?.context.follows) {
      if (wait.what === '') this.#cause.name(wait)
      this.#answered(resource, wait.context, at)
      // What somebody else calls was not there before.
      settled = isNested ? at : this.#settling.ofCallback(resource)
    }
    this.#enter(wait, at, settled)
    if (wait !== null) wait.calledAt = at
  }

  #after(): void {
    const outer = this.#outer.pop()
    // Not `??`: null is the background, which goes on running.
    this.#enter(outer === undefined ? IDLE : outer)
  }

  /** What runs now was waited for by its HTTP request's name. */
  #answer(text: string): void {
    const running = this.#running
    if (running !== IDLE && running?.context.follows) running.what = text
  }

  #pendingNow(): PendingOperations | null {
    const running = this.#running
    return running !== IDLE && running?.context.follows ? running.context.pending : null
  }

  #answered(resource: object, { pending, ranAt }: RequestContext, at: number): void {
    pending.answered(resource)
    if (at - ranAt > LONG_WAIT) this.#segments.nextPending = pending.describe()
  }

  /** `settled`: when what goes on could have done so, as far as the loop's callback let it. */
  #enter(next: Running, at = now(), settled = Number.NaN): void {
    const running = this.#running
    if (next === running) return
    if (running !== IDLE) this.#close(at, running)
    if (next !== IDLE) this.#open(at, next, settled)
    this.#running = next
    const context = next === IDLE || next === null ? null : next.context
    const before = running === IDLE || running === null ? null : running.context
    if (context !== before) this.#onSwitch(context)
  }

  #open(at: number, wait: Wait | null, settled = Number.NaN): void {
    this.#openedAt = at
    this.#segments.nextSettled = settled
    if (wait !== null) this.#readiness.resumes(wait.context, at, settled)
    this.#segments.open(at, wait)
  }

  #close(at: number, wait: Wait | null): void {
    this.#segments.close(at)
    if (wait === null) return
    wait.context.ranMs += at - this.#openedAt
    wait.context.ranAt = at
  }
}
