import type { Profile } from '../profile/profile.js'
import { printProfile } from './print.js'
import type { Session } from './session.js'

/** What whole threads have done. */
export function printThreads(profile: Profile, session: Session): Promise<void> {
  return printProfile(profile, { threshold: leastOf(profile) }, session)
}

// --- internal ---

/** A hundredth of what the loops have done: most of the time they mostly rest. */
function leastOf({ sources }: Profile): number {
  let [rested, all] = [0, 1]
  for (const { ledger, durationMicros } of sources) {
    rested += ledger.await
    all += durationMicros
  }
  return 0.01 * (1 - rested / all)
}
