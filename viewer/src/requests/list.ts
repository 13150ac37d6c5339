import type { CostToOthers } from '../../../src/analysis/cost-to-others.js'
import type { Kind } from '../../../src/profile/kinds.js'
import { statusOf } from '../../../src/profile/labels.js'
import type { Ledger, Micros } from '../../../src/profile/profile.js'
import { type Bounds, boundsOf, exactly } from '../../../src/render/bounds.js'
import { sumLedgers } from '../../../src/render/header.js'
import {
  type IndexEntry,
  routeOfEntry,
  summable,
  workerOfEntry,
} from '../../../src/viewer-api/wire.js'
import { nameOf } from '../parts/entry-name.js'

/** Requests that belong together, and what they have in common. */
export interface Group {
  readonly key: string
  /** Null for what profview did not make. */
  readonly kind: Kind | null
  readonly entries: readonly IndexEntry[]
  /** Of their durations. */
  readonly median: number
  readonly p95: number
  readonly worst: number
  /** The sum over all of them; null where none has a ledger. */
  readonly ledger: Ledger | null
  /** Waiting that a route caused in other requests; null where it is not known. */
  readonly caused: Bounds | null
}

/**
 * Entries in which every word of the filter occurs: route, status, worker, host or file; of a
 * stall, whose it was and in which function, and why.
 */
export function filterEntries(entries: readonly IndexEntry[], filter: string): IndexEntry[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  return entries.filter((entry) => {
    const text = filterText(entry)
    return words.every((word) => text.includes(word))
  })
}

/**
 * One group for each route or worker, and for each kind of what has no route; of a worker's, what
 * can be summed. `costs` says what routes cost each other, if it is known.
 */
export function groupEntries(
  entries: readonly IndexEntry[],
  by: 'route' | 'worker',
  costs: readonly CostToOthers[] | null = null,
): Group[] {
  const groups = new Map<string, IndexEntry[]>()
  const keyOf = by === 'route' ? routeOfEntry : workerOfEntry
  for (const entry of entries) {
    const kind = by === 'route' ? entry.meta?.kind : ''
    const id = `${kind} ${keyOf(entry)}`
    const group = groups.get(id)
    if (group) group.push(entry)
    else groups.set(id, [entry])
  }
  const caused = new Map(
    costs?.map(({ culprit, micros, upToMicros }) => [culprit, boundsOf(micros, upToMicros)]),
  )
  return [...groups.values()].map((members) => {
    const key = keyOf(members[0]!)
    return {
      ...summarize(key, summable(members)),
      caused: costs && key !== '' ? (caused.get(key) ?? exactly(0)) : null,
    }
  })
}

/** How long it took; 0 for a profile that does not count time. */
export function durationOf({ unit, weight }: IndexEntry): Micros {
  return unit === 'microseconds' ? (weight ?? 0) : 0
}

// --- internal ---

function filterText(entry: IndexEntry): string {
  const { meta } = entry
  const worker = workerOfEntry(entry)
  const facts = meta ? [statusOf(meta), meta.process.host, meta.id] : []
  const { by = [], cause = '' } = meta?.stall ?? {}
  const held = [cause, ...by.flatMap(({ title, name }) => [title, name])]
  const texts = [nameOf(entry), entry.file, worker && `worker ${worker}`, ...facts, ...held]
  return texts.join(' ').toLowerCase()
}

function summarize(key: string, entries: readonly IndexEntry[]): Omit<Group, 'caused'> {
  const durations = entries.map(durationOf).sort((a, b) => a - b)
  const middle = durations.length >> 1
  const median =
    durations.length % 2 === 1
      ? durations[middle]!
      : Math.round((durations[middle - 1]! + durations[middle]!) / 2)
  return {
    key,
    kind: entries[0]!.meta?.kind ?? null,
    entries,
    median,
    p95: durations[Math.ceil(durations.length * 0.95) - 1] ?? 0,
    worst: durations.at(-1) ?? 0,
    ledger: sumLedgers(entries.flatMap((entry) => entry.meta ?? [])),
  }
}
