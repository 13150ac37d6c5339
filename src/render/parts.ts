import { printable } from '../printable.js'
import { accountOfKind, frameKinds } from '../profile/frames.js'
import { PART_LABELS, partName } from '../profile/labels.js'
import type { Profile, Unit } from '../profile/profile.js'
import { filterSamples } from '../transform/filter.js'
import { amount, count, percent } from './measure.js'
import type { Column } from './table.js'

/** A file, process or thread of a profile that is not ours, and how much it did. */
export interface Part {
  readonly labels: ReadonlyMap<string, string>
  /** Without the time in which it was idle. */
  readonly busy: number
  readonly share: number
  readonly unit: Unit
}

/**
 * The parts that ran beside each other, the busiest first: all threads of a trace last as long as
 * it. None where there is only one, and of dumps, whose requests tell more.
 */
export function partsOf(profile: Profile): Part[] {
  if (profile.sources.length > 0 || profile.samples.stack.length === 0) return []
  const { stack, weight, labelSet } = profile.samples
  const isIdle = frameKinds(profile.frames).map((kind) => accountOfKind(kind) === 'await')
  const busyOfSet = new Float64Array(profile.labelSets.length)
  const isUsed = new Uint8Array(profile.labelSets.length)
  for (let i = 0; i < stack.length; i++) {
    const set = labelSet[i]!
    isUsed[set] = 1
    if (!isIdle[profile.stacks.frame[stack[i]!]!]) busyOfSet[set]! += weight[i]!
  }
  const busyOf = new Map<string, number>()
  const labelsOf = new Map<string, ReadonlyMap<string, string>>()
  let all = 0
  profile.labelSets.forEach((labels, set) => {
    if (isUsed[set] === 0) return
    const key = JSON.stringify(PART_LABELS.map((name) => labels.get(name) ?? ''))
    if (!labelsOf.has(key)) labelsOf.set(key, labels)
    busyOf.set(key, (busyOf.get(key) ?? 0) + busyOfSet[set]!)
    all += busyOfSet[set]!
  })
  if (busyOf.size < 2 || all === 0) return []
  const parts = [...busyOf].map(([key, busy]) => {
    return { labels: labelsOf.get(key)!, busy, share: busy / all, unit: profile.unit }
  })
  return parts.sort((a, b) => b.busy - a.busy)
}

/** One part alone; the profile itself where no part is called so. */
export function onlyPart(profile: Profile, name: string): Profile {
  if (!profile.labelSets.some((labels) => partName(labels) === name)) return profile
  return filterSamples(profile, (labels) => partName(labels) === name).profile
}

/** Of the labels that there are; those that say the same of all parts have no column. */
export function partColumns(parts: readonly Part[]): Column<Part>[] {
  const names = PART_LABELS.filter((name) => {
    return new Set(parts.map(({ labels }) => labels.get(name))).size > 1
  })
  return [
    ...names.map((name, i) => ({
      head: name,
      text: ({ labels }: Part) => printable(labels.get(name) ?? '-'),
      shortest: 16,
      ...(i === 0 ? {} : { dropped: names.length - i }),
    })),
    { head: 'busy', text: ({ busy, unit }) => amount(busy, unit), right: true },
    { head: 'share', text: ({ share }) => percent(share), right: true },
  ]
}

/** As many as a look takes in, and what the others are. */
export function shownParts(profile: Profile): {
  shown: Part[]
  columns: Column<Part>[]
  more: string
} {
  const parts = partsOf(profile)
  const shown = parts.slice(0, MOST)
  const rest = parts.slice(MOST)
  const share = rest.reduce((sum, part) => sum + part.share, 0)
  const more = rest.length === 0 ? '' : `and ${count(rest.length)} more: ${percent(share)}`
  return { shown, columns: partColumns(parts), more }
}

// --- internal ---

const MOST = 12
