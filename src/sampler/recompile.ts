/**
 * Loops that were compiled while they ran are not seen by a sampler that is started later: their
 * samples are their callers'. V8 throws all optimised code away when precise coverage is switched
 * on; what it compiles from then on is seen. That takes 5–10 ms, and for a second or two the app
 * runs at a fraction of its speed.
 */
import { now } from './clock.js'

/** So long, ms, what is recorded is not the app's usual speed. */
export const RECOMPILING_MS = 2000

/** False where it cannot be done, or somebody collects coverage, who would lose it. */
export function recompile(): boolean {
  if (process.env.NODE_V8_COVERAGE) return false
  try {
    const { Session } = process.getBuiltinModule('node:inspector')
    const session = new Session()
    session.connect()
    try {
      session.post('Profiler.enable')
      session.post('Profiler.startPreciseCoverage')
      session.post('Profiler.stopPreciseCoverage')
      session.post('Profiler.disable')
    } finally {
      session.disconnect()
    }
    recompiledAt = now()
    return true
  } catch {
    // A Node without an inspector.
    return false
  }
}

/** When it was done, ms; infinite: never. */
export let recompiledAt = Number.POSITIVE_INFINITY
