import type { DumpMeta, Kept, Profile, Warning } from '../../profile/profile.js'
import { newId } from '../../store/dump-name.js'
import type { Annotation } from '../annotation.js'
import { type DumpLabels, withLabels } from '../labels.js'
import type { Logger } from '../logger.js'
import { report } from '../report.js'
import { countedStoreOf } from '../store-of.js'
import type { Subject } from '../subject.js'
import type { StoreAddress, WriterAnswer } from '../writer/messages.js'
import type { Job } from './job-options.js'

/** One call of `profile()`, as its dump will describe it. */
export class JobSubject implements Subject {
  readonly id = newId()
  readonly kind: DumpMeta['kind'] = 'function'
  startedAt = new Date()
  readonly kept: Kept
  readonly warnings: Warning[] = []
  readonly store: StoreAddress | null
  readonly limitMs: number
  readonly isAwaited = true
  labels: DumpLabels
  /** Null where nothing has come of it; never rejects. */
  readonly profile: Promise<Profile | null>
  /** There is no dump of it after all; `againInMs`: nor of others for so long, ms. */
  onDropped: (againInMs: number) => void = () => {}
  readonly #job: Job
  #title: string
  #tell: (profile: Profile | null) => void = () => {}

  constructor(job: Job, kept: Kept) {
    this.#job = job
    this.#title = job.name
    this.kept = kept
    this.labels = job.labels
    this.store = job.isKept ? countedStoreOf(job.settings) : null
    this.limitMs = job.isKept ? job.settings.limits.durationMs : Number.POSITIVE_INFINITY
    this.profile = new Promise((resolve) => {
      this.#tell = resolve
    })
  }

  get name(): string | null {
    return this.#title === '' ? null : this.#title
  }

  get logger(): Logger {
    return this.#job.settings.logger
  }

  /** The name as a function, which others keep. */
  get teller(): () => string {
    return () => this.#title
  }

  request(): null {
    return null
  }

  annotate({ route, labels }: Annotation): void {
    if (route !== undefined) this.#title = route
    this.labels = withLabels(this.labels, labels)
  }

  answered(answer: WriterAnswer): void {
    this.#tell(('profile' in answer && answer.profile) || null)
    if ('againInMs' in answer) this.onDropped(answer.againInMs)
    report(this.#job.settings, answer)
  }
}
