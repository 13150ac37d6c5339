import type { Warning } from '../profile/profile.js'
import { warning } from '../profile/warnings.js'
import { PendingOperations } from './async/pending.js'
import { type RequestContext, Wait } from './async/waits.js'
import { now } from './clock.js'
import type { Queueing } from './queue-bound.js'

/**
 * How closely a recording is followed. `awaits`: every asynchronous resource, for exact times and
 * logical call chains. `labels`: whose code each sample is. `none`: the thread as a whole.
 * `whole`: that, and what each of its waits is.
 */
export type Detail = 'awaits' | 'labels' | 'whole' | 'none'

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
abstract class Context implements RequestContext {
  readonly id: number
  readonly title: () => string
  readonly follows: boolean = false
  readonly notesWaits: boolean = false
  readonly startedAt: number
  captured = 0
  skipped = 0
  ranMs = 0
  ranAt = 0
  blockedMs = 0
  readonly pending: PendingOperations = PendingOperations.NONE
  readonly root: Wait
  answer: Wait | null = null
  /** What is known of the time before its start; of a request. */
  queueing: Queueing | null = null

  constructor(id: number, title: () => string, startedAt: number) {
    this.startedAt = startedAt
    this.id = id
    this.title = title
    this.root = new Wait(this, null)
  }
}

/** Somebody else's request while one is being recorded. */
export class Bystander extends Context {
  override readonly notesWaits: boolean

  /** `mayBeKept`: it may be recalled when it has ended. */
  constructor(id: number, title: () => string, startedAt: number, mayBeKept = false) {
    super(id, title, startedAt)
    this.notesWaits = mayBeKept
  }
}

/** One request, or one function, while it is being profiled. */
export class Recording extends Context {
  override readonly follows: boolean
  override readonly notesWaits: boolean
  override readonly pending = new PendingOperations()
  readonly detail: Detail
  /** Its run segments are known from hooks; otherwise they are worked out from the samples. */
  readonly hasRunSegments: boolean
  endedAt = Number.POSITIVE_INFINITY

  constructor(
    id: number,
    title: () => string,
    detail: Detail,
    hasRunSegments: boolean,
    startedAt = now(),
  ) {
    super(id, title, startedAt)
    this.detail = detail
    this.hasRunSegments = hasRunSegments
    this.follows = detail === 'awaits' || detail === 'whole'
    this.notesWaits = detail === 'labels'
    if (detail === 'whole') this.captured = -FREE_TO_START
  }

  /** `ran`: how long its code has run. */
  soFar(ran: number): SoFar {
    const blocked = this.follows ? this.blockedMs : null
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
    if (this.skipped > 0) {
      const text = `${this.skipped} quick awaits were not looked at; their code hangs under the await before`
      warnings.push(warning('quick-awaits', text))
    }
    return warnings
  }
}

// --- internal ---

/** Captured stacks that a program has for free beyond a request's: it loads modules first. */
const FREE_TO_START = 2000
