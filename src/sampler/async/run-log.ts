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
import { OURSELVES, UNFOLLOWED } from '../window.js'
import { renewCaptures } from './captures.js'
import { OURS, Ownerless } from './ownerless.js'
import { Readiness, type TimerClock, type Turns } from './readiness.js'
import { continueWith, waits } from './resource-waits.js'
import { Resumed } from './resumed.js'
import { SegmentLog, type Segments } from './segments.js'
import { Settling } from './settling.js'
import { WaitCause } from './wait-cause.js'
import type { WaitLabels } from './wait-labels.js'
import type { RequestContext, Wait } from './waits.js'

type Running = Wait | null | typeof IDLE
const IDLE = Symbol('idle')

export class RunLog {
  readonly #turns: Turns
  readonly #readiness: Readiness
  readonly #segments: SegmentLog
  readonly #settling = new Settling(() => this.#resumed.acts(null))
  #users = 0
  #running: Running = IDLE
  readonly ownerless = new Ownerless()
  readonly #outer: Running[] = []
  #openedAt = 0
  readonly #resumed = new Resumed()
  readonly #labels: WaitLabels
  readonly #cause = new WaitCause(
    // What runs now was waited for by its HTTP request's name.
    (text) => {
      if (this.running?.context.follows) this.running.what = text
    },
    () => (this.running?.context.follows ? this.running.context.pending : null),
  )
  readonly #hook = createHook({
    init: (id, type, trigger, resource) => this.#init(id, type, trigger, resource),
    before: () => this.#before(),
    after: () => this.#after(),
  })

  constructor(turns: Turns, clock: TimerClock, labels: WaitLabels) {
    this.#turns = turns
    this.#readiness = new Readiness(turns, clock)
    this.#segments = new SegmentLog(this.#readiness)
    this.#labels = labels
  }

  get active(): boolean {
    return this.#users > 0
  }

  /** Time that the context has run while the hooks were on; ms, up to now. */
  ranMs(context: RequestContext): number {
    return context.ranMs + (contextOf(this.#running) === context ? now() - this.#openedAt : 0)
  }

  /** Switches the hooks on for one more user. */
  acquire(): void {
    this.#settling.acquire()
    if (this.#users++ > 0) return
    this.#readiness.begin(now())
    this.#tellUnseen(now(), false)
    const running = this.#labels.suspend()
    this.#hook.enable()
    this.#cause.enable()
    if (running !== null) this.#enter(running)
  }

  release(): void {
    this.#settling.release()
    if (--this.#users > 0) return
    const { running } = this
    this.#hook.disable()
    this.#cause.disable()
    this.#enter(IDLE)
    this.#outer.length = 0
    this.#labels.resume(running)
    this.ownerless.closes(now())
  }

  /** As far as the thread can afford it, what is nobody's continues this. */
  follow(whole: Wait): void {
    if (this.ownerless.follow(whole)) this.acquire()
  }

  unfollow(whole: Wait): void {
    this.#tellUnseen(now(), false)
    if (this.ownerless.unfollow(whole)) this.release()
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
    const { running } = this
    if (running?.context === context) this.#cause.name(running, this.#turns.turn)
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
    this.#tellUnseen(at, true)
    const segments = this.#segments.take()
    if (running !== IDLE) this.#open(at, running)
    if (this.ownerless.pace.windowEnds(segments.start.length, at)) this.acquire()
    return segments
  }

  // --- internal ---

  #tellUnseen(at: number, goesOn: boolean): void {
    const since = this.ownerless.unseen(goesOn, at)
    if (since < at) this.#segments.append(since, at, UNFOLLOWED, null)
  }

  #init(id: number, type: string, trigger: number, resource: object): void {
    this.#settling.made(id, type)
    if (type === 'Immediate' && this.#settling.active) this.#cause.makes(resource)
    const parent = this.ownerless.parent(this.running)
    if (parent === null) return
    // A promise that follows from no other is never what is resumed: `await` and `then` make one
    // that does.
    const isResumed = type !== 'PROMISE' || trigger !== executionAsyncId()
    this.#resumed.acts(continueWith(resource, type, parent, this.#openedAt, isResumed))
  }

  #before(): void {
    const resource = executionAsyncResource()
    const isNested = this.#outer.length > 0
    this.#outer.push(this.#running)
    if (resource === this.#turns.armed) return this.ownerless.enter()
    const { turn } = this.#turns
    const tag = waits.get(resource) ?? this.#labels.of(resource)
    const wait = tag?.isEachTime ? this.#cause.eachTime(resource, tag, this.running, turn) : tag
    const at = now()
    if (!isNested && this.#cause.see(resource, wait, at, turn)) {
      this.#readiness.starts(resource, this.#settling.ofCallback(resource), at)
    }
    let settled = Number.NaN
    if (wait?.context.follows) {
      if (wait.what === '') this.#cause.name(wait, turn)
      wait.context.pending.answered(resource)
      wait.context.captures.earn(at, at - wait.context.ranAt)
      this.#segments.goesOn(wait.context, at)
      // What somebody else calls was not there before.
      settled = isNested ? at : this.#settling.ofCallback(resource)
    }
    this.#enter(wait, at, settled)
    if (wait !== null) {
      wait.calledAt = at
      if (resource instanceof Promise) this.#resumed.goesOn(wait, at)
    }
    if (this.ownerless.tires(this.#segments.length, at)) this.release()
  }

  #after(): void {
    const outer = this.#outer.pop()
    if (this.#outer.length === 0) this.ownerless.leave()
    // Not `??`: null is the background, which goes on running.
    this.#enter(outer === undefined ? IDLE : outer)
  }

  /** `settled`: when what goes on could have done so, as far as the loop's callback let it. */
  #enter(next: Running, at = now(), settled = Number.NaN): void {
    const running = this.#running
    if (next === running) return
    if (running !== IDLE) this.#close(at, running)
    if (next !== IDLE) this.#open(at, next, settled)
    this.#running = next
    this.#resumed.leave()
    const context = contextOf(next)
    if (context !== contextOf(running)) this.#labels.switchTo(context)
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

// --- internal ---

function contextOf(running: Running): RequestContext | null {
  return running === IDLE || running === null || running === OURS ? null : running.context
}
