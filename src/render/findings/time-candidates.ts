/**
 * Findings about time that is measured: waits, what others ran, collections, what nothing tells of,
 * and our own work.
 */
import { blockedBy, culpritsOf } from '../../analysis/blame.js'
import type { SelfGroup } from '../../analysis/self-groups.js'
import { printable } from '../../printable.js'
import { mixesVersions } from '../../profile/blocked-name.js'
import { awaitedBy, IDLE } from '../../profile/frames.js'
import type { DumpMeta, LabelSetIndex, Micros } from '../../profile/profile.js'
import { WaitCounts, type WaitSum } from '../../profile/wait-counts.js'
import { boundsOf, boundsText, exactly, partText } from '../bounds.js'
import { count, duration, partOf } from '../measure.js'
import { named, whoOf } from '../names.js'
import { type Candidate, type Facts, within } from './candidates.js'

/** Each resource, as each function of the app waited for it. */
export function waitCandidates(facts: Facts): Candidate[] {
  const { tree, groups, includes, whole, locate } = facts
  const { frames, sources } = tree.profile
  const candidates: Candidate[] = []
  for (const group of groups) {
    const frame = frames[group.frame]!
    const isIdle = frame.name === IDLE
    if (group.account !== 'await' || (!isIdle && sources.length === 0)) continue
    const resource = awaitedBy(frame)
    const on = resource ? ` on ${printable(resource)}` : ''
    const from = group.app === null ? '' : `, from ${named(frames[group.app]!, locate)}`
    const waits = waitsIn(facts, group)
    const part = partOf(group.micros, whole)
    const fact =
      waits.count > 1
        ? `Waiting: ${manyText(waits, group.micros)}${on}, ${part} (longest ${duration(waits.longestMicros)})`
        : `${isIdle ? 'Idle' : 'Waiting'}: ${part}${on}`
    candidates.push({
      kind: isIdle ? 'idle' : 'await',
      stack: group.stack,
      micros: group.micros,
      textIn: (requests) => `${fact}${from}${requests}.`,
      covers: (stack) => includes(group, stack),
    })
  }
  return candidates
}

/** Each culprit; of version 1, who ran meanwhile. */
export function blockedCandidates({ tree, locate }: Facts): Candidate[] {
  const { profile } = tree
  const culprits = blockedBy(profile)
  if (culprits.length === 0) return []
  const { all, ofStack } = culpritsOf(profile)
  // Other formats do not keep what is sure.
  const isKnown = profile.sources.length > 0
  const they = profile.sources.length > 1 ? 'they' : 'it'
  // Whoever ran may have delayed nobody.
  const isVersion1 = profile.sources[0]?.version === 1 && !mixesVersions(profile.sources)
  return culprits.map((each) => {
    const { title, isForeign, micros, upToMicros, stack, hotspot } = each
    const bounds = boundsOf(micros, isKnown ? upToMicros : micros)
    const hot = hotspot && profile.frames[hotspot.frame]!
    const where = hot ? partText(hotspot.micros, bounds, `in ${named(hot, locate)}`) : ''
    const fact =
      isForeign || isVersion1
        ? `Foreign code ran ${duration(micros)} while ${they} waited (version 1): ${whoOf(title)}`
        : `Blocked ${boundsText(bounds)} by ${whoOf(title)}`
    const culprit = all.findIndex((known) => known.title === title && known.isForeign === isForeign)
    return {
      kind: 'blocked',
      stack: hotspot?.stack ?? stack,
      micros,
      textIn: (requests) => `${fact}${where}${requests}.`,
      covers: (at) => ofStack[at] === culprit,
    }
  })
}

export function gcCandidate(facts: Facts): Candidate[] {
  const { tree, groups, totals, whole, locate } = facts
  const most = groups.find(({ account }) => account === 'gc')
  if (!most) return []
  const app = most.app !== null && most.micros >= totals.gc / 2 ? most.app : null
  const under = app === null ? '' : `under ${named(tree.profile.frames[app]!, locate)}`
  const where = app === null ? '' : partText(most.micros, exactly(totals.gc), under)
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

/** The app can do nothing about it, but so much of it makes the rest less sure. */
export function profilerCandidate(facts: Facts): Candidate[] {
  const { tree, groups, totals, whole } = facts
  const most = groups.find(({ account }) => account === 'profiler')
  if (!most) return []
  const advice = adviceFor(tree.profile.sources)
  const fact = `Profiler: ${partOf(totals.profiler, whole)} were profview's own work`
  return [
    {
      kind: 'profiler',
      stack: most.stack,
      micros: totals.profiler,
      textIn: (requests) => `${fact}${requests}${advice}.`,
      covers: within(facts, 'profiler'),
    },
  ]
}

// --- internal ---

/** What leaves less of our own work, as far as it was measured. */
function adviceFor(sources: readonly DumpMeta[]): string {
  if (sources.length === 0 || sources.some(({ kind }) => kind !== 'request')) return ''
  const cheaper = sources.every(({ awaits }) => awaits) ? ', or with awaits: false' : ''
  return `; it is less where fewer requests are recorded at once${cheaper}`
}

/** The waits of a group together. */
interface Waits extends WaitSum {
  /** How many recordings have some. */
  readonly recordings: number
  /** All of each recording went on at the same time. */
  readonly isAllAtOnce: boolean
}

function waitsIn({ tree, includes }: Facts, group: SelfGroup): Waits {
  const entries = tree.profile.waits.filter(({ stack }) => includes(group, stack))
  const sum = new WaitCounts()
  const inRecording = new Map<LabelSetIndex, number>()
  for (const entry of entries) {
    sum.add(0, 0, entry)
    const before = inRecording.get(entry.labelSet) ?? 0
    inRecording.set(entry.labelSet, before + entry.count)
  }
  const [sums = { count: 0, totalMicros: 0, longestMicros: 0 }] = sum.finish()
  const all = {
    ...sums,
    recordings: inRecording.size,
    isAllAtOnce: entries.every(
      ({ labelSet, mostAtOnce = 0 }) => mostAtOnce >= inRecording.get(labelSet)!,
    ),
  }
  const mostAtOnce = entries.reduce(
    (most, entry) => Math.max(most, entry.mostAtOnce ?? Number.NaN),
    1,
  )
  return Number.isNaN(mostAtOnce) ? all : { ...all, mostAtOnce }
}

/** Dumps that do not say how many went on at once: on average nearly all of them did. */
const NEARLY_ALL = 0.9

/**
 * `40 waits one after another`, `40 waits at once`, `40 waits up to 4 at once`, `40 waits`.
 * `micros`: of the recordings' time, how much it was while any of them went on.
 */
function manyText(all: Waits, micros: Micros): string {
  const { count: n, recordings, totalMicros, mostAtOnce, isAllAtOnce } = all
  const waits = `${count(n)} waits`
  if (n === recordings) return waits
  const overlap = totalMicros > micros + n
  if (mostAtOnce === 1 || (mostAtOnce === undefined && !overlap))
    return `${waits} one after another`
  if (mostAtOnce === undefined)
    return totalMicros >= micros * (n / recordings) * NEARLY_ALL ? `${waits} at once` : waits
  return isAllAtOnce ? `${waits} at once` : `${waits} up to ${count(mostAtOnce)} at once`
}
