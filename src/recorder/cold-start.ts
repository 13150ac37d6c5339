/** A sampler that has just been started does not see loops that were compiled before. */
import type { Warning } from '../profile/profile.js'
import { warning } from '../profile/warnings.js'
import { isVisit } from '../sampler/visit.js'
import type { Recorder } from './recorder.js'

/** Of a recording that begins now. */
export function coldWarnings({ armedAt }: Recorder): Warning[] {
  return !isVisit() && performance.now() - armedAt < COLD_MS ? [JUST_STARTED] : []
}

// --- internal ---

const COLD_MS = 100
const JUST_STARTED = warning(
  'late-start',
  'the sampler had just been started: loops that were running before are not seen',
)
