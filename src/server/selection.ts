import { readFileSync } from 'node:fs'
import { ProfviewError } from '../errors.js'
import { isGzip, writeProfile } from '../formats/registry.js'
import type { Profile } from '../profile/profile.js'
import { mergeProfiles } from '../transform/merge.js'
import { reasonOf, type ViewerSource } from './source.js'
import { fromQuery, type IndexEntry, select } from './wire.js'

/**
 * Answers selections with the bytes of one profile: a single entry as it is, several merged. A file that
 * cannot be read is left out with a warning in the merged profile. Throws `BAD_INPUT` where nothing
 * is left, or the query names no selection.
 */
export function createSelectionReader(source: ViewerSource) {
  return (query: URLSearchParams): Buffer => {
    const selection = fromQuery(query)
    if (!selection) throw new ProfviewError('BAD_INPUT', 'this address names no profiles')
    const entries = select(source.scan().entries, selection)
    if (entries.length === 0) throw new ProfviewError('BAD_INPUT', 'these profiles are not there')
    const own = entries.length === 1 ? ownBytes(source, entries[0]!) : null
    return own ?? Buffer.from(writeProfile(readAll(source, entries), 'cpuprofile'))
  }
}

// --- internal ---

/** What V8 or we wrote is sent as it lies on disk, since the page reads the same format; null for others. */
function ownBytes(source: ViewerSource, entry: IndexEntry): Buffer | null {
  if (!entry.file.endsWith('.cpuprofile')) return null
  try {
    const bytes = readFileSync(source.pathOf(entry.id))
    return isGzip(bytes) ? null : bytes
  } catch (error) {
    throw new ProfviewError('IO', 'this profile is no longer there', { cause: error })
  }
}

function readAll(source: ViewerSource, entries: readonly IndexEntry[]): Profile {
  if (entries.length === 1) return source.read(entries[0]!.id)
  const profiles: Profile[] = []
  const warnings: string[] = []
  for (const entry of entries) {
    try {
      profiles.push(source.read(entry.id))
    } catch (error) {
      warnings.push(`${entry.file}: ${reasonOf(error)}`)
    }
  }
  if (profiles.length === 0) throw new ProfviewError('BAD_INPUT', warnings[0] ?? 'nothing to show')
  const merged = mergeProfiles(profiles)
  return { ...merged, warnings: [...merged.warnings, ...warnings] }
}
