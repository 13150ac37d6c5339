/** Which entries are picked, by id, and which one was picked or left last. */
export interface Picks {
  readonly ids: ReadonlySet<string>
  readonly last: string | null
}

export const NO_PICKS: Picks = { ids: new Set(), last: null }

/**
 * Picks or leaves the entry in a row; `toHere`: and all between it and the last one, which become
 * as this one does. `shown` are the ids in the order of the rows.
 */
export function pickRow(
  picks: Picks,
  shown: readonly string[],
  row: number,
  toHere: boolean,
): Picks {
  const id = shown[row]!
  const from = toHere && picks.last !== null ? shown.indexOf(picks.last) : -1
  const start = from === -1 ? row : Math.min(from, row)
  const end = from === -1 ? row : Math.max(from, row)
  return { ids: withAll(picks.ids, shown.slice(start, end + 1), !picks.ids.has(id)), last: id }
}

/** Picks all that are shown; leaves them where all are picked. */
export function pickAll(picks: Picks, shown: readonly string[]): Picks {
  return { ids: withAll(picks.ids, shown, !areAllPicked(picks, shown)), last: null }
}

export function areAllPicked({ ids }: Picks, shown: readonly string[]): boolean {
  return shown.length > 0 && shown.every((id) => ids.has(id))
}

// --- internal ---

function withAll(ids: ReadonlySet<string>, some: readonly string[], wanted: boolean): Set<string> {
  const next = new Set(ids)
  for (const id of some) {
    if (wanted) next.add(id)
    else next.delete(id)
  }
  return next
}
