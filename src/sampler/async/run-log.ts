/**
 * Who ran when: the run segments of a thread, to the microsecond, from `async_hooks`. The hooks are
 * on only while somebody needs them, since everyone on the thread pays.
 *
 * Each resource that a context creates is tagged with a `Wait`; when its callback runs, the context
 * runs. A segment is one uninterrupted stretch of one wait's callback. What runs without a tag is
 * the background.
 */
import { executionAsyncResource } from 'node:async_hooks'
import { now } from '../clock.js'
import { UNFOLLOWED } from '../window.js'
import { renewCaptures } from './captures.js'
import { Hooks } from './hooks.js'
import { Ownerless } from './ownerless.js'
import { Promises } from './promises.js'
import { Readiness, type TimerClock, type Turns } from './readiness.js'
import { continueWith, waits } from './resource-waits.js'
import { IDLE, Running, type Runs } from './running.js'
import { SegmentLog, type Segments } from './segments.js'
import { Settling } from './settling.js'
import { WaitCause } from './wait-cause.js'
import type { WaitLabels } from './wait-labels.js'
import type { RequestContext, Wait } from './waits.js'

export class RunLog {
  readonly #turns: Turns
  readonly #readiness: Readiness
  readonly #segments: SegmentLog
  readonly #settling = new Settling()
  #users = 0
  readonly #running: Running
  readonly ownerless = new Ownerless()
  readonly #promises = new Promises(this.#settling)
  readonly #labels: WaitLabels
  readonly hooks: Hooks
  readonly #cause = new WaitCause(() => (this.running?.context.follows ? this.running : null))

  constructor(turns: Turns, clock: TimerClock, labels: WaitLabels) {
    this.#turns = turns
    this.#readiness = new Readiness(turns, clock)
    this.#segments = new SegmentLog(this.#readiness)
    this.#running = new Running(this.#segments, this.#readiness, (context) =>
      labels.switchTo(context),
    )
    this.#labels = labels
    this.hooks = new Hooks(
      {
        made: (id, type, trigger, resource) => this.#made(id, type, trigger, resource),
        before: () => this.#before(),
        after: () => this.#after(),
        settled: (id) => this.#promises.settledById(id),
        promiseMade: (promise, parent) => this.#promiseMade(promise, parent),
        promiseGoesOn: (promise) => this.#promiseGoesOn(promise),
        promiseSettled: (promise) => this.#promises.settled(promise),
      },
      labels.areCarried,
    )
  }

  get active(): boolean {
    return this.#users > 0
  }

  /** Time that the context has run while the hooks were on; ms, up to now. */
  ranMs(context: RequestContext): number {
    return this.#running.ranMs(context)
  }

  /** Switches the hooks on for one more user. */
  acquire(): void {
    this.#settling.acquire()
    if (this.#users++ > 0) return
    this.#readiness.begin(now())
    this.#tellUnseen(now(), false)
    const running = this.#labels.suspend()
    this.hooks.enable()
    if (this.ownerless.isFollowed) this.hooks.watchMade()
    this.#cause.enable()
    if (running !== null) this.#enter(running)
  }

  release(): void {
    this.#settling.release()
    if (--this.#users > 0) return
    const { running } = this
    this.hooks.disable()
    this.#cause.disable()
    this.#enter(IDLE)
    this.#running.forgetOuter()
    this.#labels.resume(running)
    this.ownerless.closes(now())
  }

  /** As far as the thread can afford it, what is nobody's continues the program. */
  follow(): void {
    if (this.ownerless.follow()) this.acquire()
    this.hooks.watchMade()
  }

  unfollow(): void {
    this.#tellUnseen(now(), false)
    if (this.ownerless.unfollow()) this.release()
  }

  /** What the code that runs now continues; null where it is nobody's that is known. */
  get running(): Wait | null {
    return this.#running.wait
  }

  /** The rest of the callback that runs now is the wait's context's; returns what was running. */
  enter(wait: Wait | null): Wait | null {
    const before = this.running
    const at = now()
    if (this.active) this.#enter(wait, at, at)
    return before
  }

  /** What had entered the wait outside of all callbacks that are known has ended. */
  isOver(wait: Wait): void {
    if (this.active && this.#running.isOver(wait)) this.#enter(IDLE)
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

  /** Runs `fn`, once, as code of the wait's context; null: as nobody's. Only it can throw. */
  run<T>(wait: Wait | null, fn: () => T): T {
    const outer = this.#running.what
    const at = now()
    this.#tryEnter(wait, at, at)
    try {
      return fn()
    } finally {
      // `fn` may have ended the last user; then nothing runs any more.
      this.#tryEnter(this.active ? outer : IDLE)
    }
  }

  /** Charges a stretch of our own work between callbacks. */
  charge(start: number, end: number): void {
    if (this.active) this.#running.charge(start, end)
  }

  /** All segments since the last time; one that is open now is cut in two. */
  take(): Segments {
    renewCaptures()
    const at = now()
    const segments = this.#running.cut(at, () => {
      this.#tellUnseen(at, true)
      return this.#segments.take()
    })
    if (this.ownerless.windowEnds(segments.start.length, at)) this.acquire()
    return segments
  }

  // --- internal ---

  #tellUnseen(at: number, goesOn: boolean): void {
    const since = this.ownerless.unseen(goesOn, at)
    if (since < at) this.#segments.append(since, at, UNFOLLOWED, null)
  }

  #made(id: number, type: string, trigger: number, resource: object): void {
    this.#settling.made(id, type)
    if (type === 'Immediate' && this.#settling.active) this.#cause.makes(resource)
    const parent = this.ownerless.parent(this.running)
    if (parent === null) return
    const since = this.#running.openedAt
    if (type === 'PROMISE') return this.#promises.madeById(id, trigger, resource, parent, since)
    this.#promises.resumed.acts(continueWith(resource, type, parent, since, true))
  }

  #promiseMade(promise: object, from: object | undefined): void {
    const parent = this.ownerless.parent(this.running)
    if (!parent?.context.follows && !this.ownerless.isFollowed) return this.hooks.ignoreMade()
    if (parent !== null) this.#promises.made(promise, from, parent, this.#running.openedAt)
  }

  #before(): void {
    const isNested = this.#running.interrupt()
    const resource = executionAsyncResource()
    if (resource === this.#turns.armed) return this.ownerless.enter()
    const { turn } = this.#turns
    const tag = waits.get(resource) ?? this.#labels.of(resource)
    const wait = tag?.isEachTime ? this.#cause.eachTime(resource, tag, this.running, turn) : tag
    const at = now()
    if (!isNested && this.#cause.see(resource, wait, at, turn)) {
      this.#readiness.starts(resource, this.#settling.ofCallback(resource), at)
    }
    const follows = wait?.context.follows === true
    if (follows) wait.context.pending.answered(resource)
    // What somebody else calls was not there before.
    const settled = follows && !isNested ? this.#settling.ofCallback(resource) : at
    this.#goesOn(wait, at, settled)
    if (wait !== null && resource instanceof Promise) this.#promises.resumed.goesOn(wait, at)
  }

  #promiseGoesOn(promise: object): void {
    const isNested = this.#running.interrupt()
    const at = now()
    const wait = waits.get(promise) ?? this.#labels.bystander
    this.#goesOn(wait, at, isNested ? at : (wait?.after?.settledAt ?? Number.NaN))
    if (wait === null) return
    wait.after = null
    this.#promises.resumed.goesOn(wait, at)
  }

  #goesOn(wait: Wait | null, at: number, settled: number): void {
    if (wait?.context.follows) {
      if (wait.what === '') this.#cause.name(wait, this.#turns.turn)
      wait.context.captures.earn(at, at - wait.context.ranAt)
      this.#segments.goesOn(wait.context, at)
      this.#enter(wait, at, settled)
    } else this.#enter(wait, at)
    if (wait !== null) wait.calledAt = at
    if (this.ownerless.tires(this.#segments.length, at)) this.release()
  }

  #after(): void {
    const outer = this.#running.outer()
    if (!this.#running.isNested) this.ownerless.leave()
    this.#enter(outer)
  }

  #tryEnter(next: Runs, at?: number, settled?: number): void {
    try {
      this.#enter(next, at, settled)
    } catch {
      this.hooks.failed.count++
    }
  }

  #enter(next: Runs, at = now(), settled = Number.NaN): void {
    if (next === this.#running.what) return
    this.#running.enter(next, at, settled)
    this.#promises.leave()
    if (next !== IDLE && next?.context.follows) this.hooks.watchMade()
  }
}
