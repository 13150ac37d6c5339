import { withoutFiles } from '../formats/shared/dump-meta.js'
import { totalWeight } from '../profile/calltree.js'
import { workerNames, workerOf } from '../profile/labels.js'
import type { DumpMeta, Profile, Unit } from '../profile/profile.js'

/** One profile that can be opened, as the page lists it. */
export interface IndexEntry {
  /**
   * Short, stable for as long as the file stays where it is; the only name that a URL may carry.
   */
  readonly id: string
  /** For people: the path below the input it was found in, or what the profile is called. */
  readonly file: string
  readonly bytes: number
  readonly modifiedMs: number
  /** What the dump says about itself; null for a profile that profview did not make. */
  readonly meta: DumpMeta | null
  /**
   * The sum of its samples in its unit: a dump's duration. Null until the file has been looked
   * into.
   */
  readonly weight: number | null
  readonly unit: Unit | null
  /** What its worker is called among the others, where that is more than its number. */
  readonly worker?: string
}

/** Entries that are listed together: hosts count where there are several. */
export function besideEachOther(entries: readonly IndexEntry[]): IndexEntry[] {
  const names = workerNames(entries, ({ meta }) => meta)
  return entries.map((entry) => {
    const worker = names.get(entry)
    return worker === undefined || worker === workerOf(entry.meta!) ? entry : { ...entry, worker }
  })
}

/** What only the profile itself can tell. */
export function entryFacts(profile: Profile): Pick<IndexEntry, 'meta' | 'weight' | 'unit'> {
  const meta = profile.sources.length === 1 ? withoutFiles(profile.sources[0]!) : null
  return { meta, weight: totalWeight(profile), unit: profile.unit }
}
