/** A sampler that has just been started does not see loops that were compiled before. */
import type { Warning } from '../profile/profile.js'
import { warning } from '../profile/warnings.js'
import { now } from '../sampler/clock.js'
import { RECOMPILING_MS, recompile, recompiledAt } from '../sampler/recompile.js'
import { isVisit } from '../sampler/visit.js'
import type { Recorder } from './recorder.js'
import { armedRecorder } from './thread-recorder.js'

/** Of a recording that begins now. */
export function coldWarnings({ armedAt }: Recorder): Warning[] {
  return !isVisit() && performance.now() - armedAt < COLD_MS ? [JUST_STARTED] : []
}

/**
 * Arms the thread. Where nothing was armed, loops that run already are had compiled anew, so that
 * they are seen. Returns in how many ms the app has its usual speed again; 0 where it always had.
 */
export function warmUp(arm: () => Recorder | null): number {
  const wasArmed = armedRecorder() !== null
  if (arm() === null || (!wasArmed && !recompile())) return 0
  const leftMs = recompiledAt + RECOMPILING_MS - now()
  return Number.isFinite(leftMs) ? Math.max(0, leftMs) : 0
}

// --- internal ---

const COLD_MS = 100
const JUST_STARTED = warning(
  'late-start',
  'the sampler had just been started: loops that were running before are not seen',
)
