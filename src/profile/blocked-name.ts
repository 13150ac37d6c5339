import { FOREIGN } from './frames.js'
import type { DumpMeta, Micros } from './profile.js'

/** A part of the blocked time of some dumps, and what it is called. */
export interface BlockedPart {
  readonly name: string
  readonly micros: Micros
}

/**
 * Do the dumps mean different things by `blocked`? In version 1 it is all foreign time while the
 * request waited, whether or not that delayed it.
 */
export function mixesVersions(sources: readonly DumpMeta[]): boolean {
  return sources.some(({ version }) => version === 1) && sources.some(({ version }) => version > 1)
}

/**
 * The blocked time of a profile's dumps by what it is called: `blocked`, in one part, but where
 * those of version 1 are among, or compared with, others, it is `foreign time while waiting
 * (version 1)` and a part of its own. Parts without time are left out, unless there is no other.
 */
export function blockedParts(
  sources: readonly DumpMeta[],
  compared: readonly DumpMeta[] = sources,
): readonly BlockedPart[] {
  const isApart = mixesVersions(compared)
  const parts = new Map([[BLOCKED_NAME, 0]])
  for (const { version, ledger } of sources) {
    const name = isApart && version === 1 ? FOREIGN_NAME : BLOCKED_NAME
    parts.set(name, (parts.get(name) ?? 0) + ledger.blocked)
  }
  const all = [...parts].map(([name, micros]) => ({ name, micros }))
  const withTime = all.filter(({ micros }) => micros > 0)
  return withTime.length > 0 ? withTime : all.slice(0, 1)
}

/** What texts about a profile call its blocked time, in one word or two. */
export function blockedName(
  { sources }: { readonly sources: readonly DumpMeta[] },
  compared: readonly DumpMeta[] = sources,
): string {
  return blockedParts(sources, compared)
    .map(({ name }) => name)
    .join(' and ')
}

// --- internal ---

const BLOCKED_NAME = 'blocked'
/** Without its brackets. */
const FOREIGN_NAME = FOREIGN.slice(1, -1)
