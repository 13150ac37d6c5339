import { setInterval } from 'node:timers'
import type { Kept } from '../profile/profile.js'
import type { Settings } from './options.js'
import { newId, type Recorder, storeOf } from './recorder.js'
import { report } from './report.js'
import { threadRecorder } from './thread-recorder.js'

/**
 * Mode `process`: the whole thread, all the time, one dump every `limits.durationMs` and one at
 * exit. Samples are not told apart by request.
 */
export function recordProcess(settings: Settings, kept: Kept): void {
  const recorder = threadRecorder(settings)
  if (recorder === null || recorder.recordsProcess) return
  recorder.recordsProcess = true
  let recording = begin(recorder, settings, kept)
  setInterval(() => {
    recorder.sampler.end(recording)
    recording = begin(recorder, settings, kept)
  }, settings.limits.durationMs).unref()
}

// --- internal ---

function begin(recorder: Recorder, settings: Settings, kept: Kept) {
  return recorder.begin(
    {
      id: newId(),
      kind: 'process',
      name: null,
      kept,
      request: () => null,
      labels: {},
      startedAt: new Date(),
      warnings: [],
      store: storeOf(settings),
      answered: (answer) => report(settings, answer),
    },
    () => `process ${process.pid}`,
    'none',
  )
}
