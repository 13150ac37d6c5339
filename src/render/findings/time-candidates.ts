/**
 * Findings about time that is measured: waits, what others ran, collections, what nothing tells of.
 */
import { blockedBy, culpritsOf } from '../../analysis/blame.js'
import { awaitedBy, IDLE } from '../../profile/frames.js'
import { printable } from '../../profile/printable.js'
import { duration } from '../measure.js'
import { type Candidate, type Facts, mostly, named, partOf, within } from './candidates.js'

/** Each resource, as each function of the app waited for it. */
export function waitCandidates({ tree, groups, includes, whole, locate }: Facts): Candidate[] {
  const { frames, sources } = tree.profile
  const candidates: Candidate[] = []
  for (const group of groups) {
    const frame = frames[group.frame]!
    const isIdle = frame.name === IDLE
    if (group.account !== 'await' || (!isIdle && sources.length === 0)) continue
    const resource = awaitedBy(frame)
    const on = resource ? ` on ${printable(resource)}` : ''
    const from = group.app === null ? '' : `, from ${named(frames[group.app]!, locate)}`
    const fact = `${isIdle ? 'Idle' : 'Waiting'}: ${partOf(group.micros, whole)}${on}${from}`
    candidates.push({
      kind: isIdle ? 'idle' : 'await',
      stack: group.stack,
      micros: group.micros,
      textIn: (requests) => `${fact}${requests}.`,
      covers: (stack) => includes(group, stack),
    })
  }
  return candidates
}

/** Each culprit. */
export function blockedCandidates({ tree, locate }: Facts): Candidate[] {
  const { profile } = tree
  const { titles, ofStack } = culpritsOf(profile)
  return blockedBy(profile, tree).map(({ title, micros, stack, hotspot }) => {
    const who = title === BACKGROUND ? 'background work' : printable(title)
    const hot = hotspot && profile.frames[hotspot.frame]!
    const where = hot ? mostly(hotspot.micros, micros, `in ${named(hot, locate)}`) : ''
    const culprit = titles.indexOf(title)
    return {
      kind: 'blocked',
      stack: hotspot?.stack ?? stack,
      micros,
      textIn: (requests) => `Blocked ${duration(micros)} by ${who}${where}${requests}.`,
      covers: (each) => ofStack[each] === culprit,
    }
  })
}

export function gcCandidate(facts: Facts): Candidate[] {
  const { tree, groups, totals, whole, locate } = facts
  const most = groups.find(({ account }) => account === 'gc')
  if (!most) return []
  const app = most.app !== null && most.micros >= totals.gc / 2 ? most.app : null
  const under = app === null ? '' : `under ${named(tree.profile.frames[app]!, locate)}`
  const where = app === null ? '' : mostly(most.micros, totals.gc, under)
  return [
    {
      kind: 'gc',
      stack: most.stack,
      micros: totals.gc,
      textIn: (requests) => `Garbage collection: ${partOf(totals.gc, whole)}${where}${requests}.`,
      covers: within(facts, 'gc'),
    },
  ]
}

/** Of recordings of ours, which claim to account for everything. */
export function unknownCandidate(facts: Facts): Candidate[] {
  const { tree, groups, totals, whole } = facts
  const most = groups.find(({ account }) => account === 'unknown')
  if (!most || tree.profile.sources.length === 0) return []
  return [
    {
      kind: 'unknown',
      stack: most.stack,
      micros: totals.unknown,
      textIn: (requests) => `Unknown: ${partOf(totals.unknown, whole)}${requests}.`,
      covers: within(facts, 'unknown'),
    },
  ]
}

// --- internal ---

/** How the sampler names code of no known request. */
const BACKGROUND = 'background'
