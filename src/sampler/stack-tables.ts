import { now } from './clock.js'
import type { StackTable } from './stack-table.js'

/** A table lives so long, full or not: a recording is of two of them, seldom of three. */
const LIFE_MS = 60_000

/** A thread's tables of stacks, one after another: each has room for so many, and so much time. */
export class StackTables {
  current: StackTable
  /** Of its stacks some are still waited below. */
  #before: StackTable | null = null
  #since = now()

  constructor(first: StackTable) {
    this.current = first
  }

  /** It is time for the next one. */
  get isOver(): boolean {
    return this.current.isFilled && now() - this.#since > LIFE_MS
  }

  /** All that means stacks of the current one has been handed over with them. */
  renew(): void {
    this.#before?.forget()
    this.#before = this.current
    this.current = this.current.next()
    this.#since = now()
  }
}
