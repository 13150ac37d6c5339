/**
 * Whose code runs, where V8 carries no labels: whatever a context makes has its label, and what is
 * called back runs under it. No times and no waits, so that the hooks can stay on for everybody;
 * while somebody is followed, whose hooks tell more (`run-log.ts`), these are off.
 */
import { createHook, executionAsyncId, executionAsyncResource } from 'node:async_hooks'
import { type Label, LabelCarrier, NOBODY } from '../label-carrier.js'
import type { SlotNotes } from '../slot-notes.js'
import { hasLeft, whenLeaving } from '../visit.js'
import { JobLabels } from './job-labels.js'
import { createTags } from './object-tags.js'
import { waits } from './resource-waits.js'
import { labelOf } from './wait-labels.js'

export class OwnerLog extends LabelCarrier {
  override readonly kind = 'slot'
  readonly #notes: SlotNotes
  readonly #labels = createTags<Label>()
  readonly #jobs = new JobLabels()
  /** What the callbacks have interrupted that are under way. */
  readonly #outer: Label[] = []
  #depth = 0
  #users = 0
  #isSuspended = false
  /** An exception would end the process: where the app is out of stack, they throw. */
  readonly #hook = createHook({
    init: (id, type, trigger, resource) => {
      try {
        const { running } = this.#notes
        // What follows from no other promise, its trigger, is not called: `then` makes one that is.
        if (type === 'PROMISE') {
          if (this.#jobs.made(id, running, trigger !== executionAsyncId())) return
        } else if (type === 'TickObject' && this.#jobs.made(id, running, true)) return
        if (running !== NOBODY) this.#labels.set(resource, running)
      } catch {
        // It will be nobody's.
        this.failedEvents++
      }
    },
    before: (id) => {
      try {
        this.#outer[this.#depth++] = this.#notes.running
        this.#notes.switchTo(this.#jobs.called(id) ?? this.#ofResource(executionAsyncResource()))
      } catch {
        // It runs as who ran before.
        this.failedEvents++
      }
    },
    after: () => {
      try {
        this.#notes.switchTo(this.#depth > 0 ? this.#outer[--this.#depth]! : NOBODY)
      } catch {
        // As above.
        this.failedEvents++
      }
    },
  })

  constructor(notes: SlotNotes) {
    super()
    this.#notes = notes
    whenLeaving(() => this.#hook.disable())
  }

  override get current(): Label {
    return this.#isOn ? this.#notes.running : NOBODY
  }

  override run<T>(label: Label, fn: () => T): T {
    const outer = this.#isOn ? this.#notes.running : null
    this.#tryEnter(label)
    try {
      return fn()
    } finally {
      // `fn` may have ended the last user, or have others say who runs.
      if (outer !== null) this.#tryEnter(outer)
    }
  }

  override enter(label: Label): void {
    if (this.#isOn) this.#notes.switchTo(label)
  }

  override acquire(): void {
    if (this.#users++ === 0 && !this.#isSuspended) this.#switchOn()
  }

  override release(): void {
    if (--this.#users === 0 && !this.#isSuspended) this.#switchOff()
  }

  override suspend(): Label {
    const running = this.current
    if (this.#isOn) this.#switchOff()
    this.#isSuspended = true
    return running
  }

  override switchTo(label: Label): void {
    this.#notes.switchTo(label)
  }

  override resume(running: Label): void {
    this.#isSuspended = false
    if (!this.#isOn) return
    this.#switchOn()
    this.#notes.switchTo(running)
  }

  override labelOf(resource: object): Label {
    return this.#jobs.called(executionAsyncId()) ?? this.#labels.get(resource) ?? NOBODY
  }

  override take(): (slot: number | undefined) => number | null {
    return this.#notes.take()
  }

  // --- internal ---

  #tryEnter(label: Label): void {
    try {
      this.enter(label)
    } catch {
      // It runs as who ran before.
    }
  }

  #ofResource(resource: object): Label {
    return this.#labels.get(resource) ?? labelOf(waits.get(resource))
  }

  get #isOn(): boolean {
    return this.#users > 0 && !this.#isSuspended
  }

  #switchOn(): void {
    if (!hasLeft()) this.#hook.enable()
  }

  #switchOff(): void {
    this.#hook.disable()
    this.#depth = 0
    this.#notes.switchTo(NOBODY)
  }
}
