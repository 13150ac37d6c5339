import type { Warning } from '../profile/profile.js'
import { warning } from '../profile/warnings.js'
import { Captures } from './async/captures.js'
import { PendingOperations } from './async/pending.js'
import type { Program } from './async/program.js'
import { type RequestContext, Wait } from './async/waits.js'
import { now } from './clock.js'
import type { Holder } from './label-carrier.js'
import type { Queueing } from './queue-bound.js'

/**
 * How closely a recording is followed. `awaits`: every asynchronous resource, for exact times and
 * logical call chains. `labels`: whose code each sample is. `none`: the thread as a whole.
 * `owners`: that, and whose code each sample is. `whole`: that, and what each of its waits is.
 */
export type Detail = 'awaits' | 'labels' | 'owners' | 'whole' | 'none'

/** What is known while a request runs, ms. */
export interface SoFar {
  /** In its own code, on the CPU or not. */
  readonly ran: number
  /** At most; null: not known, and a part of `rest`. */
  readonly blocked: number | null
  /** It waited, or we worked. */
  readonly rest: number
}

/** What is known of every request, recorded or not. Times are `performance.now()` ms. */
abstract class Context {
  ranMs = 0
  ranAt = 0
  answer: Wait | null = null
  holder: Holder | null = null
  answerHolder: Holder | null = null
  #root: Wait | null = null

  /** Made when it is asked for, which of most requests nobody does. */
  get root(): Wait {
    this.#root ??= new Wait(this as unknown as RequestContext, null)
    return this.#root
  }

  /** Something continues it, perhaps for longer than it lasts. */
  get isContinued(): boolean {
    return this.#root !== null
  }
}

/**
 * Somebody else's request, or one of which only its end shows whether it is worth keeping: its
 * samples have its number and its name, and that is all, but in a thread that is followed as a
 * whole.
 */
export abstract class Passing extends Context implements RequestContext {
  id = 0
  startedAt = 0
  /** Samples that had been taken when it began. */
  sampled = 0
  blockedMs = 0
  /** Of a thread that is followed as a whole: as closely as this. */
  program: Program | null = null
  #pending: PendingOperations | null = null

  abstract title(): string

  abstract get notesWaits(): boolean

  get follows(): boolean {
    return this.program?.follows ?? false
  }

  get captures(): Captures {
    return this.program?.captures ?? Captures.NONE
  }

  get pending(): PendingOperations {
    if (this.program === null) return PendingOperations.NONE
    this.#pending ??= new PendingOperations()
    return this.#pending
  }
}

/** One whose name is known from the beginning. */
export class Bystander extends Passing {
  readonly title: () => string
  readonly notesWaits: boolean

  /** `mayBeKept`: it may be recalled when it has ended. */
  constructor(id: number, title: () => string, startedAt: number, mayBeKept = false) {
    super()
    this.id = id
    this.startedAt = startedAt
    this.title = title
    this.notesWaits = mayBeKept
  }
}

/** One request, or one function, while it is being profiled. */
export class Recording extends Context implements RequestContext {
  readonly id: number
  title: () => string
  follows: boolean
  readonly notesWaits: boolean
  readonly startedAt: number
  readonly captures: Captures
  blockedMs = 0
  readonly pending = new PendingOperations()
  /** What it is a recording of; null: of somebody in particular, or not followed. */
  readonly #program: Program | null
  readonly #skippedBefore: number
  /** What is known of the time before its start; of a request. */
  queueing: Queueing | null = null
  readonly detail: Detail
  /** Its awaits are followed until it is over. */
  readonly knowsAwaits: boolean
  /** Nobody else says whose code runs. */
  readonly needsLabels: boolean
  endedAt = Number.POSITIVE_INFINITY
  /** Of whoever ran meanwhile, what hooks of ours have failed to note. */
  failedEvents = 0
  /** Somebody may be waiting for its profile. */
  isUrgent: boolean
  /** Until it ends its windows are handed over at once. */
  isStreamed = false

  constructor(
    id: number,
    title: () => string,
    detail: Detail,
    startedAt = now(),
    program: Program | null = null,
  ) {
    super()
    this.#program = program
    this.id = id
    this.title = title
    this.startedAt = startedAt
    this.detail = detail
    this.isUrgent = detail !== 'labels'
    this.knowsAwaits = detail === 'awaits' || detail === 'whole'
    this.needsLabels = detail === 'labels' || detail === 'owners'
    this.follows = this.knowsAwaits
    this.notesWaits = detail === 'labels'
    if (!this.follows) this.captures = Captures.NONE
    else this.captures = program?.captures ?? Captures.ofRequest()
    this.#skippedBefore = this.captures.skipped
  }

  override get root(): Wait {
    return this.#program?.root ?? super.root
  }

  /** What it does from now on is told to nobody. */
  over(at: number): void {
    this.endedAt = at
    this.follows = false
    this.pending.clear()
  }

  /**
   * All that was known of it has been handed over. It may live for long, as the label of a
   * connection or an interval: it leads to nothing any more.
   */
  letGo(): void {
    const title = this.title()
    this.title = () => title
    this.captures.letGo()
  }

  /** `ran`: how long its code has run. */
  soFar(ran: number): SoFar {
    const blocked = this.knowsAwaits ? this.blockedMs : null
    const rest = Math.max(0, now() - this.startedAt - ran - (blocked ?? 0))
    return { ran, blocked, rest }
  }

  /** What the profile does not know, one line each. */
  get warnings(): Warning[] {
    const warnings: Warning[] = []
    if (this.detail === 'labels') {
      const text =
        'awaits were not followed: their call chains are not known, and some have no name'
      warnings.push(warning('no-awaits', text))
    }
    if (this.failedEvents > 0) {
      const text = `hooks of profview failed: events of the thread not noted: ${this.failedEvents}`
      warnings.push(warning('missed-events', text))
    }
    const skipped = this.captures.skipped - this.#skippedBefore
    if (skipped > 0) {
      const text = `quick awaits not looked at: ${skipped}; their code hangs under the await before`
      warnings.push(warning('quick-awaits', text))
    }
    return warnings
  }
}
