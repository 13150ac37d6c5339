import { kindsOf } from '../../../src/profile/kinds.js'
import { neverSummed } from '../../../src/render/kinds.js'
import { counted } from '../../../src/render/measure.js'
import { type IndexEntry, select, summable } from '../../../src/viewer-api/wire.js'
import type { Target } from '../page-location.js'
import type { Picks } from './picks.js'

/** What the button opens, and what it is called. */
export interface Merge {
  /** Null where there is nothing to open, and the text says why. */
  readonly target: Target | null
  readonly text: string
}

/** What is picked, or else what can be summed of what is shown; null where that is nothing. */
export function mergeOf(
  all: readonly IndexEntry[],
  shown: readonly IndexEntry[],
  { ids }: Picks,
): Merge | null {
  const isPicked = ids.size > 0
  const chosen = isPicked ? select(all, { by: 'ids', ids: [...ids] }) : summable(shown)
  if (chosen.length === 0 || (chosen.length === 1 && !isPicked)) return null
  const kinds = kindsOf(chosen.flatMap(({ meta }) => meta ?? []))
  if (kinds.length > 1) return { target: null, text: neverSummed(kinds) }
  const noun = chosen.every(({ meta }) => meta?.request)
    ? 'request'
    : chosen.every(({ meta }) => meta?.kind === 'stall')
      ? 'stall'
      : 'profile'
  const selection = isAll(all, chosen) ? ({ by: 'all' } as const) : idsOf(chosen)
  return {
    target: { view: 'tree', selection },
    text: chosen.length === 1 ? 'Open 1' : `Merge ${counted(chosen.length, noun)}`,
  }
}

// --- internal ---

function isAll(all: readonly IndexEntry[], chosen: readonly IndexEntry[]): boolean {
  const every = new Set(select(all, { by: 'all' }))
  return chosen.length === every.size && chosen.every((entry) => every.has(entry))
}

function idsOf(entries: readonly IndexEntry[]) {
  return { by: 'ids', ids: entries.map(({ id }) => id) } as const
}
