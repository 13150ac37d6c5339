import { AnnotatedPassing } from '../annotated-passing.js'

/** A job that is not recorded, or of which only the end shows whether it is worth keeping. */
export class PassingJob extends AnnotatedPassing {
  readonly #name: string
  /** Decides about it, at its end or when the process ends; null: it is not kept. */
  readonly settle: ((passing: PassingJob, processEnds: boolean) => void) | null

  constructor(name: string, settle: PassingJob['settle']) {
    super()
    this.#name = name
    this.settle = settle
  }

  override get notesWaits(): boolean {
    return this.settle !== null
  }

  override title(): string {
    return this.annotation?.route ?? this.#name
  }
}
