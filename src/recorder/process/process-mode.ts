import { printableReason } from '../../printable.js'
import type { Kept } from '../../profile/profile.js'
import { setInterval } from '../../sampler/node-timers.js'
import type { Detail, Recording } from '../../sampler/recording.js'
import { newId } from '../../store/dump-name.js'
import type { Settings } from '../options.js'
import type { Recorder } from '../recorder.js'
import { report } from '../report.js'
import { storeOf } from '../store-of.js'
import { threadRecorder } from '../thread-recorder.js'

/**
 * Mode `process`: the whole thread, all the time, one dump every `limits.durationMs` and one at
 * exit, in which the first level names requests, jobs and the rest. `renew` has the next one begin
 * now. Null where there is none, or where one is already on.
 */
export function recordProcess(settings: Settings, kept: Kept): { renew(): void } | null {
  const recorder = threadRecorder(settings)
  if (recorder === null || recorder.recordsProcess) return null
  recorder.recordsProcess = true
  recorder.exitLimitMs = EXIT_LIMIT_MS
  const detail = kept === 'run' ? 'whole' : 'owners'
  let recording: Recording | null = null
  /** Where none can be begun, the one before goes on. */
  function next(): void {
    const ended = recording
    try {
      recording = begin(recorder!, settings, kept, detail)
      if (ended !== null) recorder!.sampler.end(ended)
    } catch (error) {
      settings.logger.warn(`profview: no dump of the process is begun: ${printableReason(error)}`)
    }
  }
  // Made before anything is followed: it is no part of the program.
  setInterval(next, settings.limits.durationMs).unref()
  next()
  return { renew: next }
}

// --- internal ---

/** The last dump, often the only one, takes 0.1–0.2 s for a minute. */
const EXIT_LIMIT_MS = 1000

function begin(recorder: Recorder, settings: Settings, kept: Kept, detail: Detail) {
  return recorder.begin(
    {
      id: newId(),
      kind: 'process',
      name: null,
      kept,
      request: () => null,
      labels: settings.labelsOfAll,
      startedAt: new Date(),
      warnings: [],
      store: storeOf(settings),
      logger: settings.logger,
      limitMs: settings.limits.durationMs,
      keptSafe: kept === 'run' ? 'for-run' : 'for-next',
      answered: (answer) => report(settings, answer),
    },
    () => `process ${process.pid}`,
    detail,
  )
}
