import {
  fromQuery,
  type IndexEntry,
  routeOfEntry,
  type Selection,
  toQuery,
  workerOfEntry,
} from '../../../src/viewer-api/wire.js'
import { nounOfEntries } from '../parts/entry-name.js'

/** What a selection is compared with. */
export interface Sides {
  readonly before: Selection
  readonly after: Selection
}

/** What the selection can be compared with, as it stands in the address and as people read it. */
export interface Counterpart {
  readonly value: string
  readonly text: string
}

export const HALVES = 'halves'

/** What the selection can be compared with: its own halves, and what else there is. */
export function choicesFor(
  selection: Selection,
  entries: readonly IndexEntry[],
  all: readonly IndexEntry[],
): Counterpart[] {
  const own = toQuery(selection)
  const halves = entries.length > 1 ? [{ value: HALVES, text: 'its fast half' }] : []
  const routes = named(all, routeOfEntry).map((route) => choice({ by: 'route', route }, route))
  const workers = named(all, workerOfEntry).map((worker) =>
    choice({ by: 'worker', worker }, `worker ${worker}`),
  )
  const rest = all.length > 1 ? [choice({ by: 'all' }, `all ${nounOfEntries(all)}s`)] : []
  const files =
    all.length > FEW ? [] : all.map(({ id, file }) => choice({ by: 'ids', ids: [id] }, file))
  return [
    ...halves,
    ...[...routes, ...workers, ...rest, ...files].filter(({ value }) => value !== own),
  ]
}

/** The two sides of a choice; null where the address names none. */
export function sidesOf(
  value: string,
  selection: Selection,
  entries: readonly IndexEntry[],
): Sides | null {
  if (value === HALVES) return entries.length > 1 ? halvesOf(entries) : null
  const before = fromQuery(new URLSearchParams(value))
  return before && { before, after: selection }
}

// --- internal ---

/** Profiles that are offered one by one. */
const FEW = 20

function choice(selection: Selection, text: string): Counterpart {
  return { value: toQuery(selection), text }
}

function named(entries: readonly IndexEntry[], nameOf: (entry: IndexEntry) => string): string[] {
  return [...new Set(entries.map(nameOf))].filter((name) => name !== '').sort()
}

/**
 * The faster requests before, the slower ones after; the middle one of an odd number is a slow one.
 */
function halvesOf(entries: readonly IndexEntry[]): Sides {
  const rising = [...entries].sort((a, b) => (a.weight ?? 0) - (b.weight ?? 0))
  const ids = rising.map(({ id }) => id)
  const middle = ids.length >> 1
  return {
    before: { by: 'ids', ids: ids.slice(0, middle) },
    after: { by: 'ids', ids: ids.slice(middle) },
  }
}
