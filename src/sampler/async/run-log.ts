/**
 * Who ran when: the run segments of a thread, to the microsecond, from `async_hooks`. The hooks are
 * on only while somebody needs them, since everyone on the thread pays.
 *
 * Each resource that an owner creates is stamped with a `Wait`; when its callback runs, the owner
 * runs. A segment is one uninterrupted stretch of one wait's callback. What runs without a stamp is
 * the background.
 */
import { createHook, executionAsyncId, executionAsyncResource } from 'node:async_hooks'
import { now } from '../clock.js'
import { OURSELVES } from '../window.js'
import { describeResource } from './describe-resource.js'
import { createTags } from './object-tags.js'
import { OpenRequests } from './pending.js'
import { SegmentLog, type Segments } from './segments.js'
import { Causes } from './wait-cause.js'
import { captureStack, type Owner, renewCaptures, Wait } from './waits.js'

/** Waits shorter than this (ms) are not asked what else was open. */
const LONG_WAIT = 1

type Running = Wait | null | typeof IDLE
const IDLE = Symbol('idle')

export class RunLog {
  readonly #segments = new SegmentLog()
  #users = 0
  #running: Running = IDLE
  readonly #outer: Running[] = []
  #openedAt = 0
  #busyMs = 0
  readonly #onSwitch: (owner: Owner | null) => void
  readonly #causes = new Causes(
    (text) => this.#answer(text),
    () => this.#openNow(),
  )
  readonly #hook = createHook({
    init: (_id, type, trigger, resource) => this.#init(type, trigger, resource),
    before: () => this.#before(),
    after: () => this.#after(),
  })

  /**
   * `onSwitch` is told each time another owner begins to run (null: nobody we know); it must not
   * throw.
   */
  constructor(onSwitch: (owner: Owner | null) => void) {
    this.#onSwitch = onSwitch
  }

  get active(): boolean {
    return this.#users > 0
  }

  /** Time that the owner, and anybody at all, has run while the hooks were on; ms, up to now. */
  ranMs(owner: Owner): { readonly own: number; readonly all: number } {
    const running = this.#running
    const open = running === IDLE ? 0 : now() - this.#openedAt
    const isOwn = running !== IDLE && running !== null && running.owner === owner
    return { own: owner.ranMs + (isOwn ? open : 0), all: this.#busyMs + open }
  }

  /** Switches the hooks on for one more user. */
  acquire(): void {
    if (this.#users++ > 0) return
    this.#hook.enable()
    this.#causes.enable()
  }

  release(): void {
    if (--this.#users > 0) return
    this.#hook.disable()
    this.#causes.disable()
    this.#enter(IDLE)
    this.#outer.length = 0
  }

  /** Runs `fn` as code of the wait's owner. */
  run<T>(wait: Wait, fn: () => T): T {
    const outer = this.#running
    this.#enter(wait)
    try {
      return fn()
    } finally {
      // `fn` may have ended the last user; then nothing runs any more.
      this.#enter(this.active ? outer : IDLE)
    }
  }

  /**
   * Runs `fn` as nobody: what it creates is not stamped. For our own timers, so it is not timed
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

  /**
   * Makes the HTTP parser that is running now the owner's from its next callback on, so that the
   * reading of the request's body is the request's. Any other resource may serve others as well and
   * is left alone.
   */
  adopt(wait: Wait): () => void {
    const resource = executionAsyncResource()
    if (resource.constructor.name !== 'HTTPServerAsyncResource') return () => {}
    wait.what = describeResource(resource)
    waits.set(resource, wait)
    return () => {
      // Another request on the connection may have taken over.
      if (waits.get(resource) === wait) waits.set(resource, null)
    }
  }

  /** Charges a stretch of our own work between callbacks. */
  charge(start: number, end: number): void {
    if (!this.active) return
    const running = this.#running
    if (running !== IDLE) this.#close(start, running)
    this.#segments.append(start, end, OURSELVES, null)
    if (running !== IDLE) this.#open(end, running)
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

  #init(type: string, trigger: number, resource: object): void {
    const running = this.#running
    if (running === IDLE || running === null) return
    const { owner } = running
    if (!owner.follows) {
      // No history is needed: all its resources share its first wait.
      waits.set(resource, running)
      return
    }
    const wait = new Wait(owner, running)
    // A promise that follows from no other is never what is resumed: `await` and `then` make one
    // that does.
    if (type !== 'PROMISE' || trigger !== executionAsyncId()) captureStack(wait)
    waits.set(resource, wait)
    if (OpenRequests.isOne(type)) owner.open.add(resource)
  }

  #before(): void {
    const resource = executionAsyncResource()
    const wait = waits.get(resource)
    if (this.#outer.length === 0) this.#causes.see(resource, wait)
    this.#outer.push(this.#running)
    if (wait?.owner.follows) {
      if (wait.what === '') this.#causes.name(wait)
      this.#answered(resource, wait.owner)
    }
    this.#enter(wait)
  }

  #after(): void {
    const outer = this.#outer.pop()
    // Not `??`: null is the background, which goes on running.
    this.#enter(outer === undefined ? IDLE : outer)
  }

  /** What runs now was waited for by its HTTP request's name. */
  #answer(text: string): void {
    const running = this.#running
    if (running !== IDLE && running?.owner.follows) running.what = text
  }

  #openNow(): OpenRequests | null {
    const running = this.#running
    return running !== IDLE && running?.owner.follows ? running.owner.open : null
  }

  #answered(resource: object, { open, ranAt }: Owner): void {
    open.answered(resource)
    if (now() - ranAt > LONG_WAIT) this.#segments.nextOthers = open.describe()
  }

  #enter(next: Running): void {
    const running = this.#running
    if (next === running) return
    const at = now()
    if (running !== IDLE) this.#close(at, running)
    if (next !== IDLE) this.#open(at, next)
    this.#running = next
    const owner = next === IDLE || next === null ? null : next.owner
    const before = running === IDLE || running === null ? null : running.owner
    if (owner !== before) this.#onSwitch(owner)
  }

  #open(at: number, wait: Wait | null): void {
    this.#openedAt = at
    this.#segments.open(at, wait)
  }

  #close(at: number, wait: Wait | null): void {
    this.#segments.close(at)
    const ran = at - this.#openedAt
    this.#busyMs += ran
    if (wait === null) return
    wait.owner.ranMs += ran
    wait.owner.ranAt = at
  }
}

/** Whose each resource is; callbacks of one without count as background. */
const waits = createTags<Wait>()
