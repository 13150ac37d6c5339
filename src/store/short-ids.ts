import type { DumpEntry } from './dump-list.js'

/**
 * For each dump the beginning of its id that no other of these begins with: all of one length, six
 * characters or more. Copies of one dump share theirs.
 */
export function shortIds(entries: readonly DumpEntry[]): ReadonlyMap<DumpEntry, string> {
  const ids = [...new Set(entries.map(({ meta }) => meta.id))].sort()
  let length = SHORTEST
  // In order, those that have most in common stand beside each other.
  for (let i = 1; i < ids.length; i++) {
    let shared = 0
    while (shared < ids[i]!.length && ids[i]![shared] === ids[i - 1]![shared]) shared++
    length = Math.max(length, shared + 1)
  }
  return new Map(entries.map((entry) => [entry, entry.meta.id.slice(0, length)]))
}

// --- internal ---

const SHORTEST = 6
