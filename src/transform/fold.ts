import { ACCOUNTS, accountRow } from '../profile/accounts.js'
import { ProfileBuilder, ROOT_STACK } from '../profile/builder.js'
import { type StackTimes, stackTimes } from '../profile/calltree.js'
import { type FrameKind, frameKinds, hiddenFrame, ownerOf } from '../profile/frames.js'
import type { Frame, Profile, StackIndex } from '../profile/profile.js'
import { finish, type Steps } from '../profile/steps.js'
import { movedTo, type Passed, unchanged } from './pass.js'

export interface FoldRules {
  /** Fold what is not the app's: packages, Node's own modules, the engine. */
  readonly libraries: boolean
  /** Whose code is not folded although it is no app's (`ownerOf`). */
  readonly owners?: ReadonlySet<string>
  /** Frames that are folded whatever they are. */
  readonly hide: (frame: Frame) => boolean
  /** Frames that are never folded; stronger than `hide`. */
  readonly show: (frame: Frame) => boolean
  /** Stacks whose runs are not folded. */
  readonly unfolded?: Iterable<StackIndex>
  /** What shares are of; the sum of all weights if it is left out. */
  readonly whole?: number | undefined
}

/**
 * Folds connected runs of frames that nobody asked for. Of each run three things stay: its first
 * frame, the frames through which it leaves for frames of interest, unless they only load these
 * (Node's `Module._compile`), and frames with a fifth of all time of their own. The rest becomes
 * one frame between them that says how many there were and whose. Runs that would hide less than
 * two are left alone. Time is conserved.
 *
 *     main;next@express;handle@express;run@router;go@router;handler 9
 *     =  main;next@express;[2 frames hidden] express, router;go@router;handler 9
 */
export function foldProfile(profile: Profile, rules: FoldRules): Passed {
  return finish(foldSteps(profile, rules))
}

/** The same, a part of the stacks at a time. */
export function* foldSteps(profile: Profile, rules: FoldRules): Steps<Passed> {
  const times = stackTimes(profile)
  yield
  const runs = yield* findRuns(times, rules)
  if (runs.hidden.size === 0) return unchanged(profile)
  const { frame, parent } = profile.stacks
  const builder = new ProfileBuilder(profile.frames)
  const stackOf = new Int32Array(frame.length)
  const hiddenOf = new Map<StackIndex, StackIndex>()

  /** The frame that stands for the run starting at `first`. */
  const hiddenStack = (first: StackIndex): StackIndex => {
    let stack = hiddenOf.get(first)
    if (stack === undefined) {
      const { count, packages } = runs.hidden.get(first)!
      stack = builder.stack(stackOf[first]!, builder.frame(hiddenFrame(count, packages)))
      hiddenOf.set(first, stack)
    }
    return stack
  }

  for (let i = ROOT_STACK + 1; i < frame.length; i++) {
    const first = runs.first[i]!
    const isFolded = first !== -1 && first !== i && runs.hidden.has(first)
    if (isFolded && !runs.stays[i]) {
      stackOf[i] = hiddenStack(first)
    } else {
      const above = isFolded ? hiddenStack(first) : stackOf[parent[i]!]!
      stackOf[i] = builder.stack(above, frame[i]!)
    }
    if (i % STACKS_AT_A_TIME === 0) yield
  }
  return movedTo(profile, builder, stackOf)
}

// --- internal ---

const STACKS_AT_A_TIME = 16_384
/** Share of all time that a frame must have of its own to stay visible in a run. */
const HOT = 0.2
const FEWEST_HIDDEN = 2
/** Between one who asks for a module and the module's own code. */
const LOADER_FILE = /^(node:)?internal\/(modules|main|process)\//
const LIBRARY_KINDS: ReadonlySet<FrameKind> = new Set(['library', 'node'])
const INCIDENTAL_KINDS: ReadonlySet<string> = new Set(
  ACCOUNTS.filter((account) => accountRow(account).isIncidental),
)

interface Runs {
  /** For each stack the first one of its run, -1 outside of runs. */
  readonly first: Int32Array
  /** Is the stack shown although it is in a run? */
  readonly stays: Uint8Array
  /** What each run hides, by its first stack; only runs that hide enough. */
  readonly hidden: ReadonlyMap<StackIndex, { count: number; packages: string[] }>
}

function* findRuns(times: StackTimes, rules: FoldRules): Steps<Runs> {
  const { profile, self, total } = times
  const { frame, parent } = profile.stacks
  const kinds = frameKinds(profile.frames)
  const treatments = profile.frames.map((each, i) => treatmentOf(each, kinds[i]!, rules))
  const isLoader = profile.frames.map(({ file }) => LOADER_FILE.test(file))
  const first = new Int32Array(frame.length).fill(-1)
  const stays = new Uint8Array(frame.length)
  const hot = (rules.whole ?? Math.abs(total[ROOT_STACK]!)) * HOT
  for (let i = ROOT_STACK + 1; i < frame.length; i++) {
    const above = parent[i]!
    const treatment = treatments[frame[i]!]!
    // The frame under [blocked] names the request that was in the way.
    const isFolded = treatment === 'join' ? first[above] !== -1 : treatment === 'fold'
    if (isFolded && kinds[frame[above]!] !== 'blocked') {
      first[i] = first[above] === -1 ? i : first[above]!
      if (first[i] === i || (total[i] !== 0 && Math.abs(self[i]!) >= hot)) stays[i] = 1
    } else if (first[above] !== -1 && total[i] !== 0 && !INCIDENTAL_KINDS.has(kinds[frame[i]!]!)) {
      if (!isLoader[frame[above]!]) stays[above] = 1
    }
  }
  yield
  const hidden = summarise(times, first, stays)
  yield
  for (const stack of rules.unfolded ?? []) hidden.delete(first[stack] ?? -1)
  return { first, stays, hidden }
}

/** `join`: folded if the caller is. */
type Treatment = 'keep' | 'fold' | 'join'

/**
 * Functions of the engine belong to who calls them; frames of formats without files look like them.
 */
function treatmentOf(frame: Frame, kind: FrameKind, rules: FoldRules): Treatment {
  if (rules.show(frame)) return 'keep'
  if (rules.hide(frame)) return 'fold'
  if (!rules.libraries) return 'keep'
  if (kind === 'native') return 'join'
  if (!LIBRARY_KINDS.has(kind)) return 'keep'
  return rules.owners?.size && rules.owners.has(ownerOf(frame, kind)) ? 'keep' : 'fold'
}

function summarise({ profile, self, total }: StackTimes, first: Int32Array, stays: Uint8Array) {
  const { frames, stacks } = profile
  const summaries = new Map<StackIndex, { count: number; times: Map<string, number> }>()
  for (let i = ROOT_STACK + 1; i < first.length; i++) {
    if (first[i] === -1 || stays[i] || total[i] === 0) continue
    const summary = summaries.get(first[i]!) ?? { count: 0, times: new Map() }
    summaries.set(first[i]!, summary)
    summary.count++
    const owner = ownerOf(frames[stacks.frame[i]!]!)
    if (owner !== '') summary.times.set(owner, (summary.times.get(owner) ?? 0) + self[i]!)
  }
  const hidden = new Map<StackIndex, { count: number; packages: string[] }>()
  for (const [start, { count, times }] of summaries) {
    if (count < FEWEST_HIDDEN) continue
    const byTime = [...times].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    hidden.set(start, { count, packages: byTime.map(([owner]) => owner) })
  }
  return hidden
}
