/**
 * Waits of requests whose awaits are not followed: for answers of servers, and for pools'
 * connections. A request that is kept afterwards says by them what it waited for.
 */
import { Float64Column, Int32Column } from '../../profile/columns.js'
import { now } from '../clock.js'
import type { Window } from '../window.js'
import type { RequestContext } from './waits.js'

export type WaitColumns = Pick<
  Window,
  'waitContext' | 'waitBegin' | 'waitEnd' | 'waitWhat' | 'waitTexts'
>

/** A wait that has begun; it ends again where more of the answer comes in. */
export interface NotedWait {
  readonly context: RequestContext
  readonly begin: number
  /** In people's words. */
  what: string
  /** Of the log; -1 before there is one. */
  row: number
  /** It is given up then, ms. */
  readonly latest: number
}

export class WaitLog {
  #context = new Int32Column(64)
  #begin = new Float64Column(64)
  #end = new Float64Column(64)
  #what = new Int32Column(64)
  #texts = new Map<string, number>()
  /** Rows that have been taken. */
  #taken = 0

  /** The context waits from now on, perhaps for ever. */
  begin(context: RequestContext, what: string): NotedWait {
    const wait = this.perhaps(context)
    wait.what = what
    this.#append(wait, Number.POSITIVE_INFINITY)
    return wait
  }

  /**
   * The same where it is a wait only if it ends; the name may be found until then. It does where
   * the app has set that it is given up, `most` ms later.
   */
  perhaps(context: RequestContext, what = '', most?: unknown): NotedWait {
    const begin = now()
    const isLimited = typeof most === 'number' && most > 0
    const latest = isLimited ? begin + most : Number.POSITIVE_INFINITY
    const wait = { context, begin, what, row: -1, latest }
    if (isLimited) this.#append(wait, latest)
    return wait
  }

  /** It has ended, now or `at`; so far. */
  end(wait: NotedWait, at = now()): void {
    const end = Math.min(at, wait.latest)
    if (wait.row >= this.#taken) this.#end.set(wait.row - this.#taken, end)
    else this.#append(wait, end)
  }

  /** It was none. */
  forget(wait: NotedWait): void {
    if (wait.row !== -1) this.end(wait, wait.begin)
  }

  take(): WaitColumns {
    // As many may come until the next time: columns that grow are copied.
    const capacity = Math.max(64, this.#context.length)
    this.#taken += this.#context.length
    const columns = {
      waitContext: this.#context.finish(),
      waitBegin: this.#begin.finish(),
      waitEnd: this.#end.finish(),
      waitWhat: this.#what.finish(),
      waitTexts: [...this.#texts.keys()],
    }
    this.#context = new Int32Column(capacity)
    this.#begin = new Float64Column(capacity)
    this.#end = new Float64Column(capacity)
    this.#what = new Int32Column(capacity)
    this.#texts = new Map()
    return columns
  }

  // --- internal ---

  #append(wait: NotedWait, end: number): void {
    let text = this.#texts.get(wait.what)
    if (text === undefined) {
      text = this.#texts.size
      this.#texts.set(wait.what, text)
    }
    wait.row = this.#taken + this.#context.length
    this.#context.push(wait.context.id)
    this.#begin.push(wait.begin)
    this.#end.push(end)
    this.#what.push(text)
  }
}
