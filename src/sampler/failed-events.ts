import type { Hooks } from './async/hooks.js'
import type { SamplerListener } from './hand-over.js'
import type { LabelCarrier } from './label-carrier.js'
import type { Recording } from './recording.js'

/**
 * Events that hooks of ours could not note, of whoever ran: dumps say how many there were
 * meanwhile, and the first time a line says so.
 */
export class FailedEvents {
  readonly #hooks: Pick<Hooks, 'failed'>
  readonly #labels: Pick<LabelCarrier, 'failedEvents'>
  readonly #listener: Pick<SamplerListener, 'warn'>
  #isTold = false

  constructor(
    hooks: Pick<Hooks, 'failed'>,
    labels: Pick<LabelCarrier, 'failedEvents'>,
    listener: Pick<SamplerListener, 'warn'>,
  ) {
    this.#hooks = hooks
    this.#labels = labels
    this.#listener = listener
  }

  begins(recording: Recording): void {
    recording.failedEvents = -this.#count
  }

  ends(recording: Recording): void {
    recording.failedEvents += this.#count
  }

  tell({ failedEvents }: Recording): void {
    if (this.#isTold || failedEvents <= 0) return
    this.#isTold = true
    const where = 'where the app was at the end of its stack, or had replaced what they call'
    this.#listener.warn?.(`hooks of profview failed ${where}: dumps say how often (missed-events)`)
  }

  // --- internal ---

  get #count(): number {
    return this.#hooks.failed.count + this.#labels.failedEvents
  }
}
