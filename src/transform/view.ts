import type { Profile, StackIndex } from '../profile/profile.js'
import { finish, type Steps } from '../profile/steps.js'
import { foldSteps } from './fold.js'
import { matcherOf } from './glob.js'
import { joinHelpers } from './helpers.js'
import { invertSteps } from './invert.js'
import { NOWHERE, once, type Passed, sameStacks, throughBoth, unchanged } from './pass.js'
import { pruneProfile } from './prune.js'
import { toolOwners } from './tool-owners.js'

/** What people ask for when they look at a call tree; the same wishes for every output. */
export interface View {
  /** Callers below functions instead of callees. */
  readonly invert?: boolean
  /** How many callers of a function `invert` shows; if not given, as many as there is room for. */
  readonly levels?: number
  /** Calls under this share of the whole are not shown; 0 shows all. */
  readonly threshold?: number
  /** Fold packages, Node's modules and the engine; compilers' helpers are left out. */
  readonly foldLibraries?: boolean
  /** Globs on file or name: fold these as well. */
  readonly hide?: readonly string[]
  /** Globs on file or name: never fold these. */
  readonly show?: readonly string[]
  /** Stacks of the view's base in groups that are not folded. */
  readonly unfolded?: readonly StackIndex[]
  /** What shares are of, if not the sum of all weights: in a diff that may be next to nothing. */
  readonly whole?: number
}

export const DEFAULT_THRESHOLD = 0.01

/** A profile as a view shows it, and the way there and back (`sourcesOf`). */
export interface Shown extends Passed {
  /**
   * The profile by whose stacks the calls of the view are known, whatever is folded or left out:
   * the one that came in; the inverted one where callers are below functions, because such a call
   * is of many stacks of the one that came in.
   */
  readonly base: Profile
  /** For each stack of the base the call that stands for it: itself, its group or its caller. */
  readonly nodeOf: Int32Array
}

/** The profile as the view shows it; time is conserved. */
export function applyView(profile: Profile, view: View): Profile {
  return finish(viewsOf(profile)(view)).profile
}

/**
 * The views of one profile, by the one list of passes that every output has. From one view to the
 * next, only the passes from the first changed setting on are done again. `start`: what a pass
 * before all of them made of the profile.
 */
export function viewsOf(source: Profile, start = unchanged(source)): (view: View) => Steps<Shown> {
  const latest = new Map<string, Done>()
  function* done(pass: Pass, before: Shown): Steps<Passed> {
    const { profile } = before
    const key = JSON.stringify(pass.settings)
    const known = latest.get(pass.name)
    if (known?.input === profile && known.key === key) return known.output
    const output = yield* pass.apply(profile, before)
    latest.set(pass.name, { input: profile, key, output })
    yield
    return output
  }
  return function* (view) {
    const same = () => start.stackOf
    let shown = shownAs(start.profile, same, source, same)
    for (const pass of passesOf(view, source)) shown = after(shown, pass, yield* done(pass, shown))
    return shown
  }
}

/** Are there calls that the view folds wherever they are? */
export function isFolding({ foldLibraries = true, hide = [] }: View): boolean {
  return foldLibraries || hide.length > 0
}

// --- internal ---

interface Pass {
  readonly name: string
  /** The same settings make the same of a profile. */
  readonly settings: unknown
  readonly apply: (profile: Profile, before: Shown) => Steps<Passed>
}

interface Done {
  readonly input: Profile
  readonly key: string
  readonly output: Passed
}

const INVERT = 'invert'
const NOBODY: ReadonlySet<string> = new Set()

/** In their order. Cuts to a range of time, a call or some recordings come before all of them. */
function passesOf(view: View, source: Profile): Pass[] {
  const { threshold = DEFAULT_THRESHOLD, foldLibraries = true } = view
  const { levels, whole, hide = [], show = [], unfolded = [] } = view
  const passes: Pass[] = []
  if (foldLibraries) {
    const apply = atOnce((profile) => joinHelpers(profile, matcherOf(show)))
    passes.push({ name: 'join', settings: show, apply })
  }
  if (view.invert) {
    const apply = (profile: Profile) => invertSteps(profile, levels)
    passes.push({ name: INVERT, settings: levels, apply })
  }
  if (threshold > 0) {
    const apply = atOnce((profile) => pruneProfile(profile, threshold, whole))
    passes.push({ name: 'prune', settings: [threshold, whole], apply })
  }
  if (isFolding(view)) {
    const rules = { libraries: foldLibraries, hide: matcherOf(hide), show: matcherOf(show), whole }
    const apply = (profile: Profile, before: Shown) =>
      foldSteps(profile, {
        ...rules,
        owners: foldLibraries ? toolOwners(source) : NOBODY,
        unfolded: unfolded.map((stack) => before.nodeOf[stack] ?? NOWHERE),
      })
    // Stacks of the base are other ones where callers are below functions.
    const settings = [foldLibraries, hide, show, unfolded, whole, view.invert === true]
    passes.push({ name: 'fold', settings, apply })
  }
  return passes
}

function atOnce(apply: (profile: Profile) => Passed): Pass['apply'] {
  // biome-ignore lint/correctness/useYield: it is one step
  return function* (profile) {
    return apply(profile)
  }
}

function after(before: Shown, { name }: Pass, passed: Passed): Shown {
  const { profile } = passed
  const isInverted = name === INVERT
  if (profile === before.profile && !isInverted) return before
  return shownAs(
    profile,
    () => throughBoth(before.stackOf, passed.stackOf),
    isInverted ? profile : before.base,
    () => (isInverted ? sameStacks(profile) : throughBoth(before.nodeOf, passed.stackOf)),
  )
}

function shownAs(
  profile: Profile,
  findStacks: () => Int32Array,
  base: Profile,
  findNodes: () => Int32Array,
): Shown {
  const [stackOf, nodeOf] = [once(findStacks), once(findNodes)]
  return {
    profile,
    base,
    get stackOf() {
      return stackOf()
    },
    get nodeOf() {
      return nodeOf()
    },
  }
}
