import type { Warning } from '../profile/profile.js'
import { warning } from '../profile/warnings.js'
import type { Finished } from '../sampler/window.js'
import type { Slice } from './slice.js'
import type { WholeProcess } from './whole-process.js'

/** What the dump says of itself, with what only the assembler knows. */
export function warningsOf(
  { start, end, meta }: Finished,
  slice: Slice,
  whole: WholeProcess | null,
): readonly Warning[] {
  const warnings = [...meta.warnings]
  const forgotten = Math.min(end, slice.knownFrom) - start
  if (forgotten >= 1) {
    const text = `nothing is known of its first ${Math.round(forgotten)} ms any more`
    warnings.push(warning('forgotten', text))
  }
  const unfollowedMs = Math.round(whole?.unfollowedMs ?? 0)
  if (unfollowedMs >= 1) {
    const text = `for ${unfollowedMs} ms of it awaits were not followed, because there were too many: they have no names`
    warnings.push(warning('no-awaits', text))
  }
  if (!slice.hasCpuTime) warnings.push(NO_CPU_TIME)
  return warnings
}

// --- internal ---

const NO_CPU_TIME = warning(
  'no-cpu-time',
  'cpu may hold time off the CPU: this system does not tell a thread’s CPU time',
)
