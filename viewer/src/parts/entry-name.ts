import { titleOf } from '../../../src/profile/labels.js'
import { nounOf } from '../../../src/render/names.js'
import type { IndexEntry } from '../../../src/viewer-api/wire.js'

/** What an entry is called: its route, its job’s name, what of a process it is, or its file. */
export function nameOf({ meta, file }: IndexEntry): string {
  if (meta === null) return file
  return meta.kind === 'function' ? meta.name || file : titleOf(meta)
}

/** What they are called together: `request`, or `profile` of those of other tools. */
export function nounOfEntries(entries: readonly IndexEntry[]): string {
  return nounOf(
    entries.length,
    entries.flatMap(({ meta }) => meta ?? []),
  )
}

/** In milliseconds since the epoch: when it began. */
export function timeOf(entry: IndexEntry): number {
  return entry.meta ? Date.parse(entry.meta.startedAt) : entry.modifiedMs
}
