import type { Runner } from './async/runner.js'
import { now } from './clock.js'
import type { Contexts } from './contexts.js'
import { NOBODY } from './label-carrier.js'
import type { NativeSampler } from './native.js'
import { quietly } from './quietly.js'
import { Bystander, type Passing, type Recording } from './recording.js'
import type { Recordings } from './recordings.js'

/**
 * Where whoever is not recorded passes: under a number that its samples have. Where samples carry
 * labels by themselves all requests do, so that what kept the loop busy before somebody was
 * recorded has a name; elsewhere only while somebody needs to know.
 */
export class Passage {
  readonly #native: NativeSampler
  readonly #contexts: Contexts
  readonly #recordings: Recordings
  readonly #runner: Runner

  constructor(native: NativeSampler, contexts: Contexts, recordings: Recordings, runner: Runner) {
    this.#native = native
    this.#contexts = contexts
    this.#recordings = recordings
    this.#runner = runner
  }

  get isOpen(): boolean {
    return this.#native.labels.kind === 'frame' || !this.#recordings.isQuiet
  }

  /** Somebody whose code and name profiles of others shall show. */
  introduce(title: () => string): Bystander {
    const id = this.#contexts.newId()
    const bystander = new Bystander(id, title, now(), this.#recordings.pastMs > 0)
    this.#contexts.add(bystander)
    return bystander
  }

  /** From now on who passes is told apart in a whole, also while that is not followed. */
  open(): void {
    if (this.#recordings.namesPassers) return
    this.#recordings.namesPassers = true
    this.#native.labels.acquire()
  }

  /** Goes on with a server's request: `next` is called once, and only it can throw. */
  enter(passing: Passing, next: () => void): void {
    let isFollowed = false
    let isSomebodys = false
    const { labels } = this.#native
    try {
      this.#admit(passing)
      isFollowed = this.#runner.log.active
      isSomebodys = !isFollowed && labels.current !== NOBODY
      if (!isFollowed && !isSomebodys) labels.enter(passing.id, passing)
    } catch {
      // It is not told apart, then.
    }
    if (isFollowed) this.#runner.serve(passing.root, next)
    else if (isSomebodys) labels.run(passing.id, next, passing)
    else next()
  }

  /** Runs `fn`, and all that comes of it, as who passes, for whoever runs now. */
  run<T>(passing: Passing, fn: () => T): T {
    quietly(() => {
      this.#admit(passing)
      this.nest(passing)
    })()
    return this.#runner.run(passing.root, fn)
  }

  /** What the job does is also that of whoever runs now, such as a request that has it done. */
  nest(job: Passing | Recording): void {
    const outer = this.#runner.current?.context
    if (outer !== undefined) this.#contexts.nest(job, outer)
  }

  /** It has ended. Where no sample was taken since it began, none is its own. */
  leave(passing: Passing): void {
    const isSeen = this.#runner.log.active || this.#native.profiler.sampled() !== passing.sampled
    if (isSeen || passing.isContinued) this.#contexts.keepTitle(passing)
    else this.#contexts.forget(passing)
  }

  /** All that are under way. */
  get passing(): Iterable<Passing> {
    return this.#contexts.passing()
  }

  // --- internal ---

  #admit(passing: Passing): void {
    passing.id = this.#contexts.newId()
    passing.sampled = this.#native.profiler.sampled()
    const { isRecorded, program } = this.#runner.log.ownerless
    if (isRecorded) passing.program = program
    this.#contexts.add(passing)
  }
}
