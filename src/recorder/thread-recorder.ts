import { printableReason } from '../printable.js'
import type { Settings } from './options.js'
import { outsideRequests } from './outside-requests.js'
import { Recorder } from './recorder.js'
import { hasWriter } from './writer/writer-thread.js'

/** The thread's one recorder, shared by every copy of this package that the app may have loaded. */
const SHARED = Symbol.for('profview.recorder.1')
const shared = globalThis as { [SHARED]?: Recorder | null }

/**
 * The thread's recorder, armed at the first call; null where there is none, after one warning.
 * The first caller's interval holds for all.
 */
export function threadRecorder(settings: Settings): Recorder | null {
  const recorder = shared[SHARED] === undefined ? start(settings) : shared[SHARED]
  if (settings.redact !== null) recorder?.addRedactor(settings.redact)
  return recorder
}

/** The same where it has been armed: nothing is started. */
export function armedRecorder(): Recorder | null {
  return shared[SHARED] ?? null
}

// --- internal ---

/** This copy was bundled, and can record nothing; another one may. */
let isBundled = false

function start(settings: Settings): Recorder | null {
  if (isBundled) return null
  shared[SHARED] = null
  try {
    shared[SHARED] = outsideRequests(() => new Recorder(settings))
  } catch (error) {
    isBundled = !hasWriter()
    if (isBundled) delete shared[SHARED]
    const reason = printableReason(error)
    settings.logger.warn(`profview: requests are served unprofiled: ${reason}`)
  }
  return shared[SHARED] ?? null
}
