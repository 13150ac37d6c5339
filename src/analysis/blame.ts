import { ROOT_STACK } from '../profile/builder.js'
import { buildCallTree } from '../profile/calltree.js'
import { FOREIGN, frameKinds } from '../profile/frames.js'
import { BLOCKED_LABEL, UP_TO } from '../profile/labels.js'
import type { Micros, Profile, StackIndex } from '../profile/profile.js'
import { isBlocked, waitsOf } from '../profile/stack-waits.js'
import { type Hotspot, hotspotsOf } from './hotspots.js'

/** Who ran while the profile's requests waited to go on. */
export interface Culprit {
  /** The frame under `[blocked]`: `GET /report`, or `background`. */
  readonly title: string
  /** What this says is all foreign time of version 1, whether or not it delayed anybody. */
  readonly isForeign: boolean
  readonly micros: Micros
  /** The part of it that is an upper bound. */
  readonly upToMicros: Micros
  /** Of all time in the profile. */
  readonly share: number
  /** As `CallTree` counts them. */
  readonly samples: number
  /** The heaviest place in which it is named. */
  readonly stack: StackIndex
  /**
   * The narrowest function of the app that had at least half of it, or else garbage collection if
   * that had; null where neither had.
   */
  readonly hotspot: Hotspot | null
}

/**
 * Who held the profile's requests up, worst first; for a single dump and for a merged profile.
 *
 *     f;[await] timer;[blocked];GET /report;getReport;render 150, f;[await] timer 50
 *     =  GET /report 150, of which render 150
 *
 * O(stacks + samples), no recursion.
 */
export function blockedBy(profile: Profile): Culprit[] {
  if (!frameKinds(profile.frames).includes('blocked')) return []
  const tree = buildCallTree(profile)
  const { all, ofStack } = culpritsOf(profile)
  const whole = tree.total[ROOT_STACK]! || 1
  const micros = new Float64Array(all.length)
  const upTo = upToOf(profile, ofStack, all.length)
  const samples = new Int32Array(all.length)
  const heaviest = new Int32Array(all.length)
  for (let i = 1; i < ofStack.length; i++) {
    const culprit = ofStack[i]!
    if (culprit === -1) continue
    micros[culprit]! += tree.self[i]!
    samples[culprit]! += tree.samples[i]!
    // A culprit's calls have smaller totals than its own frame above them.
    if (tree.total[i]! > tree.total[heaviest[culprit]!]! || heaviest[culprit] === 0)
      heaviest[culprit] = i
  }
  const hotspots = hotspotsOf(tree, ofStack, micros)
  return all
    .map((named, i) => ({
      ...named,
      micros: micros[i]!,
      upToMicros: upTo[i]!,
      share: micros[i]! / whole,
      samples: samples[i]!,
      stack: heaviest[i]!,
      hotspot: hotspots[i] ?? null,
    }))
    .filter((culprit) => culprit.micros > 0)
    .sort((a, b) => b.micros - a.micros || (a.title < b.title ? -1 : 1))
}

/**
 * The culprits of a profile by title, and for each stack the one whose code it is (-1: none): all
 * below a frame under `[blocked]`, that frame included. Where foreign time of version 1 is apart
 * from blocked time, so are those who had it.
 */
export function culpritsOf(profile: Profile): {
  all: readonly Pick<Culprit, 'title' | 'isForeign'>[]
  ofStack: Int32Array
} {
  const { frames, stacks } = profile
  const { blamed } = waitsOf(profile)
  const all: Pick<Culprit, 'title' | 'isForeign'>[] = []
  const known = new Map<string, number>()
  const ofStack = blamed.map((stack) => {
    if (stack === -1 || isBlocked(profile, stack)) return -1
    const { name: title } = frames[stacks.frame[stack]!]!
    const { name: above } = frames[stacks.frame[stacks.parent[stack]!]!]!
    const key = above + title
    let index = known.get(key)
    if (index === undefined) {
      index = all.push({ title, isForeign: above === FOREIGN }) - 1
      known.set(key, index)
    }
    return index
  })
  return { all, ofStack }
}

/** For each label set, is blocked time under it an upper bound? */
export function isUpTo({ labelSets }: Profile): readonly boolean[] {
  return labelSets.map((labels) => labels.get(BLOCKED_LABEL) === UP_TO)
}

// --- internal ---

function upToOf(profile: Profile, culpritOf: Int32Array, count: number): Float64Array {
  const upTo = new Float64Array(count)
  const isBound = isUpTo(profile)
  if (!isBound.includes(true)) return upTo
  const { stack, weight, labelSet } = profile.samples
  for (let i = 0; i < stack.length; i++) {
    const culprit = culpritOf[stack[i]!]!
    if (culprit !== -1 && isBound[labelSet[i]!]) upTo[culprit]! += weight[i]!
  }
  return upTo
}
