import { lstatSync, readdirSync, type Stats, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { isJournal, isShortLived, isTemporaryDump, parseDumpName } from './dump-name.js'

/** What a directory of dumps may hold. `Infinity` where there is no limit. */
export interface StoreLimits {
  readonly files: number
  readonly bytes: number
  /** Age of a dump by its name, ms. */
  readonly ageMs: number
}

export const DEFAULT_LIMITS: StoreLimits = {
  files: 1_000,
  bytes: 1_000_000_000,
  ageMs: 7 * 24 * 3_600_000,
}

/** More than twice as long as a token is valid, or a minute is counted. */
export const SHORT_LIFE_MS = 900_000

export interface PruneResult {
  /** What dead writers and power cuts have left of dumps is counted, too. */
  readonly removed: number
  readonly removedBytes: number
  readonly kept: number
  readonly keptBytes: number
}

/** Dumps already seen, by name; one never changes, so its size is asked for once. */
export type KnownDumps = Map<string, FoundDump>

export interface FoundDump {
  readonly name: string
  readonly timeMs: number
  readonly bytes: number
}

/**
 * Removes the oldest dumps until the limits hold, and temporary files left by writers that died
 * over a minute ago. Several processes may do this at once: what another has removed meanwhile is
 * gone as wished. Only regular files with a name of ours are touched; the newest dump and `keep`
 * stay in any case. Throws what `readdir` throws.
 */
export function pruneDumps(
  dir: string,
  limits: StoreLimits,
  known: KnownDumps = new Map(),
  keep = '',
): PruneResult {
  const { dumps, swept, sweptBytes } = findDumps(dir, known)
  const oldest = Date.now() - limits.ageMs
  let fits = true
  let kept = 0
  let keptBytes = 0
  let removed = swept
  let removedBytes = sweptBytes
  for (const { name, bytes, timeMs } of dumps) {
    // Once one does not fit, all that are older go as well.
    fits &&= timeMs >= oldest && kept < limits.files && keptBytes + bytes <= limits.bytes
    if (kept === 0 || name === keep || fits || !remove(join(dir, name))) {
      kept++
      keptBytes += bytes
    } else {
      removed++
      removedBytes += bytes
      known.delete(name)
    }
  }
  return { removed, removedBytes, kept, keptBytes }
}

/** Removes what writers left that died over a minute ago. Never throws. */
export function sweepTemporaries(dir: string): void {
  try {
    const found: Findings = { dumps: [], swept: 0, sweptBytes: 0 }
    for (const name of readdirSync(dir)) if (isTemporaryDump(name)) lookAt(dir, name, found)
  } catch {
    // The directory is not there yet, or writing says what is wrong with it.
  }
}

// --- internal ---

/** Nobody copies a file for that long. */
const STALE_MS = 3_600_000
/** A dump is written in milliseconds. */
const STALE_TEMPORARY_MS = 60_000
/** Whoever writes dumps to its directory has made one of it long before. */
const STALE_JOURNAL_MS = 24 * 3_600_000

interface Findings {
  /** Newest first. */
  readonly dumps: FoundDump[]
  /** Remains that have been removed, and their bytes. */
  swept: number
  sweptBytes: number
}

/** Names alone are listed: to ask for types, too, would take as long again. */
function findDumps(dir: string, known: KnownDumps): Findings {
  const found: Findings = { dumps: [], swept: 0, sweptBytes: 0 }
  const names = readdirSync(dir)
  for (const name of names) {
    const dump = known.get(name) ?? lookAt(dir, name, found)
    if (dump === null) continue
    known.set(name, dump)
    found.dumps.push(dump)
  }
  if (known.size > found.dumps.length) {
    const present = new Set(names)
    for (const name of known.keys()) if (!present.has(name)) known.delete(name)
  }
  found.dumps.sort((a, b) => b.timeMs - a.timeMs || (a.name < b.name ? 1 : -1))
  return found
}

/** Null if it is no dump, or has gone. Removes it where it is what somebody has left. */
function lookAt(dir: string, name: string, found: Findings): FoundDump | null {
  const parsed = parseDumpName(name)
  const isShort = parsed === null && isShortLived(name)
  const isLog = parsed === null && isJournal(name)
  if (parsed === null && !isShort && !isLog && !isTemporaryDump(name)) return null
  const path = join(dir, name)
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (!stat?.isFile()) return null
  if (isShort) {
    if (isOlder(stat, SHORT_LIFE_MS)) remove(path)
    return null
  }
  if (parsed !== null && stat.size > 0) return { name, timeMs: parsed.timeMs, bytes: stat.size }
  // A power cut took its bytes, or whoever copies it here has written none yet; or it is temporary.
  const staleMs = isLog ? STALE_JOURNAL_MS : parsed === null ? STALE_TEMPORARY_MS : STALE_MS
  if (isOlder(stat, staleMs) && remove(path)) {
    found.swept++
    found.sweptBytes += stat.size
  }
  return null
}

function isOlder({ mtimeMs }: Stats, ageMs: number): boolean {
  return Date.now() - mtimeMs > ageMs
}

/** True if the file is gone afterwards. */
function remove(path: string): boolean {
  try {
    unlinkSync(path)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}
