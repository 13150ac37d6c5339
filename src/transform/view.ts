import type { Profile } from '../profile/profile.js'
import { type FoldRules, foldProfile } from './fold.js'
import { matcherOf } from './glob.js'
import { joinHelpers } from './helpers.js'
import { invertProfile } from './invert.js'
import { pruneProfile } from './prune.js'

/** What people ask for when they look at a call tree; the same wishes for every output. */
export interface View {
  /** Callers below functions instead of callees. */
  readonly invert?: boolean
  /** Calls under this share of the whole are not shown; 0 shows all. */
  readonly threshold?: number
  /** Fold packages, Node's modules and the engine; compilers' helpers are left out. */
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
  let result = foldLibraries ? joinHelpers(profile, matcherOf(view.show ?? [])) : profile
  if (invert) result = invertProfile(result)
  if (threshold > 0) result = pruneProfile(result, threshold, view.whole)
  const rules = foldRulesOf(view)
  return rules ? foldProfile(result, rules) : result
}

/** What a view folds; null for nothing. */
export function foldRulesOf({
  foldLibraries = true,
  hide = [],
  show = [],
  whole,
}: View): FoldRules | null {
  if (!foldLibraries && hide.length === 0) return null
  const rules = { libraries: foldLibraries, hide: matcherOf(hide), show: matcherOf(show) }
  return whole === undefined ? rules : { ...rules, whole }
}
