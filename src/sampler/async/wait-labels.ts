import { type Label, type LabelCarrier, NOBODY } from '../label-carrier.js'
import { BACKGROUND } from '../window.js'
import { type RequestContext, Wait } from './waits.js'

/** Labels as waits: what the code under a label continues, as far as a label says that. */
export class WaitLabels {
  readonly #labels: LabelCarrier
  readonly #contextOf: (id: number) => RequestContext | null

  /** `contextOf`: by its id; null where nobody knows. */
  constructor(labels: LabelCarrier, contextOf: (id: number) => RequestContext | null) {
    this.#labels = labels
    this.#contextOf = contextOf
  }

  get current(): Wait | null {
    return this.#waitOf(this.#labels.current)
  }

  /** V8 carries them, so that who runs is known by the label alone. */
  get areCarried(): boolean {
    return this.#labels.kind === 'frame'
  }

  /** The same of somebody who is not followed. */
  get bystander(): Wait | null {
    const wait = this.current
    return wait?.context.follows ? null : wait
  }

  /** What the resource's callbacks continue, where others do not know that. */
  of(resource: object): Wait | null {
    return this.#waitOf(this.#labels.labelOf(resource))
  }

  /** From now on, until `resume`, others say who runs, by `switchTo`; returns who does. */
  suspend(): Wait | null {
    return this.#waitOf(this.#labels.suspend())
  }

  switchTo(context: RequestContext | null): void {
    this.#labels.switchTo(context?.id ?? NOBODY)
  }

  resume(running: Wait | null): void {
    this.#labels.resume(labelOf(running))
  }

  // --- internal ---

  #waitOf(label: Label): Wait | null {
    if (label === NOBODY) return null
    const context = this.#contextOf(Math.abs(label))
    return context === null || label > 0 ? (context?.root ?? null) : answerOf(context)
  }
}

/** Whose code it is, and how it was come by. */
export function labelOf(wait: Wait | null): Label {
  if (wait === null || wait.context.id <= BACKGROUND) return NOBODY
  return wait.isByAnswer ? -wait.context.id : wait.context.id
}

/** What an answer on a socket has led to, of a context that is not followed. */
export function answerOf(context: RequestContext): Wait {
  context.answer ??= new Wait(context, null, true)
  return context.answer
}
