import { ROOT_STACK } from '../profile/builder.js'
import { buildCallTree, type CallTree } from '../profile/calltree.js'
import { frameKind } from '../profile/frames.js'
import { PairTable } from '../profile/pair-table.js'
import type { FrameIndex, Micros, Profile, StackIndex } from '../profile/profile.js'
import { isBlocked, waitsOf } from '../profile/stack-waits.js'
import { outermostWalk } from './outermost.js'

/** A function and where it is: the heaviest of its calls. */
export interface Hotspot {
  readonly frame: FrameIndex
  readonly stack: StackIndex
  readonly micros: Micros
}

/** Who ran while the profile's requests waited to go on. */
export interface Culprit {
  /** The frame under `[blocked]`: `GET /report`, or `background`. */
  readonly title: string
  readonly micros: Micros
  /** Of all time in the profile. */
  readonly share: number
  /** As `CallTree` counts them. */
  readonly samples: number
  /** The heaviest place in which it is named. */
  readonly stack: StackIndex
  /** The narrowest function of the app that had at least half of it; null where none had. */
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
export function blockedBy(profile: Profile, tree = buildCallTree(profile)): Culprit[] {
  const { titles, ofStack } = culpritsOf(profile)
  const whole = tree.total[ROOT_STACK]! || 1
  const micros = new Float64Array(titles.length)
  const samples = new Int32Array(titles.length)
  const heaviest = new Int32Array(titles.length)
  for (let i = 1; i < ofStack.length; i++) {
    const culprit = ofStack[i]!
    if (culprit === -1) continue
    micros[culprit]! += tree.self[i]!
    samples[culprit]! += tree.samples[i]!
    // A culprit's calls have smaller totals than its own frame above them.
    if (tree.total[i]! > tree.total[heaviest[culprit]!]! || heaviest[culprit] === 0)
      heaviest[culprit] = i
  }
  const hotspots = findHotspots(tree, ofStack, micros)
  return titles
    .map((title, i) => ({
      title,
      micros: micros[i]!,
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
 * below a frame under `[blocked]`, that frame included.
 */
export function culpritsOf(profile: Profile): {
  titles: readonly string[]
  ofStack: Int32Array
} {
  const { frames, stacks } = profile
  const { blamed } = waitsOf(profile)
  const titles = new Map<string, number>()
  const ofStack = blamed.map((stack) => {
    if (stack === -1 || isBlocked(profile, stack)) return -1
    const title = frames[stacks.frame[stack]!]!.name
    if (!titles.has(title)) titles.set(title, titles.size)
    return titles.get(title)!
  })
  return { titles: [...titles.keys()], ofStack }
}

// --- internal ---

/** Time that a function must have to be the one to look at. */
const MOST = 0.5

function findHotspots(tree: CallTree, culpritOf: Int32Array, micros: Float64Array) {
  const { frames, stacks } = tree.profile
  const { frame, parent } = stacks
  const isApp = frames.map((each) => frameKind(each) === 'app')
  // Times of each function for each culprit, which is blocked in many places.
  const functions = new PairTable()
  const times: number[] = []
  const calls: StackIndex[] = []
  const walk = outermostWalk(tree)
  for (let i = 1; i < frame.length; i++) {
    const culprit = culpritOf[i]!
    if (culprit === -1 || culpritOf[parent[i]!] !== -1) continue
    walk(i, (call) => {
      if (!isApp[frame[call]!]) return
      const row = functions.intern(culprit, frame[call]!)
      times[row] = (times[row] ?? 0) + tree.total[call]!
      const known = calls[row]
      if (known === undefined || tree.total[call]! > tree.total[known]!) calls[row] = call
    })
  }
  const found: (Hotspot | undefined)[] = []
  for (let row = 0; row < functions.size; row++) {
    const culprit = functions.first.at(row)
    const time = times[row]!
    if (time === 0 || time < micros[culprit]! * MOST) continue
    const best = found[culprit]
    // Of two with the same time, one called the other, and callees come later.
    if (!best || time < best.micros || (time === best.micros && calls[row]! > best.stack))
      found[culprit] = { frame: functions.second.at(row), stack: calls[row]!, micros: time }
  }
  return found
}
