import { type IndexEntry, routeOfEntry } from '../../../src/viewer-api/wire.js'

/** What an entry is called: its route, its job’s name, or its file. */
export function nameOf(entry: IndexEntry): string {
  return routeOfEntry(entry) || entry.meta?.name || entry.file
}

/** In milliseconds since the epoch: when it began. */
export function timeOf(entry: IndexEntry): number {
  return entry.meta ? Date.parse(entry.meta.startedAt) : entry.modifiedMs
}
