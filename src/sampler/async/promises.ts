/**
 * Promises that are made and settled while somebody is followed. `async_hooks` tells of all of
 * them, by ids; V8's own hooks tell of those that are made only while someone followed runs.
 */
import { executionAsyncId } from 'node:async_hooks'
import { AwaitedValues } from './awaited-values.js'
import { continueWith, waits } from './resource-waits.js'
import { Resumed } from './resumed.js'
import { type Settling, settlements } from './settling.js'
import type { Wait } from './waits.js'

export class Promises {
  readonly resumed = new Resumed()
  readonly #values = new AwaitedValues()
  readonly #settling: Settling

  constructor(settling: Settling) {
    this.#settling = settling
  }

  /**
   * What `parent` continues, running since then, has made one. What follows from no other, its
   * trigger, is never resumed: `await` and `then` make one that does.
   */
  madeById(id: number, trigger: number, promise: object, parent: Wait, since: number): void {
    const value = this.#values.of(trigger)
    if (value !== null && !Number.isNaN(this.#settling.of(trigger))) {
      return waits.set(promise, value)
    }
    const isResumed = trigger !== executionAsyncId()
    const wait = continueWith(promise, 'PROMISE', parent, since, isResumed)
    if (isResumed) this.#values.made(id, wait)
    this.resumed.acts(wait)
  }

  /** The same of V8. */
  made(promise: object, from: object | undefined, parent: Wait, since: number): void {
    if (from === undefined) {
      return this.resumed.acts(continueWith(promise, 'PROMISE', parent, since, false))
    }
    const value = this.#values.of(from)
    if (value !== null && !Number.isNaN(value.settledAt)) {
      value.after = value
      return waits.set(promise, value)
    }
    const wait = continueWith(promise, 'PROMISE', parent, since, true)
    if (wait !== parent) {
      wait.after = settlements.of(from)
      this.#values.made(promise, wait)
    }
    this.resumed.acts(wait)
  }

  settledById(id: number): void {
    this.#settling.settled(id)
    this.resumed.acts(null)
  }

  settled(promise: object): void {
    settlements.note(promise)
    this.resumed.acts(null)
  }

  /** Something else runs. */
  leave(): void {
    this.resumed.leave()
    this.#values.leave()
  }
}
