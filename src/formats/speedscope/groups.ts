import { Float64Column, Int32Column } from '../../profile/columns.js'
import {
  PART_LABELS,
  REQUEST_LABEL,
  ROUTE_LABEL,
  statusOf,
  WORKER_LABEL,
} from '../../profile/labels.js'
import type { DumpMeta, Labels, Profile } from '../../profile/profile.js'

/** The name of a profile that holds the time of all others in the file. */
export const ALL_TOGETHER = 'all together'

/** One of the profiles in a file; equal stacks in a row are one sample. */
export interface SpeedscopeGroup {
  readonly name: string
  readonly stack: Int32Column
  readonly weight: Float64Column
  total: number
}

/**
 * A profile for each request (else worker, else imported profile) that the labels name, the longest
 * first, and before them one of all together. A single one, where there is only that.
 */
export function groupSamples(profile: Profile): SpeedscopeGroup[] {
  const names = namesOf(profile)
  const keys = profile.labelSets.map((labels, set) => labels.get(REQUEST_LABEL) ?? names[set]!)
  const groups = new Map<string, SpeedscopeGroup>()
  const all = newGroup(ALL_TOGETHER)
  const { stack, weight, labelSet } = profile.samples
  for (let i = 0; i < stack.length; i++) {
    const set = labelSet[i]!
    let group = groups.get(keys[set]!)
    if (group === undefined) {
      group = newGroup(names[set]!)
      groups.set(keys[set]!, group)
    }
    append(group, stack[i]!, weight[i]!)
    append(all, stack[i]!, weight[i]!)
  }
  if (groups.size === 0) return [newGroup(profile.name)]
  const sorted = [...groups.values()].sort((a, b) => b.total - a.total)
  return sorted.length === 1 ? sorted : [all, ...sorted]
}

// --- internal ---

function newGroup(name: string): SpeedscopeGroup {
  return { name, stack: new Int32Column(), weight: new Float64Column(), total: 0 }
}

function append(group: SpeedscopeGroup, stack: number, weight: number): void {
  group.total += weight
  const last = group.stack.length - 1
  if (last >= 0 && group.stack.at(last) === stack) {
    group.weight.set(last, group.weight.at(last) + weight)
  } else {
    group.stack.push(stack)
    group.weight.push(weight)
  }
}

/** Of each label set, `GET /x · 200 · worker 2`. */
function namesOf({ name, labelSets, sources }: Profile): string[] {
  const metas = new Map(sources.map((meta) => [meta.id, meta]))
  return labelSets.map((labels) => {
    const meta = metas.get(labels.get(REQUEST_LABEL) ?? '')
    const parts = partsOf(labels, meta).filter((part) => part !== '')
    return parts.join(' · ') || name
  })
}

function partsOf(labels: Labels, meta: DumpMeta | undefined): string[] {
  const request = labels.get(REQUEST_LABEL)
  const worker = labels.get(WORKER_LABEL)
  const parts: string[] = []
  if (request !== undefined) {
    parts.push(labels.get(ROUTE_LABEL) ?? request, meta === undefined ? '' : statusOf(meta))
  }
  if (worker !== undefined) parts.push(`worker ${worker}`)
  if (request !== undefined) return parts
  const own = PART_LABELS.filter((name) => name !== WORKER_LABEL).map((name) => labels.get(name))
  return [own[0] ?? '', ...parts, ...own.slice(1).map((name) => name ?? '')]
}
