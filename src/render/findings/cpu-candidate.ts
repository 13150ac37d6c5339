/** The finding about CPU time, of which samples tell where it went. */

import { outermostWalk } from '../../analysis/outermost.js'
import { errorOf, sampleCount, wilson } from '../../analysis/sampling.js'
import { ROOT_STACK } from '../../profile/builder.js'
import { buildCallTree, type StackTimes } from '../../profile/calltree.js'
import { frameKind, frameKinds, ownerOf } from '../../profile/frames.js'
import type { FrameIndex, Micros, Profile, StackIndex } from '../../profile/profile.js'
import { toolOwners } from '../../transform/tool-owners.js'
import { counted, duration, errorPercent, partOf, percent } from '../measure.js'
import { named } from '../names.js'
import { type Candidate, type Facts, within } from './candidates.js'

/**
 * The function that had a quarter of the CPU time itself, or else the narrowest one of the app with
 * half of it below, or else that no function stands out. No place is named that samples do not
 * show.
 */
export function cpuCandidate(facts: Facts): Candidate[] {
  const { cpu } = facts.totals
  if (cpu <= 0) return []
  const samples = sampleCount(facts.tree.profile, facts.accounts)
  const place = hottest(facts) ?? narrowest(facts)
  if (place && (samples === null || wilson(place.micros / cpu, samples).low >= LEAST_SHOWN))
    return [placeCandidate(place, cpu, samples)]
  const where = place
    ? `; ${counted(samples ?? 0, 'sample')} cannot say where`
    : `, spread over many functions${heaviestOfTool(facts)}`
  return [
    {
      kind: 'cpu',
      stack: ROOT_STACK,
      micros: cpu,
      textIn: (requests) => `CPU: ${partOf(cpu, facts.whole)}${requests}${where}.`,
      covers: within(facts, 'cpu'),
    },
  ]
}

// --- internal ---

/** Share of the CPU time that a function must have itself, and one that must be below it. */
const HOT = 0.25
const MOST = 0.5
/** With 95 % confidence a place that is named has at least this share. */
const LEAST_SHOWN = 0.1

interface Place {
  /** `in JSON.parse under readBody (src/body.ts:7)` */
  readonly text: string
  readonly micros: Micros
  readonly stack: StackIndex
  readonly covers: (stack: StackIndex) => boolean
}

function hottest({ tree, groups, includes, totals, least, locate }: Facts): Place | null {
  const { frames } = tree.profile
  const group = groups.find(
    ({ account, frame }) => account === 'cpu' && frameKind(frames[frame]!) !== 'root',
  )
  if (!group || group.micros < totals.cpu * HOT || group.micros < least) return null
  const isOwn = group.app === null || group.app === group.frame
  const under = isOwn ? '' : ` under ${named(frames[group.app]!, locate)}`
  return {
    text: `in ${named(frames[group.frame]!, locate)}${under}`,
    micros: group.micros,
    stack: group.stack,
    covers: (stack) => includes(group, stack),
  }
}

/** The functions that a reader can change: the app's, or in the profile of a tool the tool's. */
function meantIn(profile: Profile): (frame: FrameIndex) => boolean {
  const { frames } = profile
  const kinds = frameKinds(frames)
  const owners = toolOwners(profile)
  return (frame) =>
    kinds[frame] === 'app' ||
    (owners.size > 0 && owners.has(ownerOf(frames[frame]!, kinds[frame]!)))
}

/** `, most in getTypeOfSymbol (…/tsc.js:5678)`: a tool has no function of the app to look at. */
function heaviestOfTool({ tree, groups, locate }: Facts): string {
  if (toolOwners(tree.profile).size === 0) return ''
  const { frames } = tree.profile
  const isMeant = meantIn(tree.profile)
  const heaviest = groups.find(({ account, frame }) => account === 'cpu' && isMeant(frame))
  return heaviest ? `, most in ${named(frames[heaviest.frame]!, locate)}` : ''
}

/**
 * Of the functions of the app below which most CPU time was spent, the one with the least of them.
 */
function narrowest(facts: Facts): Place | null {
  const { tree, totals, locate } = facts
  const isCpu = within(facts, 'cpu')
  const { frames, stacks } = tree.profile
  const cpuBelow = new Float64Array(stacks.frame.length)
  // Of a function that calls itself, the time below each of its calls.
  const most = new Float64Array(frames.length)
  for (let i = cpuBelow.length - 1; i > 0; i--) {
    if (isCpu(i)) cpuBelow[i]! += tree.self[i]!
    cpuBelow[stacks.parent[i]!]! += cpuBelow[i]!
    most[stacks.frame[i]!]! += cpuBelow[i]!
  }
  const isMeant = meantIn(tree.profile)
  const least = totals.cpu * MOST
  const mayBe = (frame: FrameIndex) => most[frame]! >= least && isMeant(frame)
  if (!frames.some((_, frame) => mayBe(frame))) return null
  const times = new Float64Array(frames.length)
  const calls = new Int32Array(frames.length)
  outermostWalk(buildCallTree(tree.profile))(ROOT_STACK, (call) => {
    const frame = stacks.frame[call]!
    times[frame]! += cpuBelow[call]!
    if (cpuBelow[call]! > cpuBelow[calls[frame]!]! || calls[frame] === 0) calls[frame] = call
  })
  let best = -1
  for (let i = 0; i < times.length; i++) {
    if (times[i]! < least || !isMeant(i)) continue
    const isNarrower =
      best === -1 ||
      times[i]! < times[best]! ||
      (times[i] === times[best] && calls[i]! > calls[best]!)
    if (isNarrower) best = i
  }
  if (best === -1) return null
  const isBelow = stacksBelow(tree, best)
  return {
    text: `below ${named(frames[best]!, locate)}`,
    micros: times[best]!,
    stack: calls[best]!,
    covers: (stack) => isBelow[stack] === 1 && isCpu(stack),
  }
}

/** 1 for each stack on which the function is. */
function stacksBelow({ profile }: StackTimes, function_: FrameIndex): Uint8Array {
  const { frame, parent } = profile.stacks
  const isBelow = new Uint8Array(frame.length)
  for (let i = 1; i < frame.length; i++) {
    isBelow[i] = frame[i] === function_ ? 1 : isBelow[parent[i]!]!
  }
  return isBelow
}

function placeCandidate(place: Place, cpu: Micros, samples: number | null): Candidate {
  const { text, micros, stack, covers } = place
  const share = micros / cpu
  const fact = `CPU: ${percent(share)} of ${duration(cpu)} ${text}`
  const basis =
    samples === null
      ? ''
      : `; ${counted(samples, 'sample')}, ± ${errorPercent(errorOf(share, samples))}`
  return { kind: 'cpu', stack, micros, textIn: (requests) => `${fact}${requests}${basis}.`, covers }
}
