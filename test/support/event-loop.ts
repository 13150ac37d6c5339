/**
 * An event loop of set times: requests of own code and waits, in the order in which Node calls
 * them. It knows who ran when, and since when whoever goes on could have done so. Times in ms.
 *
 *     timers that are due → the poll, which sleeps if nothing else is to do, and what it brought
 *     → the check phase: immediates → …      after each callback the promises that it settled
 */

/** What a request waits for before it runs its next stretch. */
export interface Step {
  /** A `promise` is settled already, and `answer` is one that comes in from outside. */
  readonly wait: 'timer' | 'answer' | 'immediate' | 'promise'
  /** Of timers and answers: so long after it was asked for. */
  readonly after: number
  readonly cpu: number
  /** It is the loop's callback itself that goes on, and no promise that this settles. */
  readonly inCallback: boolean
  /** What else it waits for, each a chain of its own; it goes on when all are through. */
  readonly beside?: readonly (readonly Step[])[]
}

export interface Program {
  readonly id: number
  /** It comes in at this time, and runs for so long when it is seen. */
  readonly at: number
  readonly cpu: number
  readonly steps: readonly Step[]
}

export type CallbackKind = 'timer' | 'immediate' | 'answer'

/** One of the loop's callbacks, or what a promise resumes. */
export interface Callback {
  readonly of: number
  readonly madeAt: number
  /** It could have run since then. */
  readonly ready: number
  readonly run: () => void
}

/** Who looks on, as hooks would. */
export interface Observer {
  /** The loop calls; `isStart`: what a new request brings. */
  before(kind: CallbackKind, callback: Callback, at: number): void
  /** A promise goes on. */
  beforePromise(callback: Callback, at: number): void
  after(at: number): void
  /** The request is seen, in a callback of its connection. */
  begins(id: number, at: number): void
  ends(id: number, at: number): void
  runs(run: Run): void
  sleeps(from: number, to: number): void
  checks(at: number): void
}

/** One stretch of somebody's code. */
export interface Run {
  readonly from: number
  readonly to: number
  readonly of: number
}

/** What was true of a request. */
export interface Truth {
  readonly came: number
  seen: number
  end: number
  /** How long it could have gone on while each other request ran, since it was seen. */
  readonly delayedBy: Map<number, number>
  /** The same before it was seen. */
  readonly queuedBehind: Map<number, number>
}

/** Whose the callbacks of connections are that bring requests. */
export const NOBODY = 0
/** The loop's own part of each callback. */
export const CALL = 0.02

export class EventLoop {
  now = 0
  readonly runs: Run[] = []
  readonly truths = new Map<number, Truth>()
  readonly #observer: Observer
  #timers: Callback[] = []
  #arrivals: Callback[] = []
  #immediates: Callback[] = []
  #promises: Callback[] = []

  constructor(programs: readonly Program[], observer: Observer) {
    this.#observer = observer
    for (const program of programs) {
      const truth = { came: program.at, seen: Number.NaN, end: Number.NaN }
      this.truths.set(program.id, { ...truth, delayedBy: new Map(), queuedBehind: new Map() })
      const run = () => this.#begin(program)
      this.#arrivals.push({ of: NOBODY, madeAt: Number.NaN, ready: program.at, run })
    }
    this.#arrivals.sort(byReady)
  }

  /** Until nothing is left to do. */
  run(): void {
    for (;;) {
      while ((this.#timers[0]?.ready ?? Infinity) <= this.now)
        this.#call('timer', this.#timers.shift()!)
      if (!this.#poll()) return
      this.#observer.checks(this.now)
      for (const callback of this.#immediates.splice(0)) this.#call('immediate', callback)
    }
  }

  // --- internal ---

  #poll(): boolean {
    if (this.#immediates.length === 0) {
      const next = Math.min(
        this.#timers[0]?.ready ?? Infinity,
        this.#arrivals[0]?.ready ?? Infinity,
      )
      if (next === Infinity) return false
      if (next > this.now) this.#observer.sleeps(this.now, next)
      this.now = Math.max(this.now, next)
    }
    const later = this.#arrivals.findIndex(({ ready }) => ready > this.now)
    const batch = this.#arrivals.splice(0, later === -1 ? this.#arrivals.length : later)
    for (const callback of batch) this.#call('answer', callback)
    return true
  }

  #call(kind: CallbackKind, callback: Callback): void {
    this.#delayed(callback)
    this.#observer.before(kind, callback, this.now)
    this.#burn(callback.of, CALL)
    callback.run()
    this.#observer.after(this.now)
    for (let next = this.#promises.shift(); next !== undefined; next = this.#promises.shift()) {
      this.#delayed(next)
      this.#observer.beforePromise(next, this.now)
      next.run()
      this.#observer.after(this.now)
    }
  }

  #begin({ id, at, cpu, steps }: Program): void {
    const truth = this.truths.get(id)!
    this.#addRuns(id, at, truth.queuedBehind)
    truth.seen = this.now
    this.#observer.begins(id, this.now)
    this.#burn(id, cpu)
    this.#follow(id, steps, () => {
      truth.end = this.now
      this.#observer.ends(id, this.now)
    })
  }

  /** One step after another, then `done`. */
  #follow(of: number, steps: readonly Step[], done: () => void): void {
    const [step, ...rest] = steps
    if (step === undefined) return done()
    const { beside = [], cpu } = step
    const next = () => this.#follow(of, rest, done)
    if (beside.length === 0) return this.#wait(of, step, next)
    let left = beside.length + 1
    const joined = () => {
      if (--left > 0) return
      this.#wait(of, { wait: 'promise', after: 0, cpu, inCallback: false }, next)
    }
    this.#wait(of, step, joined)
    for (const chain of beside) this.#follow(of, chain, joined)
  }

  #wait(of: number, { wait, after, cpu, inCallback }: Step, next: () => void): void {
    const madeAt = this.now
    const goOn = () => {
      this.#burn(of, cpu)
      next()
    }
    if (wait === 'promise') {
      this.#promises.push({ of, madeAt, ready: madeAt, run: goOn })
      return
    }
    const settle = () => this.#promises.push({ of, madeAt, ready: this.now, run: goOn })
    const run = inCallback ? goOn : settle
    if (wait === 'immediate') this.#immediates.push({ of, madeAt, ready: madeAt, run })
    else {
      const queue = wait === 'timer' ? this.#timers : this.#arrivals
      queue.push({ of, madeAt, ready: madeAt + after, run })
      queue.sort(byReady)
    }
  }

  /** Whoever ran since the callback could have run was in its way. */
  #delayed({ of, ready }: Callback): void {
    if (of !== NOBODY) this.#addRuns(of, ready, this.truths.get(of)!.delayedBy)
  }

  #addRuns(own: number, since: number, sums: Map<number, number>): void {
    for (let i = this.runs.length - 1; i >= 0 && this.runs[i]!.to > since; i--) {
      const { from, to, of } = this.runs[i]!
      if (of !== own) sums.set(of, (sums.get(of) ?? 0) + to - Math.max(from, since))
    }
  }

  #burn(of: number, cpu: number): void {
    if (cpu === 0) return
    const run = { from: this.now, to: this.now + cpu, of }
    this.runs.push(run)
    this.#observer.runs(run)
    this.now = run.to
  }
}

// --- internal ---

/** Sorting keeps the order of those that are equal. */
function byReady(a: Callback, b: Callback): number {
  return a.ready - b.ready
}
