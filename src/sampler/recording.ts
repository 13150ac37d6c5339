import { OpenRequests } from './async/pending.js'
import { type Owner, Wait } from './async/waits.js'
import { now } from './clock.js'
import type { ThreadSampler } from './thread-sampler.js'

/**
 * How closely a recording is followed. `awaits`: every asynchronous resource, for exact times and
 * logical call chains. `labels`: whose code each sample is. `none`: the thread as a whole.
 */
export type Detail = 'awaits' | 'labels' | 'none'

/** Somebody else's request while one is being recorded. */
export class Neighbour implements Owner {
  readonly id: number
  readonly title: () => string
  readonly follows: boolean = false
  readonly startedAt: number
  captured = 0
  skipped = 0
  ranMs = 0
  ranAt = 0
  readonly open: OpenRequests = OpenRequests.NONE
  readonly root: Wait
  protected readonly sampler: ThreadSampler

  constructor(sampler: ThreadSampler, id: number, title: () => string, startedAt = now()) {
    this.startedAt = startedAt
    this.sampler = sampler
    this.id = id
    this.title = title
    this.root = new Wait(this, null)
  }

  /** Runs `fn`, and whatever asynchronous work comes of it, as the owner's. */
  run<T>(fn: () => T): T {
    return this.sampler.run(this, fn)
  }
}

/** One request, or one function, while it is being profiled. Times are `performance.now()` ms. */
export class Recording extends Neighbour {
  override readonly follows: boolean
  override readonly open = new OpenRequests()
  readonly detail: Detail
  /** Its run segments are known from hooks; otherwise they are worked out from the samples. */
  readonly hooked: boolean
  endedAt = Number.POSITIVE_INFINITY
  /** What had run on the thread, since the hooks went on, when the recording began; ms. */
  ranAtStart = 0

  constructor(
    sampler: ThreadSampler,
    id: number,
    title: () => string,
    detail: Detail,
    hooked: boolean,
    startedAt = now(),
  ) {
    super(sampler, id, title, startedAt)
    this.detail = detail
    this.hooked = hooked
    this.follows = detail === 'awaits'
  }

  /** The accounts as far as they are known while the request runs, ms; null without hooks. */
  get soFar(): { readonly cpu: number; readonly await: number; readonly blocked: number } | null {
    if (!this.hooked) return null
    const { own, all } = this.sampler.ranMs(this)
    const blocked = all - this.ranAtStart - own
    return { cpu: own, await: Math.max(0, now() - this.startedAt - own - blocked), blocked }
  }

  /** What the profile does not know, one line each. */
  get caveats(): string[] {
    const caveats: string[] = []
    if (this.detail === 'labels') {
      caveats.push('awaits were not followed: they have no names, and hang under the request')
    }
    if (this.skipped > 0) {
      caveats.push(
        `${this.skipped} quick awaits were not looked at; their code hangs under the await before`,
      )
    }
    return caveats.concat(this.sampler.caveats)
  }

  /** The logical call chain in which the recording began, for the desk. */
  get chain(): number {
    return this.sampler.chainOf(this)
  }

  /**
   * Counts the callbacks of the resource that runs now as the recording's until it ends or
   * `release` is called.
   */
  adopt(): () => void {
    return this.sampler.adopt(this)
  }

  /** Once; later calls do nothing. */
  end(): void {
    if (this.endedAt !== Number.POSITIVE_INFINITY) return
    this.endedAt = now()
    this.open.clear()
    this.sampler.end(this)
  }
}
