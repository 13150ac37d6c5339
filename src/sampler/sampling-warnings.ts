/** What a recording's profile does not know because of how it was sampled. */
import type { Warning } from '../profile/profile.js'
import { warning } from '../profile/warnings.js'
import { now } from './clock.js'
import { recompiledAt } from './recompile.js'
import type { Recording } from './recording.js'
import type { SampleTaker } from './sample-taker.js'
import type { ThreadProfiler } from './thread-profiler.js'
import { isVisit } from './visit.js'

/** One line each. */
export function warningsOf(
  recording: Recording,
  profiler: Pick<ThreadProfiler, 'restarted' | 'missed'>,
  leftOut: SampleTaker['leftOut'],
): Warning[] {
  const { startedAt, endedAt } = recording
  const warnings = [...recording.warnings]
  if (isVisit() && recompiledAt > startedAt) warnings.push(LATE)
  if (profiler.restarted) warnings.push(RESTARTED)
  if (profiler.missed(startedAt, Math.min(endedAt, now()))) warnings.push(UNSAMPLED)
  if (leftOut.from < endedAt && leftOut.to > startedAt) warnings.push(LEFT_OUT)
  return warnings
}

// --- internal ---

const LATE = warning(
  'late-start',
  'the sampler was started late: loops that were compiled before are not seen',
)
const RESTARTED = warning(
  'restarted',
  "the engine's profiler was started again: loops that ran before are not seen",
)
const UNSAMPLED = warning(
  'unsampled',
  'for a time nothing was sampled: the profiler had failed, was stuck, or another one ran',
)
const LEFT_OUT = warning(
  'cut-stacks',
  'some samples were left out: their stacks were too many to be told apart in time',
)
