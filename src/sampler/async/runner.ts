/**
 * On whose behalf code runs: by the hooks where they are on, which know best, else by the label of
 * the samples.
 */
import { now } from '../clock.js'
import { type LabelCarrier, NOBODY } from '../label-carrier.js'
import { captureStack, heldBy } from './capture-stack.js'
import type { RunLog } from './run-log.js'
import { answerOf, labelOf, type WaitLabels } from './wait-labels.js'
import { Wait } from './waits.js'

export class Runner {
  readonly labels: LabelCarrier
  readonly log: RunLog
  readonly #waits: WaitLabels

  constructor(labels: LabelCarrier, log: RunLog, waits: WaitLabels) {
    this.labels = labels
    this.log = log
    this.#waits = waits
  }

  /** What the code that runs now continues; null where it is nobody's that is known. */
  get current(): Wait | null {
    return this.log.running ?? this.#waits.current
  }

  /**
   * Runs `fn`, and all that comes of it, as code that continues the wait; null: as nobody's.
   * Whatever fails here, `fn` is called once, and only it can throw.
   */
  run<T>(wait: Wait | null, fn: () => T): T {
    const { labels, log } = this
    let isTimed = false
    let isLabelled = true
    try {
      isTimed = log.active && log.running !== wait
      isLabelled = labels.current === labelOf(wait)
    } catch {
      // Then it runs under the label that is there.
    }
    const run = isTimed ? () => log.run(wait, fn) : fn
    return isLabelled ? run() : labels.run(labelOf(wait), run, wait?.context)
  }

  /**
   * Goes on with a server's request. What calls us goes on with it, too, where it is nobody's: what
   * it makes of our answer, such as a promise, leads on to the app.
   */
  serve(wait: Wait, next: () => void): void {
    if (this.#isSomebodys) return this.run(wait, next)
    this.#tryEnter(wait)
    next()
  }

  /**
   * The same for the rest of the callback that runs now, or until the returned function is called.
   */
  enter(wait: Wait | null): () => void {
    const label = this.labels.current
    this.labels.enter(labelOf(wait), wait?.context)
    const running = this.log.enter(wait)
    return () => {
      this.labels.enter(label)
      this.log.enter(running)
    }
  }

  // --- internal ---

  /** What runs now: then somebody goes on when we return. */
  get #isSomebodys(): boolean {
    try {
      return labelOf(this.current) !== NOBODY
    } catch {
      return true
    }
  }

  #tryEnter(wait: Wait): void {
    try {
      void this.#leaveNext(wait)
      this.enter(wait)
    } catch {
      // It goes on as whose it was.
    }
  }

  /** No hook tells of the end of a microtask that had begun before the hooks were on. */
  async #leaveNext(wait: Wait): Promise<void> {
    await null
    try {
      this.log.isOver(wait)
    } catch {
      // Then the next callback tells.
    }
  }
}

/** What the callback of something that begins now will continue. */
export function continueFrom(wait: Wait, isByAnswer = wait.isByAnswer): Wait {
  const { context } = wait
  if (!context.follows) {
    return isByAnswer ? answerOf(context) : context.root
  }
  const next = new Wait(context, heldBy(wait), isByAnswer)
  next.madeAt = now()
  captureStack(next)
  return next
}
