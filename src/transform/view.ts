import type { Profile } from '../profile/profile.js'
import { foldProfile } from './fold.js'
import { matcherOf } from './glob.js'
import { invertProfile } from './invert.js'
import { pruneProfile } from './prune.js'

/** What people ask for when they look at a call tree; the same wishes for every output. */
export interface View {
  /** Callers below functions instead of callees. */
  readonly invert?: boolean
  /** Calls under this share of the whole are not shown; 0 shows all. */
  readonly threshold?: number
  /** Fold packages, Node's modules and the engine. */
  readonly foldLibraries?: boolean
  /** Globs on file or name: fold these as well. */
  readonly hide?: readonly string[]
  /** Globs on file or name: never fold these. */
  readonly show?: readonly string[]
  /** What shares are of, if not the sum of all weights: in a diff that may be next to nothing. */
  readonly whole?: number
}

export const DEFAULT_THRESHOLD = 0.01

/** The profile as the view shows it; time is conserved. */
export function applyView(profile: Profile, view: View): Profile {
  const { invert = false, threshold = DEFAULT_THRESHOLD, foldLibraries = true } = view
  const { hide = [], show = [], whole } = view
  let result = invert ? invertProfile(profile) : profile
  if (threshold > 0) result = pruneProfile(result, threshold, whole)
  if (foldLibraries || hide.length > 0) {
    const rules = { libraries: foldLibraries, hide: matcherOf(hide), show: matcherOf(show) }
    result = foldProfile(result, whole === undefined ? rules : { ...rules, whole })
  }
  return result
}
