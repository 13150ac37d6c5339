/** A stretch of the whole thread, with the requests in it told apart, as one dump. */
import type { Kept, Warning } from '../../profile/profile.js'
import { warning } from '../../profile/warnings.js'
import { setTimeout } from '../../sampler/node-timers.js'
import { quietly } from '../../sampler/quietly.js'
import { newId } from '../../store/dump-name.js'
import { coldWarnings } from '../cold-start.js'
import type { Settings } from '../options.js'
import type { Recorder } from '../recorder.js'
import { report } from '../report.js'
import { storeOf } from '../store-of.js'
import type { WriterAnswer } from '../writer/messages.js'

export interface Stretch {
  readonly kept: Kept
  readonly forMs: number
  /** It shall have begun so long ago. */
  readonly backMs?: number
  readonly labels: Readonly<Record<string, string>>
  /** It is over, and nothing is written yet. */
  readonly ended?: () => void
  /** Called once, also while the process exits. */
  readonly answered?: (answer: WriterAnswer) => void
}

/** Requests that are told apart while the thread is recorded. */
export interface Told {
  /** From now on, and until `rest` has been called as often; null where nothing can be recorded. */
  wake(): Recorder | null
  rest(): void
}

/** Begins it now. Throws where the profiler cannot. */
export function recordStretch(recorder: Recorder, settings: Settings, stretch: Stretch): void {
  const { kept, forMs, backMs = 0, labels, ended, answered } = stretch
  const reachMs = recorder.sampler.past.reachMs(backMs)
  const recording = recorder.begin(
    {
      id: newId(),
      kind: 'process',
      name: null,
      kept,
      request: () => null,
      labels: { ...settings.labelsOfAll, ...labels },
      startedAt: new Date(Date.now() - reachMs),
      warnings: [...coldWarnings(recorder), ...shortOf(backMs - reachMs)],
      store: storeOf(settings),
      logger: settings.logger,
      keptSafe: 'for-next',
      answered: (answer) => {
        report(settings, answer)
        answered?.(answer)
      },
    },
    () => `process ${process.pid}`,
    'owners',
    reachMs,
  )
  const end = () => {
    recorder.sampler.end(recording)
    ended?.()
  }
  setTimeout(quietly(end), forMs).unref()
}

// --- internal ---

function shortOf(missingMs: number): Warning[] {
  if (missingMs <= 0) return []
  const text = `${Math.ceil(missingMs)} ms of what was asked for are before what is kept`
  return [warning('forgotten', text)]
}
